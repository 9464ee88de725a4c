"""Defects of SpiffWorkflow 3.2.0 that a diagram can trigger (engine.md §0): shown on the bare library, then refused."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest
from lxml import etree
from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.spiff.specs.event_definitions import SignalEventDefinition

from app.rules import dmn
from tests.unit.engine_definitions.drawing import (
    FORM,
    Drawing,
    bare,
    complete,
    opened,
    publish,
    rules,
    settings,
    timer,
    waiting,
)

SIGNAL = '<signal id="alarm" name="alarm"/>'


def join_in_loop(yes: str) -> Drawing:
    d = Drawing()
    d.node("startEvent", "start").node("exclusiveGateway", "merge").node("parallelGateway", "split")
    d.node("userTask", "check_law", FORM).node("userTask", "check_price", FORM)
    d.node("parallelGateway", "join").node("userTask", "decide_case", FORM)
    d.node("exclusiveGateway", "choose", attributes='default="done"').node("endEvent", "end")
    d.chain("start", "merge", "split", "check_law", "join", "decide_case", "choose")
    d.chain("split", "check_price", "join").flow("choose", "merge", yes).flow("choose", "end", name="done")
    return d


def test_d1_a_join_inside_a_loop_fires_early_in_round_two_and_is_refused() -> None:
    early = []
    for first, second, third in (("check_law", "check_price", "check_law"), ("check_price", "check_law", "check_law"),
                                 ("check_law", "check_price", "check_price")):
        workflow = bare(join_in_loop("again"), again=True)
        for name in (first, second, "decide_case", third):
            complete(workflow, name)
        early.append("decide_case" in waiting(workflow))
    assert any(early)                                                    # wrong: one of the two has not checked yet

    assert rules(publish(join_in_loop('outcome = "again"'))) == {"join.in_loop"}


def test_d1_the_same_block_is_published_when_it_stands_in_a_sub_process() -> None:
    inner = Drawing()
    inner.node("startEvent", "begin").node("parallelGateway", "split").node("userTask", "check_law", FORM)
    inner.node("userTask", "check_price", FORM).node("parallelGateway", "join").node("endEvent", "checked")
    inner.chain("begin", "split", "check_law", "join", "checked").chain("split", "check_price", "join")
    d = Drawing().node("startEvent", "start").node("exclusiveGateway", "merge")
    d.node("subProcess", "check_both", "".join(inner.parts)).node("userTask", "decide_case", FORM)
    d.node("exclusiveGateway", "choose", attributes='default="done"').node("endEvent", "end")
    d.chain("start", "merge", "check_both", "decide_case", "choose")
    d.flow("choose", "merge", 'outcome = "again"').flow("choose", "end", name="done")

    assert publish(d).runnable


def endless(condition: str) -> Drawing:
    d = Drawing().node("startEvent", "start").node("exclusiveGateway", "merge")
    d.node("scriptTask", "count_up", "<script>x = 1</script>")
    d.node("exclusiveGateway", "choose", attributes='default="done"').node("endEvent", "end")
    d.chain("start", "merge", "count_up", "choose").flow("choose", "merge", condition)
    return d.flow("choose", "end", name="done")


@pytest.mark.filterwarnings("ignore")
def test_d2_an_endless_loop_is_called_complete_and_is_refused() -> None:
    claims_done = False
    try:
        claims_done = bare(endless("x == 1")).is_completed()
    except RecursionError:
        claims_done = True                                               # or it dies of its own depth
    assert claims_done

    assert rules(publish(endless("x = 1"))) == {"loop.no_wait"}


def test_d8_a_condition_is_remote_code_execution_and_is_refused(tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    code = f"__import__('pathlib').Path('{proof}').write_text('x') == 1"
    d = Drawing().node("startEvent", "start").node("exclusiveGateway", "choose", attributes='default="plain"')
    d.node("endEvent", "end").node("endEvent", "other").chain("start", "choose")
    d.flow("choose", "end", code).flow("choose", "other", name="plain")
    bare(d)
    assert proof.exists()                                                # wrong: it ran
    proof.unlink()

    assert rules(publish(d)) == {"gateway.condition"}
    assert opened(d).runnable
    assert not proof.exists()


def test_d8_a_script_is_never_run_and_is_refused(tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    d = Drawing().line(("scriptTask", "write_file", f"<script>import pathlib; pathlib.Path('{proof}').touch()</script>"))
    bare(d)
    assert proof.exists()
    proof.unlink()

    assert rules(publish(d)) == {"task.script"}
    assert [change.rule for change in opened(d).changes] == ["task.script"]
    assert not proof.exists()


def event_sub_process() -> Drawing:
    d = Drawing().line(("userTask", "do_work", FORM))
    d.extra = SIGNAL
    return d.node("subProcess", "on_alarm", attributes='triggeredByEvent="true"', inner=(
        '<startEvent id="alarmed"><signalEventDefinition signalRef="alarm"/></startEvent><userTask id="calm_down"/>'
        '<endEvent id="calmed"/><sequenceFlow id="f1" sourceRef="alarmed" targetRef="calm_down"/>'
        '<sequenceFlow id="f2" sourceRef="calm_down" targetRef="calmed"/>'))


def test_d11_an_event_sub_process_does_not_interrupt_and_is_refused() -> None:
    workflow = bare(event_sub_process())
    outputs = list(workflow.spec.start._outputs)
    workflow.catch(BpmnEvent(SignalEventDefinition("alarm")))
    workflow.do_engine_steps()
    assert "do_work" in waiting(workflow) or workflow.spec.start._outputs != outputs   # not interrupted, or spec changed

    assert "event_subprocess" in rules(publish(event_sub_process()))


def two_timers(long: str, short: str) -> Drawing:
    d = Drawing().node("startEvent", "start").node("eventBasedGateway", "race")
    d.node("intermediateCatchEvent", "wait_long", timer(long)).node("intermediateCatchEvent", "wait_short", timer(short))
    d.node("userTask", "after_long", FORM).node("userTask", "after_short", FORM)
    d.node("endEvent", "end").node("endEvent", "other_end")
    d.chain("start", "race", "wait_long", "after_long", "end")
    return d.chain("race", "wait_short", "after_short", "other_end")


def test_d12_two_timers_behind_an_event_gateway_share_a_due_time_and_are_refused() -> None:
    workflow = bare(two_timers("'PT5S'", "'PT0.01S'"))
    time.sleep(0.02)
    workflow.refresh_timers()
    workflow.do_engine_steps()
    assert "after_short" not in waiting(workflow)                        # wrong: the short one is due

    assert rules(publish(two_timers("P5D", "P1D"))) == {"event_gateway.timers"}


def reminder(cycle: str) -> Drawing:
    d = Drawing().line(("userTask", "do_work", FORM), ("userTask", "go_on", FORM))
    d.node("boundaryEvent", "remind", timer(cycle, "timeCycle"), 'attachedToRef="do_work" cancelActivity="false"')
    return d.node("userTask", "call_vendor", FORM).node("endEvent", "called").chain("remind", "call_vendor", "called")


def test_d13_what_a_cycle_timer_opened_vanishes_with_its_host_and_is_refused() -> None:
    workflow = bare(reminder("'R3/PT0.01S'"))
    time.sleep(0.02)
    workflow.refresh_timers()
    workflow.do_engine_steps()
    assert "call_vendor" in waiting(workflow)
    complete(workflow, "do_work")
    assert "call_vendor" not in waiting(workflow)                        # wrong: an open task is gone

    assert rules(publish(reminder("R3/P1D"))) == {"timer.cycle_wait"}


def test_d14_a_condition_behind_a_task_is_ignored_and_becomes_a_gateway() -> None:
    d = Drawing().node("startEvent", "start").node("userTask", "do_work", FORM).node("endEvent", "end")
    d.chain("start", "do_work").flow("do_work", "end", "False")
    workflow = bare(d)
    complete(workflow, "do_work")
    assert workflow.is_completed()                                       # wrong: the condition says no

    d = Drawing().node("startEvent", "start").node("userTask", "do_work", FORM).node("endEvent", "end")
    report = publish(d.chain("start", "do_work").flow("do_work", "end", 'outcome = "yes"'))
    assert [(change.rule, change.weakens) for change in report.changes] == [("flow.split", False)]


@pytest.mark.parametrize(("kind", "inner", "rule"), [
    ("intermediateThrowEvent", '<linkEventDefinition name="x"/>', "event.link"),
    ("intermediateThrowEvent", "<compensateEventDefinition/>", "event.trigger"),
    ("endEvent", '<signalEventDefinition signalRef="alarm"/>', "event.trigger"),
])
def test_d14_events_that_do_nothing_pass_silently_and_are_refused(kind: str, inner: str, rule: str) -> None:
    d = Drawing().node("startEvent", "start").node(kind, "do_event", inner)
    d.extra = SIGNAL
    d.chain("start", "do_event")
    if kind != "endEvent":
        d.node("endEvent", "end").flow("do_event", "end")
    assert bare(d).is_completed()                                        # as if nothing had been drawn

    assert rule in rules(publish(d))


def test_d14_an_unreachable_step_is_dropped_silently_and_is_refused() -> None:
    d = Drawing().line(("userTask", "do_work", FORM))
    d.node("userTask", "never_done", FORM).flow("never_done", "end")
    assert "never_done" not in bare(d).spec.task_specs

    assert rules(publish(d)) == {"node.unreachable"}


def test_d14_a_dead_end_loses_the_result_and_is_refused() -> None:
    d = Drawing().node("startEvent", "start").node("userTask", "do_work", FORM).chain("start", "do_work")
    workflow = bare(d)
    complete(workflow, "do_work", outcome="yes")
    assert (workflow.is_completed(), workflow.data) == (True, {})        # complete, and the outcome is lost

    assert "node.dead_end" in rules(publish(d))


def test_d14_a_step_with_the_id_end_finishes_the_case_and_is_refused() -> None:
    d = Drawing().node("startEvent", "start").node("userTask", "End", FORM).node("endEvent", "end").chain("start", "End", "end")
    assert "End" not in waiting(bare(d))                                 # the task never opens

    assert "id.reserved" in rules(publish(d))


def test_d14_a_syntax_error_is_found_only_when_it_runs_and_is_refused() -> None:
    d = Drawing().node("startEvent", "start").node("userTask", "do_work", FORM)
    d.node("exclusiveGateway", "choose", attributes='default="plain"').node("endEvent", "end").node("endEvent", "other")
    d.chain("start", "do_work", "choose").flow("choose", "end", "outcome = = 1").flow("choose", "other", name="plain")
    bare(d)                                                              # parsed without a word

    assert rules(publish(d)) == {"gateway.condition"}


DECISION = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="x">
<decision id="level" name="級別"><decisionTable id="t" hitPolicy="FIRST">
<input id="i" label="種類"><inputExpression id="e" typeRef="string"><text>kind</text></inputExpression></input>
<output id="o" label="級別" name="result" typeRef="string"/>
<rule id="r1"><inputEntry id="a"><text>"a","b"</text></inputEntry><outputEntry id="b"><text>"hit"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


def test_d15_a_list_of_values_never_matches_in_its_own_tables_and_does_in_ours() -> None:
    parser = SpiffBpmnParser()
    parser.add_dmn_xml(etree.fromstring(DECISION.encode()))
    called = "<spiffworkflow:calledDecisionId>level</spiffworkflow:calledDecisionId>"
    d = Drawing().line(("businessRuleTask", "decide_level", f"<extensionElements>{called}</extensionElements>"))
    parser.add_bpmn_xml(etree.fromstring(d.xml))
    assert parser.get_spec(d.key).task_specs["decide_level"].dmnEngine is not None
    workflow = BpmnWorkflow(parser.get_spec(d.key))
    workflow.task_tree.set_data(kind="b")
    workflow.do_engine_steps()
    assert "result" not in workflow.data                                 # wrong: "b" is in the list

    assert dmn.load(DECISION.encode())["level"].decide({"kind": "b"}).outputs == {"result": "hit"}


class TooLong(BaseException):
    """Not an Exception: the library would catch it."""


def _give_up(_signal: int, _frame: object) -> None:
    raise TooLong


def test_a_data_reference_that_resolves_nowhere_loops_the_parser_and_is_taken_out() -> None:
    inner = ('<startEvent id="begin"/><dataObjectReference id="ref" dataObjectRef="nowhere"/><userTask id="read_it">'
             '<dataInputAssociation id="assoc"><sourceRef>ref</sourceRef></dataInputAssociation></userTask>'
             '<endEvent id="stop"/><sequenceFlow id="f1" sourceRef="begin" targetRef="read_it"/>'
             '<sequenceFlow id="f2" sourceRef="read_it" targetRef="stop"/>')
    deeper = (f'<startEvent id="begin_outer"/><subProcess id="read_deep">{inner}</subProcess><endEvent id="stop_outer"/>'
              '<sequenceFlow id="f3" sourceRef="begin_outer" targetRef="read_deep"/>'
              '<sequenceFlow id="f4" sourceRef="read_deep" targetRef="stop_outer"/>')
    d = Drawing().line(("subProcess", "read_data", deeper))
    signal.signal(signal.SIGALRM, _give_up)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    try:
        with pytest.raises(TooLong):
            bare(d)                                                      # wrong: it never comes back
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)

    assert opened(d).runnable


def test_a_good_diagram_has_no_findings() -> None:
    d = Drawing().line(("userTask", "review_case", settings(formKey="demo_case/form", outputs="outcome", due="P5D")))

    report = publish(d)

    assert (report.runnable, report.findings, report.changes) == (True, [], [])
