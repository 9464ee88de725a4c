"""Real processes for tests: the same commands as ``make run``, each can be killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Mapping
from types import TracebackType

from app.config import Config
from app.jobs import processes


class Stack:
    """``start`` any of web, worker, scheduler; all end with the test. The web's port stays open while it restarts."""

    def __init__(self, config: Config) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.set_inheritable(True)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.config = config.with_changes(base_url=self.url, web_workers=1)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str, environ: Mapping[str, str] | None = None) -> None:
        """``environ`` e.g. {"QILIU_FAULT": "uow.before_commit:2"}."""
        for name in names:
            self._running[name] = subprocess.Popen(
                self._command(name), env={**os.environ, **self.config.environ(), **(environ or {})},
                pass_fds=(self._listener.fileno(),), start_new_session=True)
        if "web" in names:
            self._wait_for_web()

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """A signal to a process and all its children."""
        process = self._running.pop(name)
        os.killpg(process.pid, number)
        process.wait(20)

    def is_running(self, name: str) -> bool:
        return self._running[name].poll() is None

    def wait_dead(self, name: str, timeout_s: float = 20) -> int:
        """Wait until a process with an armed fault point has killed itself; its exit code."""
        return self._running.pop(name).wait(timeout_s)

    def _command(self, name: str) -> list[str]:
        commands = {"web": lambda: processes.web(self.config, f"fd://{self._listener.fileno()}"),
                    "worker": processes.worker, "scheduler": processes.scheduler}
        return commands[name]()

    def _wait_for_web(self) -> None:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=5).close()
                return
            except OSError:
                time.sleep(0.05)
        raise TimeoutError("web")

    def __enter__(self) -> Stack:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        for name in list(self._running):
            self.kill(name)
        self._listener.close()
