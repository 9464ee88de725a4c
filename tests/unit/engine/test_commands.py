"""Start, complete, claim: what a command writes, and what a repeated or late one gets."""

from __future__ import annotations

import pytest

from app.actor import Actor
from app.engine import commands
from app.engine.models import Submission, WorkItem
from app.errors import Forbidden, InvalidInput, Stale
from tests.unit.engine.diagrams import Scope

OTHER = Actor(8, "核定人員", frozenset({"approver"}))


def review(**approve: str) -> Scope:
    """apply → review → (again → apply | approve → end)."""
    p = Scope("review")
    p.start(formKey="review/apply")
    p.user("apply", lane="vendor", outputs="amount", phase="填寫中", phaseKind="act")
    p.user("check", lane="reviewer", outputs="decision", formKey="review/check", due="P7D", phase="審核中")
    p.xor("which")
    p.user("approve", lane="approver", **approve)
    p.end(phase="已通過", phaseKind="done")
    p.chain("start", "apply", "check", "which")
    p.flow("which", "apply", 'decision = "again"')
    p.flow("which", "approve", default=True)
    p.chain("approve", "end")
    return p


def test_a_case_runs_to_its_end(case):
    c = case(review(), values={"name": "甲公司"}, variables={"n": 1})
    assert c.open() == ["apply"]
    assert c.row.phase == "填寫中" and c.row.phase_kind == "act"

    c.send("apply", amount=5, memo="長文")
    item = c.item("check")
    assert (item.role, item.party, item.form_key) == ("reviewer", None, "review/check")
    assert (item.due_at - c.now).days == 7 and item.sort_at == item.due_at

    c.send("check", decision="again")
    assert c.open() == ["apply"] and c.item("apply").party == "org:1"
    c.send("apply", amount=6)
    c.send("check", decision="ok")
    c.send("approve")

    assert (c.row.status, c.row.outcome, c.row.phase, c.row.phase_kind) == ("done", "end", "已通過", "done")
    assert c.row.ended_at == c.now
    assert c.done() == ["start", "apply", "check", "which", "apply", "check", "which", "approve", "end"]
    assert set(c.flows()) == {"start__apply", "apply__check", "check__which", "which__apply", "which__approve", "approve__end"}
    assert [s.node_id for s in c.rows(Submission)] == ["start", "apply", "check", "apply", "check", "approve"]
    assert c.rows(Submission)[1].values == {"amount": 5, "memo": "長文"}


def test_the_same_click_gets_the_same_answer(case):
    c = case(review())
    item = c.item("apply")
    first = c.send("apply", key="click", amount=1)
    with c.work() as uow:
        again = commands.complete(uow, item.id, {"amount": 2}, expected=1, command_key="click")

    assert again.replayed and not first.replayed
    assert (again.item_ids, again.revision) == (first.item_ids, first.revision)
    assert len(c.rows(Submission)) == 1


def test_a_key_of_another_command_is_not_an_answer(case):
    c = case(review())
    c.send("apply", key="click")
    item = c.item("check")
    with pytest.raises(Stale), c.work(OTHER) as uow:
        commands.complete(uow, item.id, {}, expected=1, command_key="click")


def test_a_late_or_old_page_is_stale(case):
    c = case(review())
    item = c.item("apply")
    with pytest.raises(Stale), c.work() as uow:
        commands.complete(uow, item.id, {}, expected=9, command_key="a")
    c.send("apply")
    with pytest.raises(Stale), c.work() as uow:
        commands.complete(uow, item.id, {}, expected=1, command_key="b")
    assert c.open() == ["check"]


def test_a_claimed_task_belongs_to_one_person(case):
    c = case(review())
    item = c.item("apply")
    with c.work() as uow:
        claimed = commands.claim(uow, item.id, expected=1)
    assert (claimed.assignee_id, claimed.version) == (7, 2)
    with pytest.raises(Stale), c.work(OTHER) as uow:
        commands.claim(uow, item.id)
    with pytest.raises(Stale), c.work(OTHER) as uow:
        commands.complete(uow, item.id, {}, expected=2, command_key="x")
    with pytest.raises(Stale), c.work(OTHER) as uow:
        commands.release(uow, item.id)
    with c.work() as uow:
        commands.release(uow, item.id)
    with c.work(OTHER) as uow:
        assert commands.assign(uow, [item.id], 8, "核定人員") == 1
    assert c.item("apply").assignee == "核定人員"
    kinds = ["task.claimed", "task.released", "task.assigned"]
    assert [event.kind for event in c.events(*kinds)] == kinds


def test_the_reviewer_may_not_approve_his_own_review(case):
    c = case(review(separateFrom="check"))
    c.send("apply")
    c.send("check", decision="ok")
    item = c.item("approve")
    with pytest.raises(Forbidden) as refused, c.work() as uow:
        commands.claim(uow, item.id)
    assert refused.value.code == "task.separation"
    with pytest.raises(Forbidden), c.work() as uow:
        commands.complete(uow, item.id, {}, expected=1, command_key="x")
    c.send("approve", actor=OTHER)
    assert c.row.status == "done"


def test_only_named_outputs_become_data_and_only_flat_ones(case):
    c = case(review())
    item = c.item("apply")
    with pytest.raises(InvalidInput), c.work() as uow:
        commands.complete(uow, item.id, {"amount": {"typename": "x"}}, expected=1, command_key="a")
    c.send("apply", amount=5, typename="BpmnWorkflow", other={"deep": 1})
    assert c.open() == ["check"]


def test_a_draft_is_kept_and_goes_with_the_task(case):
    c = case(review())
    item = c.item("apply")
    for text in ("甲", "乙"):
        with c.work() as uow:
            commands.save_draft(uow, item.id, {"name": text, "bad": "<no-check>"})
    from app.engine import queries
    from app.extensions import db
    assert queries.draft(db.session, item.id, 7).values["name"] == "乙"
    c.send("apply")
    assert queries.draft(db.session, item.id, 7) is None


def test_a_draft_goes_with_a_cancelled_case(case):
    c = case(review())
    item = c.item("apply")
    with c.work() as uow:
        commands.save_draft(uow, item.id, {"name": "甲"})
    with c.work() as uow:
        commands.cancel(uow, c.id, "測試")
    from app.engine import queries
    from app.extensions import db
    assert queries.draft(db.session, item.id, 7) is None


def test_starting_twice_with_one_key_is_one_case(case):
    c = case(review(), command_key="go")
    with c.work() as uow:
        again = commands.start(uow, "review", title="一件", business_key="other", parties={}, command_key="go")
    assert again.id == c.id
    assert len(c.rows(WorkItem)) == 1
