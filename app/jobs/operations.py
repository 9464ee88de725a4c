"""Calls an asynchronous operation of a diagram, and gives the case its answer in a transaction of its own.

An operation reads in a transaction, ends it (``Context.pause``) and does what is slow with none open.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from app import clock, outbox
from app.actor import SYSTEM
from app.config import Config
from app.engine import catalogue, commands, packages
from app.engine.catalogue import Context
from app.engine.models import ProcessInstance
from app.errors import AppError, DefinitionError, ExternalFailure, NotFound, Stale, WrongState
from app.extensions import UnitOfWork, db, release

log = logging.getLogger("qiliu.jobs")


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
    return lambda uow: _answer(uow, job, result=answer)


def report_failure(uow: UnitOfWork, job: outbox.Job, error: Exception) -> None:
    """The last try failed: the case gets an incident that a person can see."""
    is_definite = isinstance(error, AppError) and not (isinstance(error, ExternalFailure) and error.retry)
    sentence = error.message if isinstance(error, AppError) else "背景作業執行時發生未預期的錯誤。"
    try:
        _answer(uow, job, error=sentence, retry=not is_definite)
    except WrongState as refusal:
        if refusal.code != "state.unreadable":
            raise
        commands.flag_unreadable(uow, int(job.payload["instance_id"]), f"{job.key}: {error!r}")


def _answer(uow: UnitOfWork, job: outbox.Job, *, result: dict[str, Any] | None = None, error: str | None = None,
            retry: bool = True) -> None:
    """Give the case its answer. When it no longer waits (timed out, cancelled), there is nothing to do."""
    try:
        commands.answer_operation(uow, int(job.payload["instance_id"]), str(job.payload["task_id"]), result=result,
                                  error=error, retry=retry, command_key=job.key)
    except (Stale, WrongState) as refusal:
        if isinstance(refusal, WrongState) and refusal.code != "case.ended":
            raise
        log.info("nobody waits for %s any more", job.key)


def _context(asked: dict[str, Any]) -> Context:
    session = db.session()
    case = session.get(ProcessInstance, asked["instance_id"])
    if case is None:
        raise NotFound(instance_id=asked["instance_id"])
    return Context(session, SYSTEM, clock.now(), case, packages.get(session, case.version_id), str(asked["node_id"]),
                   str(asked["task_id"]), may_pause=True)
