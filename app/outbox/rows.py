"""Life of an effect: pending → sent → running → done, or back to pending, or dead.

A row that is sent or running holds a lease; when the lease runs out its worker or its queue has
died and the row is offered again. ``attempts`` is also the fence: a worker that was given up for
dead finds its number changed when it comes back and may not finish (research/platform.md §2.3).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Update, and_, case, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.errors import Stale
from app.outbox.models import Beat, OutboxJob
from app.outbox.once import insert_once

PENDING, SENT, RUNNING, DONE, DEAD = "pending", "sent", "running", "done", "dead"
BACKOFF_S = (5, 30, 120, 600)
SENT_LEASE = timedelta(seconds=60)
RUN_LEASE = timedelta(seconds=120)
MAX_ERROR = 2000


@dataclass(frozen=True, slots=True)
class Due:
    """What the relay hands to the queue: ids only. ``attempts`` counts the tries before this one."""

    id: str
    kind: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed effect, free of the session. ``attempts`` counts the tries before this one."""

    id: str
    kind: str
    key: str
    payload: dict[str, Any]
    instance_id: int | None
    attempts: int
    max_attempts: int

    @property
    def is_exhausted(self) -> bool:
        """Every try ended with its worker lost: to be given up, not tried."""
        return self.attempts >= self.max_attempts


@dataclass(frozen=True, slots=True)
class Stats:
    """How many rows stand where; ``oldest_due_at`` is when the longest waiting one should have left."""

    counts: dict[str, int]
    oldest_due_at: datetime | None

    @property
    def waiting(self) -> int:
        return sum(self.counts.get(status, 0) for status in (PENDING, SENT, RUNNING))

    @property
    def dead(self) -> int:
        return self.counts.get(DEAD, 0)


def add(session: Session, kind: str, key: str, payload: Mapping[str, Any], *, now: datetime, due_at: datetime | None = None,
        instance_id: int | None = None, max_attempts: int = 5) -> OutboxJob:
    """Ask for an effect in the caller's transaction; the same key again is the first row."""
    row, _made = insert_once(session, OutboxJob, {
        "id": str(uuid.uuid4()), "kind": kind, "key": key, "payload": dict(payload), "instance_id": instance_id,
        "status": PENDING, "attempts": 0, "max_attempts": max_attempts, "due_at": due_at or now, "created_at": now})
    return row


def claim_due(session: Session, now: datetime, limit: int = 200, lease: timedelta = SENT_LEASE) -> list[Due]:
    """Mark up to ``limit`` due rows as sent, oldest first. Hand them to the queue after the commit."""
    wanted = (select(OutboxJob.id, OutboxJob.kind, OutboxJob.attempts)
              .where(OutboxJob.status == PENDING, OutboxJob.due_at <= now)
              .order_by(OutboxJob.due_at).limit(limit).with_for_update(skip_locked=True))
    found = [Due(*row) for row in session.execute(wanted)]
    if found:
        _change(session, update(OutboxJob).where(OutboxJob.id.in_([due.id for due in found]))
                .values(status=SENT, lease_until=now + lease))
    return found


def claim(session: Session, job_id: str, now: datetime, lease: timedelta = RUN_LEASE) -> Job | None:
    """Take one row to run it; None when somebody else has it, or it is finished or not yet due."""
    free = or_(OutboxJob.status == SENT, and_(OutboxJob.status == PENDING, OutboxJob.due_at <= now))
    if not _change(session, update(OutboxJob).where(OutboxJob.id == job_id, free)
                   .values(status=RUNNING, lease_until=now + lease)):
        return None
    columns = [getattr(OutboxJob, name) for name in Job.__slots__]
    return Job(*session.execute(select(*columns).where(OutboxJob.id == job_id)).one())


def finish(session: Session, job: Job, now: datetime) -> None:
    """Mark as done, in the transaction of the effect's own writes.

    Raises   Stale when the lease was lost meanwhile: the caller's transaction must roll back
    """
    if not _change(session, update(OutboxJob).where(*_held(job)).values(
            status=DONE, finished_at=now, lease_until=None, last_error=None)):
        raise Stale(code="outbox.lease_lost", job_id=job.id)


def fail(session: Session, job: Job, error: str, now: datetime, *, retry: bool = True) -> str | None:
    """Note a failed try: pending again after 5, 30, 120, 600 s, or dead.

    Returns   the new status; None when the lease was lost and nothing was noted
    """
    attempts = job.attempts + 1
    status = PENDING if retry and attempts < job.max_attempts else DEAD
    wait = timedelta(seconds=BACKOFF_S[min(attempts, len(BACKOFF_S)) - 1])
    changed = _change(session, update(OutboxJob).where(*_held(job)).values(
        status=status, attempts=attempts, due_at=now + wait, lease_until=None, last_error=error[:MAX_ERROR],
        finished_at=now if status == DEAD else None))
    return status if changed else None


def rescue(session: Session, now: datetime) -> int:
    """Offer rows again whose lease has run out. Returns how many."""
    return _give_back(session, now, [OutboxJob.lease_until < now])


def recover(session: Session, now: datetime) -> int:
    """At the start of the embedded stack, when nobody else can be at work: offer all rows in flight again."""
    return _give_back(session, now, [])


def _give_back(session: Session, now: datetime, narrower: Sequence[ColumnElement[bool]]) -> int:
    """A row that was running used up a try (it may have killed its worker); one that was only sent did not.

    One without tries left is offered too: whoever claims it (``Job.is_exhausted``) gives it up and tells who waits for it.
    """
    ran = case((OutboxJob.status == RUNNING, 1), else_=0)
    return _change(session, update(OutboxJob).where(OutboxJob.status.in_((SENT, RUNNING)), *narrower).values(
        attempts=OutboxJob.attempts + ran, lease_until=None, due_at=now, status=PENDING,
        last_error=case((OutboxJob.status == RUNNING, "worker lost"), else_=OutboxJob.last_error)))


def retry_dead(session: Session, now: datetime, job_ids: Sequence[str] | None = None, *, more: int = 5) -> int:
    """Give dead rows (all, or those named) ``more`` tries. Returns how many came back."""
    chosen = [] if job_ids is None else [OutboxJob.id.in_(job_ids)]
    return _change(session, update(OutboxJob).where(OutboxJob.status == DEAD, *chosen).values(
        status=PENDING, due_at=now, finished_at=None, max_attempts=OutboxJob.attempts + more))


def list_dead(session: Session, limit: int | None = 100) -> list[OutboxJob]:
    """Effects that were given up, the latest first: the manager's page and ``flask outbox`` show them."""
    return list(session.scalars(select(OutboxJob).where(OutboxJob.status == DEAD)
                                .order_by(OutboxJob.finished_at.desc()).limit(limit)))


def stats(session: Session) -> Stats:
    """Numbers for ``/readyz`` and the manager's page."""
    rows = session.execute(select(OutboxJob.status, func.count()).group_by(OutboxJob.status)).all()
    oldest = session.scalar(select(OutboxJob.due_at).where(OutboxJob.status.in_((PENDING, SENT, RUNNING)))
                            .order_by(OutboxJob.due_at).limit(1))
    return Stats({row[0]: row[1] for row in rows}, oldest)


def beat(session: Session, name: str, now: datetime) -> None:
    """A background process says that it is alive."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(insert(Beat).values(name=name, at=now)
                    .on_conflict_do_update(index_elements=["name"], set_={"at": now}))


def beats(session: Session) -> dict[str, datetime]:
    """The last sign of life of each background process."""
    return {found.name: found.at for found in session.scalars(select(Beat).execution_options(populate_existing=True))}


def _held(job: Job) -> tuple[ColumnElement[bool], ...]:
    return (OutboxJob.id == job.id, OutboxJob.status == RUNNING, OutboxJob.attempts == job.attempts)


def _change(session: Session, statement: Update) -> int:
    result: CursorResult[Any] = session.execute(  # type: ignore[assignment]
        statement.execution_options(synchronize_session=False))
    return result.rowcount
