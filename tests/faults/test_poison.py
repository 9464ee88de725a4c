"""What kills every worker that touches it ends where a person sees it; an ended case waits for nobody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.ctx import AppContext

from app import clock
from app.demo.companies import CHENHE
from app.engine import commands
from app.engine.models import Incident
from app.extensions import db, unit_of_work
from app.jobs import entry, handlers, rounds
from app.outbox.models import OutboxJob
from tests.flows.driver import Flow

pytestmark = pytest.mark.both_databases


class Killed(BaseException):
    """Nothing may catch it: stands for SIGKILL inside this process."""


@pytest.fixture
def flow(app: Flask, ctx: AppContext) -> Flow:
    return Flow(app)


@pytest.fixture
def look_ups(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException | None], None]:
    """Let the look-ups of the registry end this way; None: as always."""
    usual = handlers.HANDLERS["operation"]

    def end(error: BaseException | None) -> None:
        def prepare(*_: object) -> handlers.Effect:
            assert error is not None
            raise error
        chosen = usual if error is None else handlers.Handler(prepare, usual.on_dead)
        monkeypatch.setitem(handlers.HANDLERS, "operation", chosen)
    return end


def pass_time(flow: Flow, number: int, minutes: int = 3) -> None:
    """Scheduler and worker, again and again; a killed job stays as it was."""
    for _ in range(number):
        flow.now += timedelta(minutes=minutes)
        with clock.frozen(flow.now):
            rounds.retry_incidents(flow.now, rounds.Failures())
            for job_id in rounds.relay(flow.now, 50):
                try:
                    entry.run(job_id)
                except Killed:
                    db.session.remove()


def test_a_job_that_kills_its_worker_every_time_ends_as_an_incident(flow: Flow, look_ups: Callable[..., None]) -> None:
    look_ups(Killed())
    try:
        flow.register(CHENHE)
    except Killed:
        db.session.remove()

    pass_time(flow, 5)
    [incident] = flow.incidents()
    assert incident.code == "operation.failed" and flow.waits_at() == []

    look_ups(None)
    pass_time(flow, 3)
    assert flow.incidents() == [] and flow.waits_at() == ["review_registration"]


def test_the_answer_for_a_cancelled_case_is_done_and_changes_nothing(flow: Flow, look_ups: Callable[..., None]) -> None:
    look_ups(RuntimeError("away"))
    flow.register(CHENHE)
    with unit_of_work(flow.staff("manager"), now=flow.now) as uow:
        commands.cancel(uow, flow.case_id, "重複申請")

    look_ups(None)
    pass_time(flow, 2)

    assert flow.case.status == "cancelled" and flow.dead_jobs() == 0
    assert db.session.query(Incident).count() == 0


def test_giving_up_a_job_of_a_cancelled_case_tells_nobody(flow: Flow, look_ups: Callable[..., None]) -> None:
    look_ups(RuntimeError("away"))
    flow.register(CHENHE)
    with unit_of_work(flow.staff("manager"), now=flow.now) as uow:
        commands.cancel(uow, flow.case_id, "重複申請")

    pass_time(flow, 7, minutes=20)

    assert [row.status for row in db.session.query(OutboxJob).filter(OutboxJob.kind == "operation")] == ["dead"]
    assert db.session.query(Incident).count() == 0
