"""Messages as rows: the notice a person sees in the system, and the mail that the outbox will let go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from app import outbox
from app.errors import NotFound
from app.notify.models import Message
from app.notify.render import render

MAIL = "mail"                                # kind of the outbox row; its payload is {"message_id": id}


@dataclass(frozen=True, slots=True)
class Recipient:
    """``user_id`` None: an address without an account, which gets a mail and no notice."""

    email: str
    name: str
    user_id: int | None = None


def send(session: Session, source: str, *, template: str, to: Recipient, context: Mapping[str, Any], key: str, now: datetime,
         link: str | None = None, is_notice: bool = True) -> Message:
    """Write a message and ask for its mail, in the caller's transaction; the same key again is the first message.

    source     the template's text, see ``render``; the link stands below the body by itself
    template   its name, for people who look for the cause of an error
    link       path inside the site, e.g. ``/cases/R-1151121-001``
    is_notice  False: mail only; its link is forgotten when the mail has left (it may hold a secret)
    Raises     DefinitionError
    """
    if link is not None and (not link.startswith("/") or link.startswith("//")):
        raise ValueError("a link is a path inside the site")
    subject, body = render(source, context, template=template)
    message, is_new = outbox.insert_once(session, Message, {
        "key": key, "template": template, "user_id": to.user_id, "email": to.email, "name": to.name[:80],
        "subject": subject, "body": body, "link": link, "is_notice": is_notice and to.user_id is not None,
        "created_at": now})
    if is_new:
        outbox.add(session, MAIL, key, {"message_id": message.id}, now=now)
    return message


def get_message(session: Session, message_id: int) -> Message:
    message = session.get(Message, message_id)
    if message is None:
        raise NotFound(message_id=message_id)
    return message


def mark_sent(session: Session, message_id: int, now: datetime) -> None:
    """Note that the mail has left. A link of a mail that is no notice is a secret and is dropped."""
    message = get_message(session, message_id)
    message.sent_at = now
    if not message.is_notice:
        message.link = None


def unread(session: Session, user_id: int) -> int:
    """How many notices the person has not opened."""
    return session.scalar(select(func.count()).where(*_notices(user_id), Message.read_at.is_(None))) or 0


def count_notices(session: Session, user_id: int) -> int:
    return session.scalar(select(func.count()).where(*_notices(user_id))) or 0


def list_notices(session: Session, user_id: int, *, page: int = 1, size: int = 25) -> list[Message]:
    """A person's notices, newest first; pages count from 1."""
    return list(session.scalars(select(Message).where(*_notices(user_id)).order_by(Message.id.desc())
                                .offset((page - 1) * size).limit(size)))


def mark_read(session: Session, user_id: int, now: datetime, message_ids: Sequence[int] | None = None) -> int:
    """The person has seen these notices (all when none are named). Others' are left alone. Returns how many changed."""
    chosen = [] if message_ids is None else [Message.id.in_(message_ids)]
    result = session.execute(update(Message).where(*_notices(user_id), Message.read_at.is_(None), *chosen)
                             .values(read_at=now))
    return result.rowcount  # type: ignore[attr-defined,no-any-return]


def _notices(user_id: int) -> tuple[ColumnElement[bool], ...]:
    return (Message.user_id == user_id, Message.is_notice.is_(True))
