"""A case of many rounds costs at the end what it cost at the beginning."""

from __future__ import annotations

from sqlalchemy import func, select

from app.engine import commands
from app.engine.models import Event, ProcessInstance
from app.extensions import db
from tests.unit.engine.conftest import Case, counted
from tests.unit.engine.diagrams import Scope, timer

ROUNDS = 505


def test_five_hundred_rounds_beside_a_waiting_branch_cost_what_one_did(ctx):
    """The loop stands in a parallel branch whose sibling has reached the join: nothing may be forgotten there."""
    p = Scope("p")
    p.start()
    p.fork("split")
    p.user("once", outputs="kept")
    p.xor("m")
    p.user("ask", outputs="again,n")
    p.boundary("bell", "ask", timer("duration", "P3D"), interrupting=False)
    p.end("end2")
    p.xor("x")
    p.fork("join")
    p.user("last")
    p.end()
    p.chain("start", "split", "once", "join", "last", "end")
    p.chain("split", "m", "ask", "x")
    p.chain("bell", "end2")
    p.flow("x", "m", "again")
    p.flow("x", "join", default=True)
    c = Case(p)
    c.send("once", kept=7)
    item_id, sizes, costs = c.item("ask").id, {}, {}
    for number in range(ROUNDS):
        with c.work() as uow, counted(db.engine) as statements:
            values = {"again": number < ROUNDS - 1, "n": number % 10}
            done = commands.complete(uow, item_id, values, expected=1, command_key=f"round {number}")
        (item_id,) = done.item_ids
        if number in (2, ROUNDS - 2):
            sizes[number] = db.session.scalar(select(func.length(ProcessInstance.state)).where(ProcessInstance.id == c.id))
            costs[number] = len(statements)
        db.session.rollback()

    assert sizes[ROUNDS - 2] <= sizes[2] * 1.02 and costs[ROUNDS - 2] == costs[2]
    assert c.open() == ["last"]
    c.send("last")
    assert c.row.status == "done"
    assert len(c.rows(Event, Event.kind == "task.completed")) == ROUNDS + 2
