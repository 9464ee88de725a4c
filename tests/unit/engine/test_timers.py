"""Timers use the command's clock, fire in due order, and keep what people have typed when they are moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.engine import clockwork, commands
from app.extensions import db
from tests.unit.engine.conftest import START
from tests.unit.engine.diagrams import Scope, timer


def hosted(*bells: tuple[str, str, str, bool]) -> Scope:
    """A task with boundary timers (id, kind, value, interrupting), each leading to a task ``after_<id>``."""
    p = Scope("p")
    p.start()
    p.user("work")
    p.end()
    p.chain("start", "work", "end")
    for id, kind, value, interrupting in bells:
        p.boundary(id, "work", timer(kind, value), interrupting=interrupting)
        p.user(f"after_{id}")
        p.end(f"end_{id}")
        p.chain(id, f"after_{id}", f"end_{id}")
    return p


@pytest.mark.parametrize(("kind", "value", "due"), [
    ("duration", "P7D", START + timedelta(days=7)),
    ("duration", '"PT5M"', START + timedelta(minutes=5)),
    ("duration", "P1M", datetime(2026, 6, 19, 1, tzinfo=UTC)),
    ("duration", 'duration("P2D")', START + timedelta(days=2)),
    ("date", "2026-06-01", datetime(2026, 6, 1, 9, tzinfo=UTC)),
    ("date", 'date("2026-06-01")', datetime(2026, 6, 1, 9, tzinfo=UTC)),
    ("date", "2026-06-01T10:00:00", datetime(2026, 6, 1, 2, tzinfo=UTC)),
    ("date", "day", datetime(2026, 6, 3, 9, tzinfo=UTC)),
    ("cycle", "R3/P1D", START + timedelta(days=1)),
    ("cycle", '"R/" + "PT2H"', START + timedelta(hours=2)),
    ("cycle", "R2/2026-06-01T09:00:00+08:00/P1D", datetime(2026, 6, 1, 1, tzinfo=UTC)),
])
def test_when_a_timer_is_due(case, kind, value, due):
    c = case(hosted(("bell", kind, value, kind != "cycle")), variables={"day": "2026-06-03"})
    assert [t.due_at for t in c.timers()] == [due]
    assert c.events("timer.set")[0].data == {"due_at": due.isoformat()}


def test_a_timer_fires_at_its_very_instant_and_interrupts(case):
    c = case(hosted(("bell", "duration", "P1D", True)))
    c.later(days=1, seconds=-1)
    assert commands.due_instances(db.session, c.now, 10) == [] and c.fire() == 0 and c.open() == ["work"]
    c.later(seconds=1)
    assert commands.due_instances(db.session, c.now, 10) == [c.id] and c.fire() == 1
    assert c.open() == ["after_bell"] and c.timers() == [] and c.fire() == 0
    assert "bell__after_bell" in c.flows()
    assert [e.node_id for e in c.events("task.cancelled")] == ["work"]


def test_a_reminder_leaves_the_task_open(case):
    c = case(hosted(("bell", "duration", "P1D", False), ("last", "duration", "P9D", True)))
    item = c.item("work").id
    c.later(days=1).fire()
    assert c.open() == ["after_bell", "work"] and c.item("work").id == item
    c.send("work")
    assert c.open() == ["after_bell"] and c.timers() == []
    c.send("after_bell")
    assert c.row.status == "done"


def test_missed_timers_fire_in_due_order(case):
    c = case(hosted(("second", "duration", "P2D", False), ("first", "duration", "P1D", False), ("last", "duration", "P3D", True)))
    c.later(days=10).fire()
    assert [e.node_id for e in c.events("timer.fired")] == ["first", "second", "last"]
    assert c.open() == ["after_first", "after_last", "after_second"]


def test_missed_reminders_come_once_and_what_they_opened_outlives_the_host(case):
    c = case(hosted(("bell", "cycle", "R5/P1D", False)))
    c.later(days=3, hours=1).fire()
    assert c.open() == ["after_bell", "work"]
    assert [t.due_at for t in c.timers()] == [START + timedelta(days=4)]
    c.later(days=1).fire()
    assert c.open() == ["after_bell", "after_bell", "work"]
    c.later(days=1).fire()
    assert c.timers() == [] and len(c.events("timer.fired")) == 3
    c.send("work")
    assert c.open() == ["after_bell"] * 3, "SpiffWorkflow deletes them (D13)"
    for _ in range(3):
        c.send("after_bell")
    assert c.row.status == "done"
    assert "bell__after_bell" in c.flows()


def test_endless_reminders_do_not_grow_the_state(case):
    p = Scope("p")
    p.start()
    p.user("work")
    p.end()
    p.boundary("bell", "work", timer("cycle", "R/P1D"), interrupting=False)
    p.script("after", "n = n + 1")
    p.end("end_bell")
    p.chain("start", "work", "end")
    p.chain("bell", "after", "end_bell")
    c = case(p, variables={"n": 0})
    c.later(days=1).fire()
    size = len(c.row.state)
    for _ in range(30):
        c.later(days=1).fire()
    assert len(c.row.state) <= size * 1.1 and len(c.events("timer.fired")) == 31


def test_an_intermediate_timer_holds_the_token(case):
    p = Scope("p")
    p.start()
    p.catch("pause", timer("duration", "PT1H"))
    p.user("next")
    p.end()
    p.chain("start", "pause", "next", "end")
    c = case(p)
    assert c.open() == [] and c.row.status == "running"
    c.later(hours=1).fire()
    assert c.open() == ["next"]
    assert [e.kind for e in c.events() if e.node_id == "pause"] == ["timer.set", "timer.fired"]


def test_a_timer_of_no_length_fires_at_once_and_a_loop_of_them_stops(case):
    p = Scope("p")
    p.start()
    p.xor("m")
    p.catch("pause", timer("duration", "PT0S"))
    p.xor("x")
    p.user("next")
    p.end()
    p.chain("start", "m", "pause", "x")
    p.flow("x", "m", "again")
    p.flow("x", "next", default=True)
    p.chain("next", "end")
    c = case(p, variables={"again": False})
    assert c.open() == ["next"]

    p.id = "q"
    c = case(p, variables={"again": True})
    assert c.incidents()[0].code == "step.limit"


def test_moving_a_deadline_keeps_items_and_drafts(case):
    c = case(hosted(("bell", "duration", "P1D", True)))
    item = c.item("work")
    with c.work() as uow:
        commands.save_draft(uow, item.id, {"name": "甲"})
    with c.work() as uow:
        moved = commands.reschedule_timer(uow, c.timers()[0].id, START + timedelta(days=5))
    assert moved.due_at == START + timedelta(days=5)
    c.later(days=2)
    assert c.fire() == 0 and c.item("work").id == item.id
    from app.engine import queries
    assert queries.draft(db.session, item.id, 7).values == {"name": "甲"}
    c.later(days=3)
    assert c.fire() == 1 and c.open() == ["after_bell"]
    assert c.events("timer.rescheduled")[0].data["to"] == (START + timedelta(days=5)).isoformat()


def test_a_click_before_the_clock_is_served_wins(case):
    c = case(hosted(("bell", "duration", "P1D", True)))
    c.later(days=2).send("work")
    assert c.row.status == "done" and c.events("timer.fired") == []


@pytest.mark.parametrize("text", ["", "P", "PT", "-P1D", "P1H", "P99Y", "soon", "2026-13-01", "R3/P0D", "R3/PT0.1S"])
def test_a_value_that_says_no_time_is_refused(text):
    with pytest.raises(clockwork.TimeError):
        clockwork.parse_cycle(text, START) if text.startswith("R") else clockwork.instant(text, START)


def test_the_last_day_of_a_month_and_a_leap_year():
    end = datetime(2028, 1, 31, 4, tzinfo=UTC)
    assert clockwork.parse_duration("P1M").after(end) == datetime(2028, 2, 29, 4, tzinfo=UTC)
    assert clockwork.parse_duration("P1Y").after(datetime(2028, 2, 29, 4, tzinfo=UTC)) == datetime(2029, 2, 28, 4, tzinfo=UTC)
