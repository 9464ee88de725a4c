"""Idempotency keys: the same command sent again gets the answer it got."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select

from app.engine.models import Command
from app.errors import Stale
from app.extensions import UnitOfWork


def recall(uow: UnitOfWork, key: str | None, name: str) -> dict[str, Any] | None:
    """The answer given under this key, None when it is new. Raises Stale when the key was used for something else."""
    if not key:
        return None
    row = uow.session.execute(
        select(Command.name, Command.actor_id, Command.result).where(Command.key == key)).one_or_none()
    if row is None:
        return None
    if (row.name, row.actor_id) != (name, uow.actor.user_id):
        raise Stale(code="command.key", key=key)
    return dict(row.result)


def remember(uow: UnitOfWork, key: str | None, name: str, instance_id: int | None, result: dict[str, Any]) -> None:
    if key:
        uow.session.execute(insert(Command).values(key=key, name=name, actor_id=uow.actor.user_id,
                                                   instance_id=instance_id, result=result, at=uow.now))
