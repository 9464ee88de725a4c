"""What the scheduler does again and again. Each function is one short piece of work, safe to run twice at once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from app import outbox
from app.actor import SYSTEM
from app.engine import commands
from app.errors import AppError
from app.extensions import UnitOfWork, db, release, unit_of_work

log = logging.getLogger("qiliu.jobs")
BATCH = 50
TRY_AGAIN = timedelta(seconds=30)


def relay(now: datetime, limit: int) -> list[str]:
    """Offer rows again whose worker died, then take what is due. Hand the ids over after this returns."""
    with unit_of_work(SYSTEM, now=now) as uow:
        outbox.rescue(uow.session, now)
        return [due.id for due in outbox.claim_due(uow.session, now, limit)] if limit else []


def beat(now: datetime, name: str) -> None:
    with unit_of_work(SYSTEM, now=now) as uow:
        outbox.beat(uow.session, name, now)


class Failures:
    """What just failed is left alone for a while, so that one bad case does not hold up the others."""

    def __init__(self) -> None:
        self._until: dict[int, datetime] = {}

    def note(self, key: int, now: datetime) -> None:
        self._until[key] = now + TRY_AGAIN

    def is_resting(self, key: int, now: datetime) -> bool:
        until = self._until.get(key)
        if until is not None and until <= now:
            del self._until[key]
        return until is not None and until > now


def fire_timers(now: datetime, resting: Failures) -> int:
    """Let every case go on whose timer is due, one transaction a case. Returns how many went on."""
    due = commands.due_instances(db.session(), now, BATCH)
    release()
    return _each(due, resting, now, commands.fire_timers)


def retry_incidents(now: datetime, resting: Failures) -> int:
    """Try failed steps again whose time has come. Returns how many were tried."""
    due = commands.due_retries(db.session(), now, BATCH)
    release()
    return _each(due, resting, now, commands.retry)


def deliver_messages(now: datetime) -> int:
    """Messages that came a moment before somebody waited for them. Returns how many found their case."""
    with unit_of_work(SYSTEM, now=now) as uow:
        return commands.sweep_messages(uow)


def _each(ids: list[int], resting: Failures, now: datetime, command: Callable[[UnitOfWork, int], object]) -> int:
    """One transaction for each; a failure is logged and rests, the others go on."""
    went_on = 0
    for one in ids:
        if resting.is_resting(one, now):
            continue
        try:
            with unit_of_work(SYSTEM) as uow:
                command(uow, one)
            went_on += 1
        except AppError as error:                # somebody was faster, or the case was closed meanwhile
            log.info("%s %d: %s (%s)", command.__name__, one, error.code, error.facts)
            resting.note(one, now)
        except Exception:
            log.exception("%s %d", command.__name__, one)
            resting.note(one, now)
    return went_on
