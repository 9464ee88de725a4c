"""Children that live and die with their parent, and are started again when they die alone."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

EARLY_S = 5.0          # a child that dies sooner after its start has a fault of its own
EARLY_DEATHS = 4       # so many in a row and it is given up
LONGEST_PAUSE_S = 30
PR_SET_PDEATHSIG = 1


@dataclass(slots=True)
class Child:
    name: str
    command: Sequence[str]
    own_group: bool
    process: subprocess.Popen[bytes]
    started: float
    early_deaths: int = 0
    rests_until: float | None = None


@dataclass(slots=True)
class Supervisor:
    """Starts, watches and ends processes. ``environ`` is added to this process's own."""

    environ: Mapping[str, str]
    children: dict[str, Child] = field(default_factory=dict)

    def start(self, name: str, command: Sequence[str], *, own_group: bool = False, fds: Sequence[int] = ()) -> Child:
        """``own_group`` keeps Ctrl-C away from a child that must outlive the others; it is ended last."""
        child = Child(name, command, own_group, self._spawn(command, own_group, fds), time.monotonic())
        self.children[name] = child
        return child

    def revive(self, *, patient: bool = False) -> list[str]:
        """Start again what died, after a growing pause when it dies early. Returns the names of those started.

        patient  never give up; else HopelessChild is raised when one cannot stay alive
        """
        started = []
        for child in self.children.values():
            if child.process.poll() is None:
                continue
            if child.rests_until is None:
                self._note_death(child, patient)
            if child.rests_until is not None and time.monotonic() >= child.rests_until:
                child.process = self._spawn(child.command, child.own_group, ())
                child.started, child.rests_until = time.monotonic(), None
                started.append(child.name)
        return started

    def _note_death(self, child: Child, patient: bool) -> None:
        is_early = time.monotonic() - child.started < EARLY_S
        child.early_deaths = child.early_deaths + 1 if is_early else 0
        if child.early_deaths >= EARLY_DEATHS and not patient:
            raise HopelessChild(child.name, child.process.returncode)
        child.rests_until = time.monotonic() + min(LONGEST_PAUSE_S, 2**child.early_deaths - 1)

    def stop(self, *, grace_s: float = 25) -> None:
        """End all: first those that use the others, at once, then the children with a group of their own."""
        for own_group in (False, True):
            ending = [child.process for child in self.children.values() if child.own_group is own_group]
            for process in ending:
                process.terminate()                       # does nothing when it has ended
            deadline = time.monotonic() + grace_s
            for process in ending:
                _wait_or_kill(process, max(0.1, deadline - time.monotonic()))
        self.children.clear()

    def _spawn(self, command: Sequence[str], own_group: bool, fds: Sequence[int]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, env={**os.environ, **self.environ}, pass_fds=tuple(fds),
                                process_group=0 if own_group else None, preexec_fn=die_with_parent)


class HopelessChild(Exception):
    """A child dies again and again right after its start."""

    def __init__(self, name: str, code: int | None) -> None:
        self.name, self.code = name, code
        super().__init__(f"{name} ({code})")


def _wait_or_kill(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def die_with_parent() -> None:
    """In the child, before its program starts: SIGTERM when the parent is gone, also after SIGKILL (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
