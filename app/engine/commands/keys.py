"""Idempotency keys: the same command sent again gets the answer it got."""

from __future__ import annotations

from typing import Any

from app import outbox
from app.engine import statements
from app.engine.models import Command
from app.errors import Stale
from app.extensions import UnitOfWork


def recall(uow: UnitOfWork, key: str | None, name: str) -> dict[str, Any] | None:
    """The answer given under this key, None when it is new. Raises Stale when the key was used for something else."""
    if not key:
        return None
    row = uow.session.execute(statements.RECALL, {"key": key}).one_or_none()
    if row is None:
        return None
    if (row.name, row.actor_id) != (name, uow.actor.user_id):
        raise Stale(code="command.key", key=key)
    return dict(row.result)


def remember(uow: UnitOfWork, key: str | None, name: str, instance_id: int | None, result: dict[str, Any]) -> None:
    if key:
        uow.session.execute(statements.REMEMBER, {"key": key, "name": name, "actor_id": uow.actor.user_id,
                                                  "instance_id": instance_id, "result": result, "at": uow.now})


def reserve(uow: UnitOfWork, key: str, name: str) -> tuple[Command, bool]:
    """Take a key before the work, where no lock makes twins wait for each other: a twin waits here for its answer.

    Returns  the row, and whether this command is the first; then it writes ``result`` itself
    Raises   Stale when the key was used for something else
    """
    row, is_first = outbox.insert_once(uow.session, Command, {
        "key": key, "name": name, "actor_id": uow.actor.user_id, "instance_id": None, "result": {}, "at": uow.now})
    if (row.name, row.actor_id) != (name, uow.actor.user_id):
        raise Stale(code="command.key", key=key)
    return row, is_first
