"""What the killed processes do: the commands that the web server, the worker and the scheduler run, by name."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from app import clock
from app.accounts import queries as accounts
from app.accounts.models import User
from app.actor import SYSTEM
from app.engine import commands
from app.engine.models import OPEN, Command, Incident, ProcessInstance, Timer, WorkItem
from app.errors import AppError, InvalidInput
from app.extensions import UnitOfWork, db, unit_of_work
from app.jobs import entry, rounds
from app.operations import cases
from app.operations.registration import start_again, start_registration
from app.outbox.models import OutboxJob
from app.procurement.vendors import commands as vendors
from app.procurement.vendors import queries as vendor_queries
from app.procurement.vendors.consent import VERSION
from app.procurement.vendors.logic import REAPPLICABLE
from tests import factories
from tests.faults.ports import Ports
from tests.faults.servant import Answer, Request

DOORS: dict[str, Callable[..., Any]] = {}


class Doors:
    """Serves one request at a time, each in a context and at a moment of its own."""

    def __init__(self, app: Flask, ports: Ports | None = None) -> None:
        self._app, self._ports = app, ports
        self._noise = _Noise()
        logging.getLogger("qiliu").addHandler(self._noise)
        logging.getLogger("qiliu").propagate = False
        entry.use(app)

    def __call__(self, request: Request) -> Answer:
        do, now = request.pop("do"), datetime.fromisoformat(request.pop("now"))
        _wait_until(request.pop("at", 0.0))
        if self._ports:
            self._ports.moods.update(request.pop("moods", None) or {})
        self._noise.heard.clear()
        with self._app.app_context(), clock.frozen(now):
            try:
                answer = {"ok": DOORS[do](**request)}
            except AppError as error:
                answer = {"refused": type(error).__name__, "code": error.code}
            finally:
                db.session.remove()
        return answer | ({"noise": self._noise.heard} if self._noise.heard else {})


def _wait_until(moment: float) -> None:
    """Two processes that are told the same moment (of the system's monotonic clock) begin in the same instant."""
    while time.monotonic() < moment:
        pass


class _Noise(logging.Handler):
    """Errors that a background process only writes into its log."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(self.format(record))


def door(function: Callable[..., Any]) -> Callable[..., Any]:
    DOORS[function.__name__] = function
    return function


def _work(user: int | None) -> Any:
    """A unit of work of a person; who that is is read before, as the web does."""
    actor = SYSTEM if user is None else accounts.actor_of(accounts.get_user(db.session(), user))
    return unit_of_work(actor)


# ---- people

@door
def register(values: dict[str, str], key: str) -> dict[str, int]:
    """As the page does: the same form sent twice is one registration."""
    if (known := _registered(key)) is not None:
        return known
    try:
        with unit_of_work(accounts.visitor()) as uow:
            return _registered(key) or _register(uow, values, key)
    except InvalidInput:
        known = _registered(key)
        if known is None:
            raise
        return known


def _register(uow: UnitOfWork, values: dict[str, str], key: str) -> dict[str, int]:
    made = vendors.register(uow, values, password_hash=factories.password_hash(), consent_version=VERSION)
    uow.actor = accounts.actor_of(made.user)
    case = start_registration(uow, made, values, command_key=key)
    return {"case": case.id, "user": made.user.id}


def _registered(key: str) -> dict[str, int] | None:
    done = db.session.get(Command, key)
    if done is None or done.instance_id is None:
        return None
    case = db.session.get_one(ProcessInstance, done.instance_id)
    return {"case": case.id, "user": case.started_by_id or 0}


@door
def reapply(user: int, values: dict[str, str], key: str) -> int | None:
    """None: under review already."""
    person = db.session.get_one(User, user)
    vendor = vendor_queries.get_vendor_of(db.session(), person.organisation_id or 0)
    assert vendor is not None
    if vendor.state not in REAPPLICABLE:
        return None
    with _work(user) as uow:
        return start_again(uow, uow.session.get_one(type(vendor), vendor.id), values, command_key=key).id


@door
def claim(user: int, item: str) -> int:
    with _work(user) as uow:
        return commands.claim(uow, item).version


@door
def release(user: int, item: str) -> int:
    with _work(user) as uow:
        return commands.release(uow, item).version


@door
def draft(user: int, item: str, values: dict[str, Any]) -> None:
    with _work(user) as uow:
        commands.save_draft(uow, item, values)


@door
def complete(user: int, item: str, values: dict[str, Any], expected: int, key: str) -> dict[str, Any]:
    with _work(user) as uow:
        done = commands.complete(uow, item, values, expected=expected, command_key=key)
    return {"instance_id": done.instance_id, "revision": done.revision, "item_ids": done.item_ids, "replayed": done.replayed}


@door
def withdraw(user: int, case: int, key: str) -> int:
    with _work(user) as uow:
        return commands.withdraw(uow, case, command_key=key).id


@door
def cancel(user: int, case: int) -> int:
    with _work(user) as uow:
        cases.cancel(uow, uow.session.get_one(ProcessInstance, case), "資料重複")
    return case


@door
def retry(user: int, incident: int) -> None:
    with _work(user) as uow:
        commands.retry(uow, incident)


@door
def fire(case: int) -> int:
    with unit_of_work(SYSTEM) as uow:
        return commands.fire_timers(uow, case)


# ---- background processes

@door
def relay() -> list[str]:
    return rounds.relay(clock.now(), 50)


@door
def job(id: str) -> str:
    return entry.run(id)


@door
def timers() -> int:
    return rounds.fire_timers(clock.now(), rounds.Failures())


@door
def retries() -> int:
    return rounds.retry_incidents(clock.now(), rounds.Failures())


# ---- looking

@door
def look(case: int) -> dict[str, Any]:
    """What people and the background processes can see of a case."""
    session = db.session()
    found = session.get_one(ProcessInstance, case)
    items = session.scalars(select(WorkItem).where(WorkItem.instance_id == case, WorkItem.status == OPEN)).all()
    vendor = vendor_queries.get_vendor(session, int((found.subject or "").partition(":")[2]))
    incidents = session.scalars(select(Incident.id).where(Incident.instance_id == case, Incident.resolved_at.is_(None))).all()
    return {"status": found.status, "vendor": vendor.state, "incidents": list(incidents),
            "timers": session.scalar(select(func.count()).select_from(Timer).where(Timer.instance_id == case)),
            "items": [{"id": i.id, "node": i.node_id, "version": i.version, "assignee": i.assignee_id} for i in items]}


@door
def started(key: str) -> int | None:
    return db.session.scalar(select(Command.instance_id).where(Command.key == key))


@door
def waiting() -> dict[str, int]:
    """Effects that are not done yet, by state."""
    rows = db.session.execute(select(OutboxJob.status, func.count()).where(OutboxJob.status != "done")
                              .group_by(OutboxJob.status)).all()
    return dict(rows)  # type: ignore[arg-type]


@door
def staff(roles: list[str], name: str) -> int:
    with unit_of_work(SYSTEM) as uow:
        return factories.make_user(uow.session, roles=tuple(roles), name=name).id


__all__ = ["DOORS", "Doors", "door"]
