"""A case to play with: publish a diagram, start it, act on it, look at the tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from flask.ctx import AppContext
from sqlalchemy import Engine, event, select

from app.actor import Actor
from app.engine import catalogue, commands
from app.engine.models import OPEN, Event, Incident, ProcessInstance, Subscription, Timer, WorkItem
from app.extensions import db, unit_of_work
from tests.unit.engine.diagrams import Scope, publish

START = datetime(2026, 5, 19, 1, 0, tzinfo=UTC)      # 9:00 in Taipei
STAFF = Actor(7, "承辦人員", frozenset({"reviewer"}))
_keys = count()


class Case:
    """One running case, driven through the commands as the doors do."""

    def __init__(self, process: Scope, *, actor: Actor = STAFF, now: datetime = START, files: dict[str, bytes] | None = None,
                 decisions: dict[str, str] | None = None, **options: Any) -> None:
        self.actor, self.now = actor, now
        with self.work() as uow:
            publish(uow, process, files, decisions)
        with self.work() as uow:
            instance = commands.start(uow, process.id, title="一件", business_key=options.pop("business_key", f"K-{process.id}"),
                                      parties=options.pop("parties", {"vendor": "org:1"}), **options)
        self.id = instance.id

    def work(self, actor: Actor | None = None):
        return unit_of_work(actor or self.actor, now=self.now)

    def later(self, **delta: float) -> Case:
        self.now += timedelta(**delta)
        return self

    @property
    def row(self) -> ProcessInstance:
        db.session.rollback()
        return db.session.get_one(ProcessInstance, self.id, populate_existing=True)

    def rows(self, model: Any, *where: Any) -> list[Any]:
        db.session.rollback()
        db.session.expire_all()
        return list(db.session.scalars(select(model).where(model.instance_id == self.id, *where).order_by(model.id)))

    def items(self) -> list[WorkItem]:
        return self.rows(WorkItem, WorkItem.status == OPEN)

    def open(self) -> list[str]:
        return sorted(item.node_id for item in self.items())

    def item(self, node: str) -> WorkItem:
        return next(item for item in self.items() if item.node_id == node)

    def send(self, node: str, *, actor: Actor | None = None, key: str | None = None, **values: Any) -> commands.Completion:
        item = self.item(node)
        with self.work(actor) as uow:
            return commands.complete(uow, item.id, values, expected=item.version, command_key=key or f"k{next(_keys)}")

    def fire(self) -> int:
        with self.work() as uow:
            return commands.fire_timers(uow, self.id)

    def timers(self) -> list[Timer]:
        return self.rows(Timer)

    def waits(self) -> list[str]:
        return [row.name for row in self.rows(Subscription)]

    def incident(self) -> Incident:
        (found,) = self.rows(Incident, Incident.resolved_at.is_(None))
        return found

    def incidents(self) -> list[Incident]:
        return self.rows(Incident, Incident.resolved_at.is_(None))

    def events(self, *kinds: str) -> list[Event]:
        return [event for event in self.rows(Event) if not kinds or event.kind in kinds]

    def done(self) -> list[str]:
        """Nodes that were passed, in order."""
        passed = self.events("step.completed", "task.completed", "timer.fired", "message.received")
        return [event.node_id or "" for event in passed]

    def flows(self) -> list[str]:
        return [flow for event in self.events() for flow in (event.data or {}).get("flows", [])]


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The statements sent to the database meanwhile."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(" ".join(statement.split())[:90])
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def case(ctx: AppContext) -> Callable[..., Case]:
    return Case


@pytest.fixture
def operation() -> Iterator[Callable[..., Any]]:
    """``@operation("name")``: register for one test."""
    before = dict(catalogue._operations)
    yield lambda name, **options: catalogue.operation(name, title=name, **options)
    catalogue._operations.clear()
    catalogue._operations.update(before)
