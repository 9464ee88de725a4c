"""A process that serves requests until it is killed, and is then replaced by the next one.

The parent stays clean: it holds no database connection and no thread, so that a fork of it is a fresh
process at the price of a few milliseconds. A request may arm a fault point; no answer means that the
process died there, as a browser sees it when the server is gone.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import IO, Any

from app import faults
from app.jobs.supervisor import die_with_parent

Request = dict[str, Any]
Answer = dict[str, Any]
Serve = Callable[[Request], Answer]


class Broken(Exception):
    """The process ended or answered in a way that no fault point explains."""


class Servant:
    """``ask`` answers, or None when the armed fault point killed the process (a new one stands ready)."""

    def __init__(self, serve: Serve) -> None:
        self._serve, self.deaths = serve, 0
        self._start()

    def ask(self, request: Request) -> Answer | None:
        self.send(request)
        return self.receive()

    def send(self, request: Request) -> None:
        self._requests.write(json.dumps(request) + "\n")
        self._requests.flush()

    def receive(self) -> Answer | None:
        line = self._answers.readline()
        if not line:
            self._bury()
            self._start()
            return None
        answer: Answer = json.loads(line)
        if "broken" in answer:
            raise Broken(answer["broken"])
        return answer

    def close(self) -> None:
        """End the idle process. A brother may hold its end of the pipe too, so closing that is not enough."""
        os.kill(self._pid, signal.SIGKILL)
        self._requests.close()
        self._answers.close()
        os.waitpid(self._pid, 0)

    def _start(self) -> None:
        (requests_out, requests_in), (answers_out, answers_in) = os.pipe(), os.pipe()
        self._pid = os.fork()
        if not self._pid:
            os.close(requests_in)
            os.close(answers_out)
            _live(self._serve, os.fdopen(requests_out), os.fdopen(answers_in, "w"))
        os.close(requests_out)
        os.close(answers_in)
        self._requests: IO[str] = os.fdopen(requests_in, "w")
        self._answers: IO[str] = os.fdopen(answers_out)

    def _bury(self) -> None:
        self._answers.close()
        self._requests.close()
        _pid, status = os.waitpid(self._pid, 0)
        if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
            raise Broken(f"the process ended by itself, status {status}")
        self.deaths += 1


def _live(serve: Serve, requests: IO[str], answers: IO[str]) -> None:
    """The child's whole life. Never returns."""
    try:
        die_with_parent()
        for line in requests:
            request = json.loads(line)
            faults.arm(*request.pop("fault", None) or ("",))
            try:
                answer = serve(request)
                faults.fault_point("web.before_response")
            except Exception:  # noqa: BLE001  told to the parent, which raises it
                answer = {"broken": traceback.format_exc()}
            faults.arm("")
            answers.write(json.dumps(answer) + "\n")
            answers.flush()
    except KeyboardInterrupt:
        pass
    finally:
        sys.stderr.flush()
        os._exit(0)
