"""Throw away what nobody asks for any more. Idempotent; runs once an hour, in small transactions."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, inspect, select

from app.accounts.models import PasswordReset
from app.actor import SYSTEM
from app.engine.models import Command
from app.extensions import Base, unit_of_work
from app.notify.models import Message
from app.outbox.models import OutboxJob

COMMAND_KEYS = timedelta(days=30)      # a click repeated later than this is a new click
DONE_JOBS = timedelta(days=30)
READ_NOTICES = timedelta(days=180)
RESET_LINKS = timedelta(days=30)
BATCH = 500


def sweep(now: datetime) -> int:
    """Returns how many rows went."""
    return sum(_delete(model, condition, now) for model, condition in (
        (Command, Command.at < now - COMMAND_KEYS),
        (OutboxJob, (OutboxJob.status == "done") & (OutboxJob.finished_at < now - DONE_JOBS)),
        (Message, (Message.read_at < now - READ_NOTICES) & Message.sent_at.is_not(None)),
        (PasswordReset, PasswordReset.expires_at < now - RESET_LINKS)))


def _delete(model: type[Base], condition: ColumnElement[bool], now: datetime) -> int:
    key = inspect(model).primary_key[0]
    gone = 0
    while True:
        with unit_of_work(SYSTEM, now=now) as uow:
            keys = uow.session.scalars(select(key).where(condition).limit(BATCH)).all()
            if keys:
                uow.session.execute(delete(model).where(key.in_(keys)))
        gone += len(keys)
        if len(keys) < BATCH:
            return gone
