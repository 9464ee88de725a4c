"""Children that live and die with their parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.jobs.supervisor import EARLY_DEATHS, HopelessChild, Supervisor

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


def is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def wait_gone(pid: int) -> bool:
    for _ in range(200):
        if not is_alive(pid):
            return True
        time.sleep(0.02)
    return False


def test_a_child_that_died_is_started_again() -> None:
    supervisor = Supervisor({})
    child = supervisor.start("one", SLEEPER)
    first = child.process.pid
    child.process.kill()
    child.process.wait()

    supervisor.revive()
    child.rests_until = child.rests_until and 0
    supervisor.revive()

    assert child.process.pid != first and is_alive(child.process.pid)
    supervisor.stop()
    assert wait_gone(child.process.pid)


def test_a_child_that_cannot_stay_alive_is_given_up() -> None:
    supervisor = Supervisor({})
    child = supervisor.start("broken", [sys.executable, "-c", "raise SystemExit(3)"])

    with pytest.raises(HopelessChild) as caught:
        for _ in range(EARLY_DEATHS):
            child.process.wait()
            child.rests_until = child.rests_until and 0
            supervisor.revive()
            child.rests_until = child.rests_until and 0
            supervisor.revive()

    assert caught.value.name == "broken" and caught.value.code == 3


def test_a_patient_supervisor_pauses_longer_each_time() -> None:
    supervisor = Supervisor({})
    child = supervisor.start("broken", [sys.executable, "-c", "raise SystemExit(3)"])
    child.process.wait()
    child.early_deaths = EARLY_DEATHS

    assert supervisor.revive(patient=True) == []

    assert child.rests_until is not None and child.rests_until - time.monotonic() > 20


def test_who_serves_the_others_ends_last(tmp_path: Path) -> None:
    note = tmp_path / "ends"
    program = ("import signal, sys, time\n"
               "def end(*_):\n    time.sleep(.2); open(sys.argv[1], 'a').write(sys.argv[2]); sys.exit()\n"
               "signal.signal(signal.SIGTERM, end)\nopen(sys.argv[1] + sys.argv[2], 'w')\ntime.sleep(60)")
    supervisor = Supervisor({})
    for name, own_group in (("queue", True), ("web", False), ("worker", False)):
        supervisor.start(name, [sys.executable, "-c", program, str(note), f"{name} "], own_group=own_group)
        while not Path(f"{note}{name} ").exists():
            time.sleep(0.01)

    supervisor.stop()

    assert note.read_text().split()[-1] == "queue" and len(note.read_text().split()) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="parents' death is told to children on Linux only")
def test_children_die_with_a_parent_that_was_killed() -> None:
    program = ("import sys, time\nfrom app.jobs.supervisor import Supervisor\n"
               f"child = Supervisor({{}}).start('x', {SLEEPER!r})\nprint(child.process.pid, flush=True)\ntime.sleep(60)")
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())

    os.kill(parent.pid, signal.SIGKILL)
    parent.communicate()

    assert wait_gone(child)
