"""Database, transactions and the Flask extensions that the doors share."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import DateTime, MetaData, Text, event
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from app import clock
from app.actor import Actor
from app.faults import fault_point


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s", "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s"})


db = SQLAlchemy(model_class=Base, disable_autonaming=True, session_options={"expire_on_commit": False})
login_manager = LoginManager()
csrf = CSRFProtect()
limiter = Limiter(key_func=get_remote_address)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware UTC in Python, ``timestamptz`` in PostgreSQL, naive UTC text in SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


class JsonText(TypeDecorator[Any]):
    """JSON kept as text, byte for byte in the order written. Never JSONB: it reorders keys (engine.md D4)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


# SQLite has one writer. A transaction that reads first and writes later fails with "database is
# locked"; one that says so at its beginning waits its turn (research/platform.md §2.4).
_writes: ContextVar[bool] = ContextVar("writes", default=False)


def configure_sqlite(engine: Engine) -> None:
    """WAL synced at each commit (an answered click outlives a power cut), foreign keys, BEGIN IMMEDIATE for writers."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=15000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writes.get() else "BEGIN")


LOCK_TIMEOUT = "10s"          # PostgreSQL; web/errors.py turns it into "come back later"


def configure_postgresql(engine: Engine) -> None:
    """A transaction that waits longer than ``LOCK_TIMEOUT`` for a lock fails, instead of holding its thread for ever."""
    if engine.dialect.name != "postgresql":
        return

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
        connection.commit()


def begin_writing() -> None:
    """The doors call this first in a request that may change something."""
    _writes.set(True)


def end_writing() -> None:
    _writes.set(False)


class AfterCommit(Protocol):
    def __call__(self) -> None: ...


class Work(Protocol):
    """What a command needs of its surroundings: a unit of work, or an operation's context."""

    @property
    def session(self) -> Session: ...
    @property
    def actor(self) -> Actor: ...
    @property
    def now(self) -> datetime: ...


@dataclass(slots=True)
class UnitOfWork:
    """One transaction: who, when, and what to do once it is safe."""

    session: Session
    actor: Actor
    now: datetime
    after_commit: list[AfterCommit] = field(default_factory=list)


@contextmanager
def unit_of_work(actor: Actor, *, now: datetime | None = None) -> Iterator[UnitOfWork]:
    """Run one command in one transaction and commit it; any exception rolls all of it back.

    Commands below never commit. A read transaction that is already open is ended first, so that
    SQLite can begin the new one as a writer; objects loaded before must be loaded again.
    """
    session = db.session()
    if session.in_transaction() and not _writes.get():
        session.rollback()
    token = _writes.set(True)
    uow = UnitOfWork(session, actor, now or clock.now())
    try:
        yield uow
        session.flush()
        fault_point("uow.before_commit")
        session.commit()
        fault_point("uow.after_commit")
    except BaseException:
        session.rollback()
        raise
    finally:
        _writes.reset(token)
    for hook in uow.after_commit:
        hook()


def release() -> None:
    """End the open transaction before slow work (hashing, rendering), so that no lock is held meanwhile."""
    db.session.rollback()
