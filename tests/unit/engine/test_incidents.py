"""A step that fails: the click stays, the case waits with an incident, other branches go on, a person can act."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.engine import commands, queries
from app.engine.models import Incident, Timer
from app.errors import ExternalFailure, InvalidInput, WrongState
from app.extensions import db
from tests.unit.engine.diagrams import Scope, many, timer


def one_service(**parameters: str) -> Scope:
    p = Scope("p")
    p.start()
    p.user("ask", outputs="x")
    p.service("call", "t.call", **parameters)
    p.end()
    p.chain("start", "ask", "call", "end")
    return p


def retry(c, how=commands.retry, *args):
    with c.work() as uow:
        return how(uow, c.incident().id, *args)


@pytest.mark.both_databases
def test_a_failing_operation_keeps_the_click_and_is_tried_again(case, operation):
    broken = [True]

    @operation("t.call")
    def call(ctx):
        ctx.session.add(Timer(instance_id=ctx.instance.id, task_id="half", node_id="x", name="half done", due_at=ctx.now))
        ctx.session.flush()
        if broken[0]:
            raise ExternalFailure("registry", "登記系統沒有回應。")
        return {"found": True}

    c = case(one_service())
    c.send("ask", x=1)
    incident = c.incident()
    assert c.done() == ["start", "ask"] and c.row.status == "running"
    assert (incident.node_id, incident.message, incident.attempts) == ("call", "登記系統沒有回應。", 1)
    assert incident.retry_at == c.now + timedelta(minutes=1)
    assert c.timers() == [], "the savepoint is rolled back"

    waits = []
    for minutes in (1, 5, 30, 120):
        c.later(minutes=minutes)
        assert commands.due_retries(db.session, c.now, 10) == [incident.id]
        retry(c)
        waits.append(c.incident().retry_at and c.incident().retry_at - c.now)
    assert waits == [timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), None]
    assert c.incident().attempts == 5

    broken[0] = False
    retry(c)
    assert c.incidents() == [] and c.row.status == "done"
    assert c.rows(Incident)[0].resolution == "retried"
    with pytest.raises(WrongState), c.work() as uow:
        commands.retry(uow, incident.id)


@pytest.mark.parametrize(("result", "code"), [({"typename": 1}, "data.name"), ({"deep": {"a": 1}}, "data.shape"),
                                              ({"long": "字" * 900}, "data.size")])
def test_what_an_operation_may_not_return_is_an_incident(case, operation, result, code):
    operation("t.call")(lambda ctx: result)
    c = case(one_service())
    c.send("ask")
    assert (c.incident().code, c.incident().retry_at) == (code, None)


def test_a_bug_in_an_operation_is_tried_again_and_an_unknown_one_is_not(case, operation):
    operation("t.call")(lambda ctx: 1 / 0)
    c = case(one_service())
    c.send("ask")
    assert c.incident().code == "step.unexpected" and c.incident().retry_at and "ZeroDivisionError" in c.incident().detail

    p = one_service()
    p.id = "q"
    p.nodes = [n.replace("t.call", "t.none") for n in p.nodes]
    c = case(p)
    c.send("ask")
    assert (c.incident().code, c.incident().retry_at) == ("operation.unknown", None)


def test_a_wrong_parameter_is_corrected_by_a_person(case, operation):
    operation("t.call")(lambda ctx, n: {"n": n})
    c = case(one_service(n="x + y"))
    c.send("ask", x=1)
    assert c.incident().retry_at is None and "y" in c.incident().message
    with pytest.raises(InvalidInput):
        retry(c, commands.edit_and_retry, {"y": {"a": 1}})
    retry(c, commands.edit_and_retry, {"y": 2})
    assert c.row.status == "done" and c.rows(Incident)[0].resolution == "edited"


def test_a_step_can_be_skipped(case, operation):
    operation("t.call")(lambda ctx: 1 / 0)
    c = case(one_service())
    c.send("ask")
    retry(c, commands.skip)
    assert c.row.status == "done" and c.done() == ["start", "ask", "call", "end"]


def test_what_the_case_is_for_cannot_be_skipped(case, operation):
    operation("t.call", skippable=False)(lambda ctx: 1 / 0)
    c = case(one_service())
    c.send("ask")
    with pytest.raises(WrongState) as refused:
        retry(c, commands.skip)
    assert refused.value.code == "incident.not_skippable"
    assert c.row.status == "running" and c.incident().node_id == "call"


def gateway(kind: str, *, default: bool) -> Scope:
    p = Scope("p")
    p.start()
    p.user("ask", outputs="x")
    p.node(kind, "which")
    p.user("a")
    p.user("b")
    p.end()
    p.chain("start", "ask", "which")
    p.flow("which", "a", "x > limit")
    p.flow("which", "b", None if default else "x <= limit", default=default)
    p.chain("a", "end")
    p.flow("b", "end")
    return p


@pytest.mark.parametrize("kind", ["exclusiveGateway", "inclusiveGateway"])
def test_a_gateway_that_cannot_decide_waits(case, kind):
    c = case(gateway(kind, default=True))
    c.send("ask", x=5)
    assert c.open() == [] and c.incident().node_id == "which"
    retry(c)
    assert c.incident().attempts == 2
    retry(c, commands.edit_and_retry, {"limit": 3})
    assert c.open() == ["a"] and "which__a" in c.flows()


@pytest.mark.parametrize("kind", ["exclusiveGateway", "inclusiveGateway"])
def test_a_gateway_is_skipped_by_its_default_path_only(case, kind):
    c = case(gateway(kind, default=True))
    c.send("ask", x=5)
    retry(c, commands.skip)
    assert c.open() == ["b"]

    p = gateway(kind, default=False)
    p.id = "q"
    c = case(p)
    c.send("ask", x=5)
    with pytest.raises(WrongState):
        retry(c, commands.skip)


def test_a_condition_that_is_not_true_or_false_is_an_incident(case):
    p = gateway("exclusiveGateway", default=True)
    p.flows = [f.replace("x &gt; limit", "x") for f in p.flows]
    c = case(p)
    c.send("ask", x=5)
    assert c.incident().node_id == "which"


def test_a_script_and_an_undeployed_decision_wait(case):
    p = Scope("p")
    p.start()
    p.script("count", "a = 1\nb = a + missing")
    p.decision("decide", "route")
    p.end()
    p.chain("start", "count", "decide", "end")
    c = case(p)
    assert c.incident().node_id == "count"
    retry(c, commands.edit_and_retry, {"missing": 2})
    assert (c.incident().node_id, c.incident().code) == ("decide", "decision.unknown")
    retry(c, commands.skip)
    assert c.row.status == "done"


def with_timer(interrupting: bool, kind: str = "duration") -> Scope:
    p = Scope("p")
    p.start()
    p.user("work")
    p.boundary("bell", "work", timer(kind, "wait"), interrupting=interrupting)
    p.user("late")
    p.end()
    p.end("end2")
    p.chain("start", "work", "end")
    p.chain("bell", "late", "end2")
    return p


@pytest.mark.parametrize("kind", ["duration", "date", "cycle"])
def test_a_boundary_timer_that_cannot_be_set_does_not_stop_the_work(case, kind):
    c = case(with_timer(kind != "cycle", kind))
    assert c.open() == ["work"] and c.timers() == [] and c.incident().node_id == "bell"
    retry(c, commands.edit_and_retry, {"wait": "R2/PT1H" if kind == "cycle" else "PT1H"})
    assert c.incidents() == [] and c.timers()[0].due_at == c.now + timedelta(hours=1)
    c.later(hours=1)
    assert c.fire() == 1
    assert c.open() == (["late", "work"] if kind == "cycle" else ["late"])


def test_a_boundary_timer_can_be_left_out_and_its_incident_ends_with_the_work(case):
    c = case(with_timer(True))
    retry(c, commands.skip)
    assert c.incidents() == [] and c.timers() == []
    c.send("work")
    assert c.row.status == "done"

    p = with_timer(True)
    p.id = "q"
    c = case(p)
    c.send("work")
    assert c.row.status == "done" and c.rows(Incident)[0].resolution == "cancelled"


def test_an_intermediate_timer_can_be_passed_by(case):
    p = Scope("p")
    p.start()
    p.catch("pause", timer("duration", "nonsense"))
    p.user("next")
    p.end()
    p.chain("start", "pause", "next", "end")
    c = case(p)
    assert c.incident().node_id == "pause" and c.open() == []
    retry(c, commands.skip)
    assert c.open() == ["next"]


@pytest.mark.parametrize("sequential", [False, True])
def test_a_multi_instance_without_a_list_waits_with_nothing_half_made(case, sequential):
    p = Scope("p")
    p.start()
    p.user("vote", many(items=("people", "person"), sequential=sequential))
    p.end()
    p.chain("start", "vote", "end")
    c = case(p)
    assert c.open() == [] and c.incident().code == "loop.input"
    retry(c, commands.edit_and_retry, {"people": ["a", "b"]})
    assert c.open() == (["vote"] if sequential else ["vote", "vote"])
    c.send("vote")
    c.send("vote")
    assert c.row.status == "done"


@pytest.mark.parametrize(("size", "code"), [("51", "loop.size"), ('"three"', "loop.size"), ("1 / 0", None)])
def test_a_multi_instance_of_no_sensible_size_waits(case, size, code):
    p = Scope("p")
    p.start()
    p.user("vote", many(cardinality=size))
    p.end()
    p.chain("start", "vote", "end")
    c = case(p)
    assert c.open() == [] and code in (None, c.incident().code)
    retry(c, commands.skip)
    assert c.row.status == "done"


def test_a_completion_condition_that_fails_counts_as_no_until_it_is_mended(case):
    p = Scope("p")
    p.start()
    p.user("vote", many(cardinality="3", until="yes = quorum"), outputs="yes")
    p.end()
    p.chain("start", "vote", "end")
    c = case(p)
    c.send("vote", yes=1)
    assert c.open() == ["vote", "vote"] and c.incident().node_id == "vote"
    retry(c, commands.skip)
    c.send("vote", yes=1)
    c.send("vote", yes=1)
    assert c.row.status == "done"


def test_other_branches_go_on_and_the_end_waits_for_the_failed_one(case, operation):
    ok = []
    operation("t.call")(lambda ctx: None if ok else 1 / 0)
    p = Scope("p")
    p.start()
    p.fork("split")
    p.service("call", "t.call")
    p.user("a")
    p.user("b")
    p.end()
    p.end("end2")
    p.chain("start", "split", "call", "end")
    p.chain("split", "a", "b", "end2")
    c = case(p)
    assert c.open() == ["a"] and c.incident().node_id == "call"
    c.send("a")
    c.send("b")
    assert c.row.status == "running" and c.open() == []
    ok.append(1)
    retry(c)
    assert c.row.status == "done"


def test_an_endless_diagram_stops_with_an_incident(case):
    p = Scope("p")
    p.start()
    p.xor("m")
    p.script("turn", "n = n + 1")
    p.xor("x")
    p.end()
    p.chain("start", "m", "turn", "x")
    p.flow("x", "m", "n > 0")
    p.flow("x", "end", default=True)
    c = case(p, variables={"n": 0})
    assert c.incident().code == "step.limit"
    assert len(c.row.state) < 3000
    with c.work() as uow:
        commands.cancel(uow, c.id, "流程圖有誤")
    assert c.row.status == "cancelled" and c.incidents() == []


def test_a_join_that_waits_in_vain_is_shown(case):
    p = Scope("p")
    p.start()
    p.xor("x")
    p.user("a")
    p.user("b")
    p.fork("join")
    p.end()
    p.chain("start", "x")
    p.flow("x", "a", "true")
    p.flow("x", "b", default=True)
    p.chain("a", "join", "end")
    p.flow("b", "join")
    c = case(p)
    c.send("a")
    assert c.incident().code == "case.stuck" and c.row.status == "running"
    retry(c)
    assert c.incident().attempts == 2
    retry(c, commands.skip)
    assert c.row.status == "done"


def test_a_deadline_that_cannot_be_computed_opens_the_task_all_the_same(case):
    p = Scope("p")
    p.start()
    p.user("work", due="limit")
    p.end()
    p.chain("start", "work", "end")
    c = case(p)
    assert c.open() == ["work"] and c.item("work").due_at is None and c.incident().node_id == "work"
    retry(c, commands.edit_and_retry, {"limit": "P2D"})
    assert c.item("work").due_at == c.now + timedelta(days=2)
    c.send("work")
    assert c.row.status == "done"


def test_an_async_operation_is_answered_once(case, operation):
    operation("t.call", kind="async")(lambda ctx: None)
    c = case(one_service())
    c.send("ask")
    from app.outbox.models import OutboxJob
    (job,) = c.rows(OutboxJob)
    assert job.kind == "operation" and job.payload["operation"] == "t.call" and c.row.status == "running"

    for _ in range(2):
        with c.work() as uow:
            commands.answer_operation(uow, c.id, job.payload["task_id"], error="對方拒絕", command_key="a1")
    assert c.incident().message == "對方拒絕" and c.incident().attempts == 1
    retry(c)
    assert len(c.rows(OutboxJob)) == 2
    task_id = job.payload["task_id"]
    with c.work() as uow:
        uow.session.query(OutboxJob).delete()          # done ones are swept after a while
    with c.work() as uow:
        commands.answer_operation(uow, c.id, task_id, result={"no": 5}, command_key="a2")
    assert c.row.status == "done"
    assert queries.open_incidents(db.session) == []
