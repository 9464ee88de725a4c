"""Writing the trail. A line is added in the caller's transaction and never changed afterwards."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapper, Session

from app.actor import Actor
from app.audit import tags
from app.audit.models import AuditEvent
from app.extensions import Work

NOT_RECORDED = "（不記錄）"
_SECRET = re.compile(r"pass(word|wd|phrase)|secret|token|hash|csrf|credential|otp|backup_code|密碼", re.IGNORECASE)


def record(where: Work | Session, action: str, subject: str, *, actor: Actor | None = None, now: datetime | None = None,
           before: Mapping[str, object] | None = None, after: Mapping[str, object] | None = None) -> AuditEvent:
    """Add one line to the trail.

    where      a unit of work (then actor and now are its own unless given) or a session
    action     a ``tags.Tag`` or another name of its pattern
    subject    kind and id of the thing, e.g. ``user:12``, ``vendor:3``, ``case:41``
    before, after   JSON values; what stands under a key that names a secret is left out
    """
    if not tags.PATTERN.fullmatch(action) or len(action) > tags.MAX_LENGTH:
        raise ValueError(f"not an audit action: {action}")
    session = where if isinstance(where, Session) else where.session
    actor, now = _who_and_when(where, actor, now)
    line = AuditEvent(at=now, actor_id=actor.user_id, actor=actor.name[:80], address=actor.address and actor.address[:64],
                      action=str(action), subject=subject[:80], before=_without_secrets(before),
                      after=_without_secrets(after))
    session.add(line)
    return line


def _who_and_when(where: Work | Session, actor: Actor | None, now: datetime | None) -> tuple[Actor, datetime]:
    if not isinstance(where, Session):
        return actor or where.actor, now or where.now
    if actor is None or now is None:
        raise ValueError("a bare session needs actor and now")
    return actor, now


def _without_secrets(values: Mapping[str, object] | None) -> dict[str, object] | None:
    return None if values is None else {str(key): _clean(str(key), value) for key, value in values.items()}


def _clean(key: str, value: object) -> object:
    if _SECRET.search(key):
        return NOT_RECORDED
    if isinstance(value, Mapping):
        return _without_secrets(value)
    if isinstance(value, list | tuple):
        return [_clean(key, part) for part in value]
    return value


@event.listens_for(AuditEvent, "before_update")
@event.listens_for(AuditEvent, "before_delete")
def _refuse(_mapper: Mapper[AuditEvent], _connection: Connection, _line: AuditEvent) -> None:
    raise RuntimeError("the audit trail is append-only")
