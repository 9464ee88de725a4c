"""Reconcile finds what was planted, repairs it, and finds nothing in a healthy case."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from app.engine import commands
from app.engine.models import Incident, ProcessInstance, Subscription, Timer, WorkItem
from app.engine.reconcile import case_ids, reconcile
from app.extensions import db
from tests.unit.engine.diagrams import Scope, timer


def rich(id: str = "p") -> Scope:
    """Items, a timer, a message wait and an incident at once."""
    p = Scope(id)
    p.start()
    p.fork("split")
    p.user("work", due="P1D")
    p.boundary("bell", "work", timer("duration", "P3D"))
    p.catch("paid", p.message("payment"))
    p.script("broken", "a = missing")
    for number, node in enumerate(("work", "paid", "broken", "bell")):
        p.end(f"end{number}")
        p.flow(node, f"end{number}")
        if node != "bell":
            p.flow("split", node)
    p.chain("start", "split")
    return p


PLANTED = {
    "item": [delete(WorkItem)], "closed item": [update(WorkItem).values(status="done")],
    "timer": [delete(Timer)], "moved timer": [update(Timer).values(due_at=Timer.due_at)],
    "subscription": [delete(Subscription)], "incident": [delete(Incident)],
    "status": [update(ProcessInstance).values(status="done")],
}


@pytest.mark.parametrize("name", sorted(PLANTED))
def test_a_planted_difference_is_found_and_repaired(case, name):
    c = case(rich())
    with c.work() as uow:
        assert reconcile(uow) == []
        for statement in PLANTED[name]:
            uow.session.execute(statement)
        if name == "moved timer":
            uow.session.execute(update(Timer).values(due_at=c.now + timedelta(days=9)))

    db.session.expire_all()
    found = reconcile(db.session, c.id)
    assert [difference.kind for difference in found] == [name.split()[-1]]
    with c.work() as uow:
        assert reconcile(uow, c.id, repair=True) == found
    assert reconcile(db.session) == []
    assert c.open() == ["work"] and len(c.timers()) == 1 and c.waits() == ["payment"] and len(c.incidents()) == 1


def test_extra_rows_go(case):
    c = case(rich())
    with c.work() as uow:
        uow.session.add(Timer(instance_id=c.id, task_id="ghost", node_id="x", name="x", due_at=c.now))
    with c.work() as uow:
        (found,) = reconcile(uow, repair=True)
    assert (found.kind, found.key, found.expected) == ("timer", "ghost", "absent")
    assert reconcile(db.session) == []


def test_a_ghost_timer_does_not_keep_the_poll_busy(case):
    c = case(rich())
    with c.work() as uow:
        uow.session.add(Timer(instance_id=c.id, task_id="ghost", node_id="x", name="x", due_at=c.now))
    assert c.fire() == 0 and len(c.timers()) == 1


def test_a_state_that_cannot_be_read_is_named_and_left_alone(case):
    c = case(rich())
    with c.work() as uow:
        uow.session.execute(update(ProcessInstance).values(state=b"broken"))
    with c.work() as uow:
        (found,) = reconcile(uow, repair=True)
    assert found.kind == "state" and found.expected == "readable"


def test_ended_and_cancelled_cases_have_nothing_open(case):
    c = case(rich())
    with c.work() as uow:
        commands.cancel(uow, c.id, "測試")
    assert reconcile(db.session) == []


def test_ended_cases_are_looked_at_only_while_something_stands_open(case):
    done, running = case(rich()), case(rich("q"))
    with done.work() as uow:
        commands.cancel(uow, done.id, "測試")
    assert case_ids(db.session()) == [running.id] and case_ids(db.session(), running.id) == []
    with done.work() as uow:
        uow.session.execute(update(WorkItem).where(WorkItem.instance_id == done.id).values(status="open"))
    assert case_ids(db.session()) == [done.id, running.id]
    assert {difference.instance_id for difference in reconcile(db.session())} == {done.id}
