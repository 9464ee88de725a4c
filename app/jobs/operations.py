"""Calls an asynchronous operation of a diagram outside any transaction, and gives the case its answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app import clock, outbox
from app.actor import SYSTEM
from app.config import Config
from app.engine import catalogue, commands, packages
from app.engine.catalogue import Context
from app.engine.models import ProcessInstance
from app.errors import DefinitionError, NotFound
from app.extensions import UnitOfWork, db, release


def call_operation(job: outbox.Job, _config: Config) -> Callable[[UnitOfWork], object]:
    """Payload {"task_id", "instance_id", "node_id", "operation", "parameters"}. What it writes itself is not kept."""
    asked = job.payload
    operation = catalogue.find(str(asked["operation"]))
    if operation is None:
        raise DefinitionError(f"系統沒有名為「{asked['operation']}」的作業。", element=str(asked["node_id"]),
                              rule="operation-exists")
    result = operation.function(_context(asked), **asked["parameters"])
    answer = dict(result or {})
    release()
    return lambda uow: commands.answer_operation(uow, str(asked["task_id"]), answer, command_key=job.key)


def report_failure(uow: UnitOfWork, job: outbox.Job, error: Exception) -> None:
    """The last try failed: the case gets an incident that a person can see."""
    commands.answer_operation(uow, str(job.payload["task_id"]), error=error, command_key=job.key)


def _context(asked: dict[str, Any]) -> Context:
    session = db.session()
    case = session.get(ProcessInstance, asked["instance_id"])
    if case is None:
        raise NotFound(instance_id=asked["instance_id"])
    return Context(session, SYSTEM, clock.now(), case, packages.get(session, case.version_id), str(asked["node_id"]),
                   str(asked["task_id"]))
