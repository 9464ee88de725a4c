"""Reading the trail, newest first."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.audit.models import AuditEvent

MAX_LIMIT = 1000


def list_events(session: Session, *, action: str | None = None, subject: str | None = None, actor_id: int | None = None,
                since: datetime | None = None, until: datetime | None = None, before_id: int | None = None,
                limit: int = 100) -> list[AuditEvent]:
    """Lines that match all that is given, newest first.

    action         exact, or the beginning up to a colon: ``account:login`` finds ok and failed
    subject        exact (``user:12``), or a kind (``user``)
    since, until   since <= at < until, instants
    before_id      only older lines, for the next page
    limit          at most 1,000
    """
    query = select(AuditEvent).order_by(AuditEvent.id.desc()).limit(min(limit, MAX_LIMIT))
    for column, wanted in ((AuditEvent.action, action), (AuditEvent.subject, subject)):
        if wanted:
            query = query.where(or_(column == wanted, column.startswith(f"{wanted}:", autoescape=True)))
    if actor_id is not None:
        query = query.where(AuditEvent.actor_id == actor_id)
    if since is not None:
        query = query.where(AuditEvent.at >= since)
    if until is not None:
        query = query.where(AuditEvent.at < until)
    if before_id is not None:
        query = query.where(AuditEvent.id < before_id)
    return list(session.scalars(query))
