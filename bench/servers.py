"""The servers under load: gunicorn with two workers of four threads, the same for the floor and the product."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.config import ROOT
from app.jobs import processes
from bench.doors import FloorDoor, ProductDoor
from bench.worlds import World, open_world

PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class Server:
    url: str
    pid: int

    def rss_mb(self) -> float:
        """Resident memory of the largest worker, MB."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return max(_rss_mb(int(child)) for child in children)


def _rss_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


@dataclass(slots=True)
class Site:
    """A world with both of its servers running."""

    world: World
    product: Server
    floor: Server

    def product_door(self) -> ProductDoor:
        return ProductDoor(self.product.url)

    def floor_door(self) -> FloorDoor:
        return FloorDoor(self.floor.url)


@dataclass(slots=True)
class Sites:
    """Worlds are opened when a metric asks for them, and closed together at the end."""

    database_url: str
    stack: ExitStack = field(default_factory=ExitStack)
    _open: dict[str, Site] = field(default_factory=dict)

    def get(self, name: str) -> Site:
        if name not in self._open:
            world = self.stack.enter_context(open_world(self.database_url, name))
            ours = self.stack.enter_context(serve(world, "bench.product:create()", world.config.environ()))
            floors = self.stack.enter_context(serve(world, "bench.floor:create_app()", {"FLOOR_URL": world.floor_url}))
            self._open[name] = Site(world, ours, floors)
        return self._open[name]


@contextmanager
def serve(world: World, application: str, environ: dict[str, str]) -> Iterator[Server]:
    """The product's own command line, with ``application`` in its place."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.set_inheritable(True)
        config = world.config.with_changes(data_dir=_folder(world, application))
        command = [*processes.web(config, f"fd://{listener.fileno()}")[:-1], application]
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        running = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environ}, pass_fds=(listener.fileno(),))
        try:
            _wait(url, running)
            yield Server(url, running.pid)
        finally:
            running.terminate()
            running.wait(30)


def _folder(world: World, application: str) -> Path:
    folder = world.config.data_dir / application.partition(":")[0]
    folder.mkdir(exist_ok=True)
    return folder


def _wait(url: str, running: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and running.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/healthz", timeout=PATIENCE_S).close()  # noqa: S310 our own
            return
        except urllib.error.HTTPError:
            return                            # the floor has no such page, but it answers
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"{url} does not answer")
