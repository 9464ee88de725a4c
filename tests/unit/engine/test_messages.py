"""Messages find the case that waits, wait for one that will, and arrive once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.engine import commands
from app.engine.models import BufferedMessage
from app.errors import WrongState
from app.extensions import db
from tests.unit.engine.diagrams import Scope, timer


def waiting(id: str = "p", **properties: str) -> Scope:
    p = Scope(id)
    p.start()
    p.user("before")
    p.catch("paid", p.message("payment"), **properties)
    p.xor("x")
    p.user("big")
    p.user("small")
    p.end()
    p.chain("start", "before", "paid", "x")
    p.flow("x", "big", "amount > 10")
    p.flow("x", "small", default=True)
    p.chain("big", "end")
    p.flow("small", "end")
    return p


def deliver(c, correlation: str, key: str, **payload):
    with c.work() as uow:
        return commands.deliver_message(uow, "payment", correlation, payload, command_key=key, ttl=timedelta(days=1))


def test_a_message_reaches_the_case_that_waits_for_it(case):
    c = case(waiting())
    c.send("before")
    assert c.waits() == ["payment"]
    assert deliver(c, "K-p", "m1", amount=20, note={"deep": 1}).instance_id == c.id
    assert c.open() == ["big"] and c.waits() == []
    assert deliver(c, "K-p", "m1", amount=20).replayed
    assert [e.kind for e in c.events() if e.node_id == "paid"] == ["message.received"]


def test_a_message_that_comes_too_early_is_kept(case):
    c = case(waiting())
    assert deliver(c, "K-p", "m1", amount=5).buffered
    assert deliver(c, "K-other", "m2", amount=50).buffered
    c.send("before")
    assert c.open() == ["small"] and c.waits() == []
    assert [row.key for row in db.session.query(BufferedMessage)] == ["m2"]


def test_a_message_is_not_kept_for_ever(case):
    c = case(waiting())
    deliver(c, "K-p", "m1", amount=5)
    c.later(days=2).send("before")
    assert c.waits() == ["payment"] and c.open() == []
    with c.work() as uow:
        assert commands.drop_messages(uow) == 1
    assert db.session.query(BufferedMessage).count() == 0


def test_a_message_and_a_subscription_that_missed_each_other_are_brought_together(case):
    c = case(waiting())
    c.send("before")
    keep(c, {"amount": 11})
    (found,) = commands.due_messages(db.session(), 10)
    for expected in (True, False):
        with c.work() as uow:
            assert commands.pass_on(uow, found) is expected
    assert c.open() == ["big"] and commands.due_messages(db.session(), 10) == []


def test_the_node_may_say_what_it_answers_to_and_what_it_takes(case):
    c = case(waiting(correlation='"INV-" + string(no)', outputs="amount"), variables={"no": 7, "amount": 0})
    c.send("before")
    assert deliver(c, "K-p", "m1").buffered
    assert not deliver(c, "INV-7", "m2", amount=20, no=9).buffered
    assert c.open() == ["big"]


def test_an_event_gateway_takes_what_comes_first(case):
    def race(id: str) -> Scope:
        p = Scope(id)
        p.start()
        p.node("eventBasedGateway", "wait")
        p.catch("paid", p.message("payment"))
        p.catch("expired", timer("duration", "P3D"))
        p.user("thank")
        p.user("remind")
        p.end()
        p.chain("start", "wait", "paid", "thank", "end")
        p.chain("wait", "expired", "remind")
        p.flow("remind", "end")
        return p

    c = case(race("p"))
    assert [(t.node_id, t.due_at) for t in c.timers()] == [("expired", c.now + timedelta(days=3))] and c.waits() == ["payment"]
    deliver(c, "K-p", "m1", amount=1)
    assert c.open() == ["thank"] and c.timers() == [] and c.waits() == []
    assert {"start__wait", "wait__paid", "paid__thank"} <= set(c.flows())

    c = case(race("q"))
    c.later(days=3).fire()
    assert c.open() == ["remind"] and c.waits() == []
    assert [e.kind for e in c.events() if e.node_id == "expired"] == ["timer.set", "timer.fired"]


def test_the_applicant_may_withdraw_where_the_diagram_offers_it(case):
    p = Scope("p")
    p.start()
    p.user("check", lane="reviewer")
    p.boundary("left", "check", p.message("withdraw"), withdraw="yes")
    p.user("final")
    p.end()
    p.end("withdrawn", phase="已撤回", phaseKind="hold")
    p.chain("start", "check", "final", "end")
    p.chain("left", "withdrawn")
    c = case(p)
    for _ in range(2):
        with c.work() as uow:
            commands.withdraw(uow, c.id, command_key="w")
    assert (c.row.status, c.row.outcome, c.row.phase) == ("done", "withdrawn", "已撤回")

    p.id = "q"
    c = case(p)
    c.send("check")
    with pytest.raises(WrongState) as refused, c.work() as uow:
        commands.withdraw(uow, c.id, command_key="w2")
    assert refused.value.code == "case.withdraw"


def test_a_message_thrown_by_one_case_leaves_through_the_outbox(case):
    p = Scope("p")
    p.start()
    p.node("intermediateThrowEvent", "tell", p.message("payment"))
    p.end()
    p.chain("start", "tell", "end")
    c = case(p)
    from app.outbox.models import OutboxJob
    (job,) = c.rows(OutboxJob)
    assert (job.kind, job.payload["name"], job.payload["correlation"]) == ("message", "payment", "K-p")


def test_a_message_within_a_case_is_caught_there(case):
    p = Scope("p")
    p.start()
    p.fork("split")
    p.user("go")
    p.node("intermediateThrowEvent", "tell", p.message("payment"))
    p.catch("paid", p.message("payment"))
    p.user("next")
    p.fork("join")
    p.end()
    p.chain("start", "split", "go", "tell", "join", "end")
    p.chain("split", "paid", "next", "join")
    c = case(p)
    c.send("go")
    assert c.open() == ["next"]
    c.send("next")
    assert c.row.status == "done"


BAD = ({"typename": 1}, {"long": "字" * 900})


def keep(c, payload, key: str = "m1", correlation: str = "K-p") -> None:
    from app.engine.commands.events import _buffer
    with c.work() as uow:
        _buffer(uow, "payment", correlation, payload, key, timedelta(days=1))


@pytest.mark.parametrize("payload", BAD)
def test_a_kept_message_that_cannot_be_used_is_an_incident_not_a_failed_click(case, payload):
    c = case(waiting())
    deliver(c, "K-p", "m1", **payload)
    c.send("before")
    assert (c.incident().node_id, c.incident().code[:5]) == ("paid", "data.")
    assert db.session.query(BufferedMessage).count() == 0
    with c.work() as uow:
        commands.edit_and_retry(uow, c.incident().id, {"amount": 20})
    assert c.open() == ["big"]


@pytest.mark.parametrize("payload", BAD)
def test_a_message_that_cannot_be_used_does_not_hold_up_the_sweep(case, payload):
    c = case(waiting())
    c.send("before")
    keep(c, payload)
    (found,) = commands.due_messages(db.session(), 10)
    with c.work() as uow:
        assert commands.pass_on(uow, found)
    assert c.incident().node_id == "paid" and db.session.query(BufferedMessage).count() == 0


@pytest.mark.both_databases
def test_of_many_kept_messages_only_the_one_for_the_case_is_read(case):
    c = case(waiting())
    for number in range(3):
        keep(c, {"amount": number}, f"other{number}", f"K-{number}")
    keep(c, {"amount": 20})
    c.send("before")
    assert c.open() == ["big"] and db.session.query(BufferedMessage).count() == 3
