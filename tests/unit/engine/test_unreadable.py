"""A case whose state cannot be read holds up nobody, and a person sees it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from app import clock
from app.engine import commands
from app.engine.models import ProcessInstance
from app.engine.timers import DurationTimer
from app.errors import ExternalFailure, WrongState
from app.extensions import db
from app.jobs import entry, rounds
from app.outbox.models import OutboxJob
from tests.unit.engine.diagrams import Scope, timer

pytestmark = pytest.mark.both_databases


def pausing(id: str = "p") -> Scope:
    p = Scope(id)
    p.start()
    p.catch("pause", timer("duration", "PT1H"))
    p.user("next")
    p.end()
    p.chain("start", "pause", "next", "end")
    return p


def damage(c) -> bytes:
    kept = c.row.state
    with c.work() as uow:
        uow.session.execute(update(ProcessInstance).where(ProcessInstance.id == c.id).values(state=b"damaged"))
    return kept


def rounds_of_timers(c, resting: rounds.Failures, number: int = 1) -> list[int]:
    went_on = []
    for _ in range(number):
        c.later(minutes=15)
        with clock.frozen(c.now):
            went_on.append(rounds.fire_timers(c.now, resting))
    return went_on


def test_unreadable_cases_do_not_starve_the_others(case, monkeypatch):
    monkeypatch.setattr(rounds, "BATCH", 1)
    bad = case(pausing())
    damage(bad)
    good = case(pausing("q"), now=bad.now + timedelta(minutes=1))
    resting = rounds.Failures()
    now = bad.now + timedelta(hours=2)
    with clock.frozen(now):
        assert [rounds.fire_timers(now, resting) for _ in range(2)] == [0, 1]
    assert good.open() == ["next"]


def test_a_person_sees_a_case_that_cannot_be_read_and_can_go_on_once_it_can(case):
    c = case(pausing())
    kept = damage(c)
    resting = rounds.Failures()
    c.later(hours=1)
    rounds_of_timers(c, resting, 2)
    assert c.incidents() == []
    rounds_of_timers(c, resting, 3)
    incident = c.incident()
    assert (incident.code, incident.message) == ("state.unreadable", "案件狀態無法讀取，需要人員處理。")
    for way in (commands.retry, commands.skip):
        with pytest.raises(WrongState) as refused, c.work() as uow:
            way(uow, incident.id)
        assert refused.value.code == "state.unreadable"

    with c.work() as uow:
        uow.session.execute(update(ProcessInstance).where(ProcessInstance.id == c.id).values(state=kept))
    with pytest.raises(WrongState) as refused, c.work() as uow:
        commands.skip(uow, incident.id)
    assert refused.value.code == "incident.not_skippable"
    with c.work() as uow:
        assert commands.retry(uow, incident.id).resolution == "retried"
    assert c.incidents() == [] and c.open() == ["next"]


def test_the_clock_takes_the_incident_back_when_the_case_can_be_read_again(case):
    c = case(pausing())
    kept = damage(c)
    resting = rounds.Failures()
    rounds_of_timers(c.later(hours=1), resting, 4)
    with c.work() as uow:
        uow.session.execute(update(ProcessInstance).where(ProcessInstance.id == c.id).values(state=kept))
    assert rounds_of_timers(c, resting) == [1]
    assert c.incidents() == [] and c.open() == ["next"]


def test_an_incident_that_cannot_be_retried_stops_trying_and_is_told(case, operation):
    @operation("t.call")
    def call(ctx):
        raise RuntimeError("away")

    p = Scope("p")
    p.start()
    p.service("call", "t.call")
    p.end()
    p.chain("start", "call", "end")
    c = case(p)
    damage(c)
    resting = rounds.Failures()
    for _ in range(4):
        c.later(minutes=15)
        with clock.frozen(c.now):
            rounds.retry_incidents(c.now, resting)
    assert sorted(i.code for i in c.incidents()) == ["state.unreadable", "step.unexpected"]
    assert commands.due_retries(db.session(), c.now + timedelta(days=1)) == []


def test_the_database_being_away_is_no_fault_of_the_case(case, monkeypatch):
    from sqlalchemy.exc import OperationalError
    c = case(pausing())

    def away(*_: object) -> None:
        raise OperationalError("select", {}, Exception("away"))
    away.__name__ = "fire_timers"
    monkeypatch.setattr(rounds.commands, "fire_timers", away)
    rounds_of_timers(c.later(hours=1), rounds.Failures(), 5)
    assert c.incidents() == []


def test_a_timer_that_fails_as_it_fires_is_an_incident_and_others_fire(case, monkeypatch):
    p = Scope("p")
    p.start()
    p.fork("split")
    for name, length in (("one", "PT1H"), ("two", "PT2H")):
        p.catch(name, timer("duration", length))
        p.user(f"after_{name}")
        p.end(f"end_{name}")
        p.chain("split", name, f"after_{name}", f"end_{name}")
    p.chain("start", "split")
    c = case(p)
    usual = DurationTimer.has_fired

    def has_fired(self, task):
        if task.task_spec.bpmn_id == "one" and task.workflow.script_engine.is_firing(task):
            raise RuntimeError("broken")
        return usual(self, task)
    monkeypatch.setattr(DurationTimer, "has_fired", has_fired)
    c.later(hours=3).fire()
    assert c.open() == ["after_two"] and c.incident().node_id == "one"
    monkeypatch.undo()
    with c.work() as uow:
        commands.retry(uow, c.incident().id)
    assert c.open() == ["after_one", "after_two"]


def test_a_message_that_cannot_be_passed_on_does_not_stop_the_round(case, monkeypatch):
    p = Scope("p")
    p.start()
    p.catch("paid", p.message("payment"))
    p.user("next")
    p.end()
    p.chain("start", "paid", "next", "end")
    bad, good = case(p), None
    p.id = "q"
    good = case(p)
    damage(bad)
    from app.engine.commands.events import _buffer
    for c in (bad, good):
        with c.work() as uow:
            _buffer(uow, "payment", c.row.business_key, {}, f"m{c.id}", timedelta(days=1))
    with clock.frozen(bad.now):
        assert rounds.deliver_messages(bad.now, rounds.Failures()) == 1
    assert good.open() == ["next"]


def test_a_job_whose_case_cannot_take_the_answer_is_given_up_and_told(case, operation):
    @operation("t.call", kind="async")
    def call(ctx):
        raise ExternalFailure("registry", retry=False)

    p = Scope("p")
    p.start()
    p.service("call", "t.call")
    p.end()
    p.chain("start", "call", "end")
    c = case(p)
    damage(c)
    (job,) = c.rows(OutboxJob)
    assert entry.run(job.id) == "dead"
    assert c.incident().code == "state.unreadable" and "ExternalFailure" in c.incident().detail
