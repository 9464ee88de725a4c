"""Several at once: one completion, one case, whatever the database; and what a completion costs in statements."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.actor import Actor
from app.engine import commands
from app.engine.models import Submission, WorkItem
from app.engine.reconcile import reconcile
from app.errors import AppError
from app.extensions import db, unit_of_work
from app.outbox.models import OutboxJob
from tests.unit.engine.conftest import Case, counted
from tests.unit.engine.diagrams import Scope, timer

pytestmark = pytest.mark.both_databases


def sending(id: str = "p") -> Scope:
    p = Scope(id)
    p.start()
    p.user("ask", outputs="x")
    p.service("tell", "t.tell")
    p.xor("which")
    p.user("next", due="P1D")
    p.boundary("bell", "next", timer("duration", "P3D"))
    p.end()
    p.end("end2")
    p.chain("start", "ask", "tell", "which")
    p.flow("which", "next", "x > 0")
    p.flow("which", "end", default=True)
    p.chain("bell", "end2")
    p.flow("next", "end")
    return p


@pytest.fixture
def told(operation):
    operation("t.tell")(lambda ctx: ctx.outbox("mail", f"tell:{ctx.task_id}", {}) and None)


def together(app: Flask, number: int, work: Callable[[int], object]) -> list[object]:
    """The answers of this many threads that start at one moment; an AppError is an answer."""
    gate, answers = threading.Barrier(number), [None] * number

    def run(index: int) -> None:
        with app.app_context():
            gate.wait()
            try:
                answers[index] = work(index)
            except AppError as error:
                answers[index] = error
            finally:
                db.session.remove()
    threads = [threading.Thread(target=run, args=(index,)) for index in range(number)]
    [thread.start() for thread in threads]
    [thread.join(60) for thread in threads]
    return answers


@pytest.mark.parametrize("same_key", [False, True])
def test_six_completions_of_one_task_are_one(ctx, app, told, same_key):
    for number in range(3):
        c = Case(sending(f"p{number}"))
        item = c.item("ask")
        db.session.remove()

        def click(index: int, item_id: str = item.id, number: int = number, c: Case = c) -> object:
            with unit_of_work(Actor(7, "甲"), now=c.now) as uow:
                key = f"same{number}" if same_key else f"key{number}.{index}"
                return commands.complete(uow, item_id, {"x": 1}, expected=1, command_key=key)

        answers = together(app, 6, click)
        kinds = Counter(type(a).__name__ + (".again" if getattr(a, "replayed", False) else "") for a in answers)
        assert kinds == ({"Completion": 1, "Completion.again": 5} if same_key else {"Completion": 1, "Stale": 5})
        assert len(c.rows(Submission)) == 1 and len(c.rows(OutboxJob)) == 1
        assert c.open() == ["next"] and reconcile(db.session, c.id) == []


def test_completing_claiming_and_firing_at_once_leave_a_consistent_case(ctx, app, told):
    for number in range(4):
        c = Case(sending(f"p{number}"))
        c.send("ask", x=1)
        item = c.item("next")
        c.later(days=4)
        db.session.remove()

        def act(index: int, item_id: str = item.id, number: int = number, c: Case = c) -> object:
            with unit_of_work(Actor(7 + index % 2, "甲"), now=c.now) as uow:
                if index % 3 == 0:
                    return commands.complete(uow, item_id, {}, expected=1, command_key=f"c{number}.{index}")
                if index % 3 == 1:
                    return commands.claim(uow, item_id)
                return commands.fire_timers(uow, c.id)

        answers = together(app, 6, act)
        assert not [a for a in answers if isinstance(a, OperationalError)]
        assert c.row.status in ("done",) and c.row.outcome in ("end", "end2")
        closed = c.rows(WorkItem, WorkItem.node_id == "next")[0].status
        assert (closed == "done") == (c.row.outcome == "end")
        assert len(c.events("case.ended")) == 1 and reconcile(db.session) == []


def test_a_completion_costs_few_statements(ctx, told):
    c = Case(sending())
    item_id = c.item("ask").id
    with c.work() as uow:
        db.session.execute(select(1))
        with counted(db.engine) as statements:
            commands.complete(uow, item_id, {"x": 1}, expected=1, command_key="k")
    domain = [s for s in statements if "outbox" in s or "SAVEPOINT" in s]
    assert len(statements) - len(domain) <= 11, "\n".join(statements)
    assert len(statements) <= 14, "\n".join(statements)


def test_work_is_handed_on_with_the_cases_locked_before_the_items(ctx, app, told):
    cases = [Case(sending(f"p{number}")) for number in range(2)]
    items = [c.item("ask").id for c in cases]
    with counted(db.engine) as statements, unit_of_work(Actor(9, "主管"), now=cases[0].now) as uow:
        assert commands.assign(uow, items, 8, "乙") == 2
    asked = [line for line in statements if line.startswith("SELECT")]
    assert [line.split(".")[0] for line in asked[:2]] == ["SELECT process_instances", "SELECT work_items"]
