"""The whole system as one process group."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.config import ROOT
from app.jobs import up

UP = [sys.executable, "-m", "app.jobs.up"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def processes_with(text: str) -> list[int]:
    """Running processes that have ``text`` in their environment or arguments."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            seen = (folder / "environ").read_bytes() + (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if text.encode() in seen and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found


class Site:
    def __init__(self, data_dir: Path) -> None:
        self.data_dir, self.port = data_dir, free_port()
        self.environ = {**os.environ, "PORT": str(self.port), "QILIU_DATA_DIR": str(data_dir), "QILIU_DEMO": "0"}
        self.environ.pop("REDIS_URL", None)
        self.process = subprocess.Popen(UP, cwd=ROOT, env=self.environ, stdout=subprocess.PIPE, text=True)

    def get(self, path: str) -> dict[str, object]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return dict(json.load(answer))
        except OSError:
            return {}

    def wait_ready(self, timeout_s: float = 60) -> bool:
        for _ in range(int(timeout_s / 0.2)):
            if self.get("/readyz").get("status") == "ok":
                return True
            time.sleep(0.2)
        return False


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    running = Site(tmp_path / "data")
    yield running
    if running.process.poll() is None:
        running.process.kill()
    running.process.wait()
    assert running.process.stdout is not None
    running.process.stdout.close()


@pytest.mark.parametrize(("environ", "wanted"), [
    ({}, (True, True)), ({"QILIU_DEMO": "0"}, (True, False)), ({"QILIU_HOST": "0.0.0.0"}, (False, False)),
    ({"DATABASE_URL": "postgresql://u@h/d"}, (False, False)),
    ({"QILIU_HOST": "0.0.0.0", "QILIU_DEMO": "1"}, (False, True))])
def test_demo_data_and_the_mailbox_are_only_for_this_machine(tmp_path: Path, environ: dict[str, str],
                                                            wanted: tuple[bool, bool]) -> None:
    config = up._config({"QILIU_DATA_DIR": str(tmp_path), **environ})

    assert (config.dev, config.demo) == wanted


@pytest.mark.xdist_group("up")
def test_the_system_starts_heals_and_ends_cleanly(site: Site) -> None:
    assert site.wait_ready()

    second = subprocess.run(UP, cwd=ROOT, env={**site.environ, "PORT": str(free_port())}, capture_output=True, text=True)
    assert second.returncode == 1 and len(second.stderr.strip().splitlines()) == 1 and "另一個契流" in second.stderr

    for pid in processes_with("app.jobs.worker"):
        if str(site.data_dir) in Path(f"/proc/{pid}/environ").read_text():
            os.kill(pid, signal.SIGKILL)
    assert site.wait_ready()

    site.process.send_signal(signal.SIGTERM)
    said, _ = site.process.communicate(timeout=40)
    assert site.process.returncode == 0 and said.rstrip().endswith("契流已停止。")
    assert processes_with(str(site.data_dir)) == []


@pytest.mark.xdist_group("up")
def test_nothing_is_left_when_it_is_killed(site: Site) -> None:
    assert site.wait_ready()

    site.process.kill()
    site.process.wait()

    for _ in range(200):
        if not processes_with(str(site.data_dir)):
            break
        time.sleep(0.1)
    assert processes_with(str(site.data_dir)) == []


def test_a_taken_port_is_named_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = subprocess.run(UP, cwd=ROOT, env={**os.environ, "PORT": port, "QILIU_DATA_DIR": str(tmp_path)},
                                capture_output=True, text=True)

    assert result.returncode == 1
    assert f"127.0.0.1:{port}" in result.stderr and len(result.stderr.strip().splitlines()) == 1
