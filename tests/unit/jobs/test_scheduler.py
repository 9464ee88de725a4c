"""The clock of the house."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from app import clock, outbox
from app.extensions import db
from app.jobs import rounds, sweep
from app.jobs import scheduler as module
from app.jobs.scheduler import Scheduler
from app.notify.models import Message
from app.outbox.models import OutboxJob
from tests.conftest import UowFactory


def test_a_round_beats_and_finds_nothing_to_do(app: Flask) -> None:
    assert Scheduler(app).round(clock.now()) == 0

    with app.app_context():
        assert "scheduler" in outbox.beats(db.session())
    assert app.test_client().get("/readyz").json["status"] == "ok"


def test_the_clock_goes_on_when_a_part_fails(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise RuntimeError("broken")
    monkeypatch.setattr(rounds, "relay", fail)
    monkeypatch.setattr(rounds, "fire_timers", lambda *_: 3)
    monkeypatch.setattr(module.time, "sleep", lambda _: None)

    assert Scheduler(app).round(clock.now()) == 3


def test_it_works_without_its_queue(app: Flask) -> None:
    app.extensions["qiliu"] = app.extensions["qiliu"].with_changes(redis_url="unix:///nowhere.sock")

    assert Scheduler(app).round(clock.now()) == 0


@pytest.mark.both_databases
def test_the_sweep_takes_what_is_old_and_leaves_the_rest(uow: UowFactory) -> None:
    now = clock.now()
    old = now - timedelta(days=200)
    with uow() as work:
        for number, (status, finished) in enumerate([("done", old), ("done", now), ("dead", old), ("pending", None)]):
            work.session.add(OutboxJob(id=str(number), kind="mail", key=str(number), payload={}, status=status,
                                       due_at=old, created_at=old, finished_at=finished))
        for number, (read, sent) in enumerate([(old, old), (now, old), (old, None), (None, old)]):
            work.session.add(Message(key=str(number), template="t", email="a@b.example", name="甲", subject="s", body="b",
                                     created_at=old, read_at=read, sent_at=sent))

    assert sweep.sweep(now) == 2

    assert sorted(db.session.scalars(db.select(OutboxJob.id))) == ["1", "2", "3"]
    assert sorted(db.session.scalars(db.select(Message.key))) == ["1", "2", "3"]
