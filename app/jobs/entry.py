"""What a worker does with one outbox row: claim it, do the slow part, then effect and "done" in one transaction.

Database effects happen exactly once: they commit together with "done", and only while the claim
holds. Mails, files and answers of other systems happen at least once, with a key that tells twins.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from flask import Flask, current_app, has_app_context
from sqlalchemy.exc import OperationalError

from app import clock, create_app, outbox
from app.actor import SYSTEM
from app.config import Config
from app.errors import DefinitionError, ExternalFailure, InvalidInput, NotFound, Stale
from app.extensions import UnitOfWork, release, unit_of_work
from app.faults import fault_point
from app.jobs import handlers

log = logging.getLogger("qiliu.jobs")
_app: Flask | None = None


class WorkerLost(Exception):
    """Each try of a job took its worker with it: killed from outside, out of memory, or stopped for its length."""


def use(app: Flask) -> None:
    """The application that jobs of this process run in; a worker makes it once, before it forks."""
    global _app
    _app = app


def current() -> Flask:
    """The chosen application, else one made from the environment."""
    if _app is None:
        use(create_app(pages=False))
    assert _app is not None
    return _app


def run(job_id: str) -> str:
    """Carry out one row; called by rq with the row's id. Never raises for a job that failed: SQL knows."""
    if has_app_context():
        return _run(job_id)
    with current().app_context():
        return _run(job_id)


def _run(job_id: str) -> str:
    config: Config = current_app.extensions["qiliu"]
    with unit_of_work(SYSTEM) as uow:
        job = outbox.claim(uow.session, job_id, uow.now, lease_of(config))
    if job is None:
        return "not ours"
    fault_point("outbox.claimed")
    if job.is_exhausted:
        return _give_up(job, WorkerLost())
    try:
        _carry_out(job, config)
    except Stale as error:
        if error.code != "outbox.lease_lost":
            return _give_up(job, error)
        log.warning("job %s took too long, another worker has it", job.id)
        return "lost"
    except Exception as error:  # noqa: BLE001  a job wrapper: whatever went wrong is noted and tried again
        return _give_up(job, error)
    return "done"


def lease_of(config: Config) -> timedelta:
    """How long a claim holds: the time a job may take, and half as much again to write its end."""
    return timedelta(seconds=config.job_seconds * 1.5)


def _carry_out(job: outbox.Job, config: Config) -> None:
    fault_point("outbox.before_effect")
    effect = handlers.handler(job.kind).prepare(job, config)
    release()
    fault_point("outbox.after_effect")
    with unit_of_work(SYSTEM) as uow:
        effect(uow)
        outbox.finish(uow.session, job, uow.now)
        fault_point("outbox.before_done")


def _give_up(job: outbox.Job, error: Exception) -> str:
    """Note the failure; the last one is told to whoever waits for the job."""
    release()
    log.warning("job %s (%s, try %d) failed: %r", job.id, job.kind, job.attempts + 1, error)
    with unit_of_work(SYSTEM, now=clock.now()) as uow:
        status = outbox.fail(uow.session, job, _describe(error), uow.now, retry=_may_pass(error))
        if status == "dead":
            _tell(uow, job, error)
    return status or "lost"


def _tell(uow: UnitOfWork, job: outbox.Job, error: Exception) -> None:
    """Whoever waits for the job. That it is dead is written whether or not this succeeds: a person sees it then."""
    found = handlers.HANDLERS.get(job.kind)
    if found is None:
        return
    try:
        with uow.session.begin_nested():
            found.on_dead(uow, job, error)
    except OperationalError:
        raise                                        # the database: all of this is done again
    except Exception:
        log.exception("nobody could be told that job %s is given up", job.id)


def _may_pass(error: Exception) -> bool:
    """Whether trying again can help: not for a wrong template or a row that is gone."""
    return error.retry if isinstance(error, ExternalFailure) else not isinstance(error, DefinitionError | NotFound | InvalidInput)


def _describe(error: Exception) -> str:
    """For the outbox row: the kind of fault and its facts, no personal data of messages."""
    facts = getattr(error, "facts", None)
    return f"{type(error).__name__}: {facts or error}"
