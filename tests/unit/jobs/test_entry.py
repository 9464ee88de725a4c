"""One outbox row, carried out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.ctx import AppContext

from app import clock, notify, outbox
from app.config import Config
from app.errors import DefinitionError, ExternalFailure
from app.extensions import UnitOfWork, db
from app.jobs import entry, handlers, rounds
from app.notify.models import Message
from app.outbox.models import OutboxJob
from tests.conftest import UowFactory

pytestmark = pytest.mark.both_databases


def add(uow: UowFactory, kind: str = "probe", key: str = "k1") -> str:
    with uow() as work:
        return outbox.add(work.session, kind, key, {"n": 1}, now=work.now).id


def row(job_id: str) -> OutboxJob:
    db.session.rollback()
    found = db.session.get(OutboxJob, job_id, populate_existing=True)
    assert found is not None
    return found


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """A kind of job whose effect is a beat; append an exception and it is raised instead."""
    planned: list[object] = []

    def prepare(_job: outbox.Job, _config: Config) -> handlers.Effect:
        assert not db.session().in_transaction(), "slow work needs a free database"
        if planned:
            error = planned.pop()
            assert isinstance(error, Exception)
            raise error
        return lambda work: outbox.beat(work.session, "probe", work.now)
    monkeypatch.setitem(handlers.HANDLERS, "probe", handlers.Handler(prepare, lambda *told: planned.append(told)))
    return planned


def test_effect_and_done_are_one(uow: UowFactory, probe: list[object]) -> None:
    job_id = add(uow)

    assert entry.run(job_id) == "done"

    assert row(job_id).status == "done" and "probe" in outbox.beats(db.session())


def test_a_row_is_carried_out_once(uow: UowFactory, probe: list[object]) -> None:
    job_id = add(uow)
    entry.run(job_id)

    assert entry.run(job_id) == "not ours"


def test_a_failure_waits_and_is_tried_again(uow: UowFactory, probe: list[object]) -> None:
    job_id = add(uow)
    probe.append(RuntimeError("away"))

    assert entry.run(job_id) == "pending"

    failed = row(job_id)
    assert failed.attempts == 1 and failed.last_error == "RuntimeError: away"
    assert timedelta(seconds=3) < failed.due_at - clock.now() <= timedelta(seconds=5)
    assert entry.run(job_id) == "not ours"


@pytest.mark.parametrize("error", [DefinitionError("wrong template"), ExternalFailure("smtp", retry=False)])
def test_what_cannot_succeed_is_given_up_and_told(uow: UowFactory, probe: list[object], error: Exception) -> None:
    job_id = add(uow)
    probe.append(error)

    assert entry.run(job_id) == "dead"

    assert len(probe) == 1                         # on_dead was told


def test_a_lost_lease_takes_the_effect_back(uow: UowFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    def prepare(job: outbox.Job, _config: Config) -> handlers.Effect:
        with uow(now=clock.now() + timedelta(hours=1)) as work:
            outbox.rescue(work.session, work.now)  # the others think that this worker is dead
        return lambda work: outbox.beat(work.session, "probe", work.now)
    monkeypatch.setitem(handlers.HANDLERS, "probe", handlers.Handler(prepare))
    job_id = add(uow)

    assert entry.run(job_id) == "lost"

    assert row(job_id).status == "pending" and outbox.beats(db.session()) == {}


def test_an_unknown_kind_waits_for_newer_code(uow: UowFactory) -> None:
    job_id = add(uow, kind="from_tomorrow")

    assert entry.run(job_id) == "pending"


def test_an_unknown_kind_is_given_up_in_the_end(uow: UowFactory) -> None:
    job_id, now = add(uow, kind="from_tomorrow"), clock.now()

    for hour in range(5):
        with clock.frozen(now + timedelta(hours=hour)):
            last = entry.run(job_id)

    assert last == "dead" and row(job_id).status == "dead"
    assert "from_tomorrow" in (row(job_id).last_error or "")


def test_a_job_is_given_up_even_when_nobody_can_be_told(uow: UowFactory, probe: list[object],
                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(work: UnitOfWork, *_: object) -> None:
        outbox.beat(work.session, "half", work.now)
        raise RuntimeError("nobody there")
    monkeypatch.setitem(handlers.HANDLERS, "probe", handlers.Handler(handlers.HANDLERS["probe"].prepare, refuse))
    job_id = add(uow)
    probe.append(DefinitionError("wrong template"))

    assert entry.run(job_id) == "dead"

    assert row(job_id).status == "dead" and outbox.beats(db.session()) == {}


def test_a_mail_leaves_once_and_is_marked(uow: UowFactory, app: Flask, config: Config) -> None:
    with uow() as work:
        notify.send(work.session, "主旨：測試\n\n您好", template="t", to=notify.Recipient("a@b.example", "甲"), context={},
                    key="m1", now=work.now)
        job_id = str(db.session.query(OutboxJob.id).scalar())

    assert entry.run(job_id) == "done"

    assert len(list(config.mail_dir.glob("*.eml"))) == 1
    assert db.session.query(Message.sent_at).scalar() is not None


def test_the_relay_takes_what_is_due_and_rescues_the_lost(uow: UowFactory, ctx: AppContext) -> None:
    job_id, now = add(uow), clock.now()

    assert rounds.relay(now, limit=10) == [job_id]
    assert rounds.relay(now, limit=10) == []
    assert rounds.relay(now + timedelta(minutes=2), limit=10) == [job_id]


def test_the_relay_leaves_in_sql_what_the_queue_has_no_room_for(uow: UowFactory, ctx: AppContext) -> None:
    job_id = add(uow)

    assert rounds.relay(clock.now(), limit=0) == []
    assert row(job_id).status == "pending"


def test_one_bad_case_does_not_hold_up_the_others(ctx: AppContext, monkeypatch: pytest.MonkeyPatch) -> None:
    fired: list[int] = []

    def fire(_work: UnitOfWork, instance_id: int) -> None:
        if instance_id == 1:
            raise RuntimeError("broken")
        fired.append(instance_id)
    monkeypatch.setattr(rounds.commands, "due_instances", lambda *_: [1, 2], raising=False)
    monkeypatch.setattr(rounds.commands, "fire_timers", fire, raising=False)
    resting, now = rounds.Failures(), clock.now()

    assert [rounds.fire_timers(now, resting) for _ in range(2)] == [1, 1]
    assert fired == [2, 2] and resting.is_resting(1, now)
    assert not resting.is_resting(1, now + timedelta(minutes=1))
