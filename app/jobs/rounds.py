"""What the scheduler does again and again. Each function is one short piece of work, safe to run twice at once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.exc import OperationalError

from app import outbox
from app.actor import SYSTEM
from app.engine import commands
from app.errors import AppError
from app.extensions import UnitOfWork, db, release, unit_of_work

log = logging.getLogger("qiliu.jobs")
BATCH = 50
TRY_AGAIN, LONGEST_REST = timedelta(seconds=30), timedelta(minutes=10)
HOPELESS = 3                  # so many failures in a row, and a person is told


def relay(now: datetime, limit: int) -> list[str]:
    """Offer rows again whose worker died, then take what is due. Hand the ids over after this returns."""
    with unit_of_work(SYSTEM, now=now) as uow:
        outbox.rescue(uow.session, now)
        return [due.id for due in outbox.claim_due(uow.session, now, limit)] if limit else []


def beat(now: datetime, name: str) -> None:
    with unit_of_work(SYSTEM, now=now) as uow:
        outbox.beat(uow.session, name, now)


class Failures:
    """What just failed is left alone for a while, longer each time, so that one bad case does not hold up the others."""

    def __init__(self) -> None:
        self._until: dict[int, datetime] = {}
        self._times: dict[int, int] = {}

    def note(self, key: int, now: datetime) -> int:
        """Returns how often it has failed since it last went well."""
        times = self._times[key] = self._times.get(key, 0) + 1
        self._until[key] = now + min(TRY_AGAIN * 2 ** min(times - 1, 10), LONGEST_REST)
        return times

    def forget(self, key: int) -> None:
        self._until.pop(key, None)
        self._times.pop(key, None)

    def is_resting(self, key: int, now: datetime) -> bool:
        until = self._until.get(key)
        return until is not None and until > now

    def resting(self, now: datetime) -> list[int]:
        """What is not to be looked at yet."""
        return [key for key in self._until if self.is_resting(key, now)]


def fire_timers(now: datetime, resting: Failures) -> int:
    """Let every case go on whose timer is due, one transaction a case. Returns how many went on."""
    due = commands.due_instances(db.session(), now, BATCH, resting.resting(now))
    release()
    return _each(due, resting, now, commands.fire_timers, commands.flag_unreadable)


def retry_incidents(now: datetime, resting: Failures) -> int:
    """Try failed steps again whose time has come. Returns how many were tried."""
    due = commands.due_retries(db.session(), now, BATCH, resting.resting(now))
    release()
    return _each(due, resting, now, commands.retry, commands.flag_unreadable_of)


def deliver_messages(now: datetime, resting: Failures) -> int:
    """Messages that came a moment before somebody waited for them. Returns how many found their case."""
    with unit_of_work(SYSTEM, now=now) as uow:
        commands.drop_messages(uow)
    due = commands.due_messages(db.session(), BATCH, resting.resting(now))
    release()
    return _each(due, resting, now, commands.pass_on)


def _each(ids: list[int], resting: Failures, now: datetime, command: Callable[[UnitOfWork, int], object],
          on_hopeless: Callable[[UnitOfWork, int, str], object] | None = None) -> int:
    """One transaction for each; a failure is logged and rests, the others go on.

    on_hopeless  tells a person of one that failed ``HOPELESS`` times in a row for a reason of its own
    """
    went_on = 0
    for one in ids:
        if resting.is_resting(one, now):
            continue
        try:
            with unit_of_work(SYSTEM) as uow:
                command(uow, one)
        except Exception as error:  # noqa: BLE001  logged below
            is_its_own = _log(command.__name__, one, error)
            if resting.note(one, now) >= HOPELESS and is_its_own and on_hopeless:
                _tell(on_hopeless, one, error)
        else:
            resting.forget(one)
            went_on += 1
    return went_on


def _log(what: str, one: int, error: Exception) -> bool:
    """Returns whether the fault lies in the case: not when somebody was faster, or the database is away."""
    if isinstance(error, AppError):
        log.info("%s %d: %s (%s)", what, one, error.code, error.facts)
        return error.code == "state.unreadable"
    log.error("%s %d", what, one, exc_info=error)
    return not isinstance(error, OperationalError)


def _tell(on_hopeless: Callable[[UnitOfWork, int, str], object], one: int, error: Exception) -> None:
    try:
        with unit_of_work(SYSTEM) as uow:
            on_hopeless(uow, one, type(error.__cause__ or error).__name__)
    except Exception:
        log.exception("%s %d", on_hopeless.__name__, one)
