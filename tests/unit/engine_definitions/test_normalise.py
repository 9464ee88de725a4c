"""The run copy: what is completed, what is said about it, and that the result always runs."""

from __future__ import annotations

from copy import deepcopy

import pytest

from app.engine import bpmn, normalise, parser, specs, xmlsafe
from app.engine.findings import Change
from tests.unit.engine_definitions.drawing import KNOWN, Drawing, opened, operation, settings, timer


def run_copy(drawing: Drawing) -> tuple[bpmn.Element, list[Change]]:
    root = deepcopy(xmlsafe.parse(drawing.xml))
    return root, normalise.normalise(root, "x.bpmn", KNOWN, {drawing.key})


def changed(drawing: Drawing) -> list[str]:
    """Rules of the changes; the result must be executable."""
    root, changes = run_copy(drawing)
    for process in bpmn.processes(root):
        spec, subs = parser.parse_specs({"x.bpmn": root}, bpmn.ident(process))
        specs.load_specs(specs.dump_specs(spec, subs))
    return [change.rule for change in changes]


def around(kind: str, inner: str = "", attributes: str = "") -> Drawing:
    d = Drawing().node("startEvent", "start").node(kind, "it", inner, attributes).node("endEvent", "end")
    return d.chain("start", "it", "end")


def with_declared(drawing: Drawing, extra: str) -> Drawing:
    drawing.extra = extra
    return drawing


def on_boundary(definition: str, attributes: str = 'attachedToRef="do_work"') -> Drawing:
    d = Drawing().line(("userTask", "do_work", "")).node("boundaryEvent", "edge", definition, attributes)
    return d.node("endEvent", "late").flow("edge", "late")


CASES: dict[str, tuple[Drawing, list[str]]] = {
    "not executable": (Drawing(executable=False).line(("userTask", "do_work", "")), ["process.executable"]),
    "plain task": (around("task"), ["task.plain"]),
    "service without operation": (around("serviceTask"), ["task.operation"]),
    "unknown operation": (around("serviceTask", operation("shell.run")), ["task.operation"]),
    "known operation": (around("serviceTask", operation("demo.note", text="1 + 1")), []),
    "script in another language": (around("scriptTask", "<script>print(1)</script>"), ["task.script"]),
    "script in FEEL": (around("scriptTask", "<script>x = 1 + 1</script>"), []),
    "decision without table": (around("businessRuleTask"), ["task.decision"]),
    "send without message": (around("sendTask"), ["task.message"]),
    "call without target": (around("callActivity", "", 'calledElement="elsewhere"'), ["task.called"]),
    "quantity": (around("userTask", "", 'startQuantity="2"'), ["task.quantity"]),
    "empty sub-process": (around("subProcess"), ["subprocess.empty"]),
    "sub-process that loses its only step": (
        around("subProcess", f'<boundaryEvent id="edge" attachedToRef="it">{timer("P1D")}</boundaryEvent>'),
        ["boundary.host", "subprocess.empty"]),
    "a step inside a step": (around("userTask", '<userTask id="inner"/>'), ["node.misplaced"]),
    "a message without id": (with_declared(around("userTask"), '<message name="x"/>'), ["id.missing"]),
    "ad-hoc sub-process": (around("adHocSubProcess", '<userTask id="a"/><userTask id="b"/>'),
                           ["subprocess.adhoc", "start.none", "node.dead_end", "node.dead_end"]),
    "unknown node": (around("callChoreography"), ["node.unknown"]),
    "loop without end": (around("userTask", "<standardLoopCharacteristics/>"), ["loop.endless"]),
    "negative loop": (around("userTask", '<standardLoopCharacteristics loopMaximum="-1"/>'), ["loop.limit", "loop.endless"]),
    "loop in words": (around("userTask", "<standardLoopCharacteristics><loopCondition>so lange bis = =</loopCondition>"
                                         "</standardLoopCharacteristics>"), ["loop.condition", "loop.endless"]),
    "copies without number": (around("userTask", "<multiInstanceLoopCharacteristics/>"), ["multiple.count"]),
    "copies with number": (around("userTask", "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality>"
                                              "</multiInstanceLoopCharacteristics>"), []),
    "wait for nothing": (around("intermediateCatchEvent"), ["event.plain"]),
    "timer without value": (around("intermediateCatchEvent", "<timerEventDefinition/>"), ["timer.value"]),
    "timer in words": (around("intermediateCatchEvent", timer("every ( morning")), ["timer.value"]),
    "timer of the wrong kind": (around("intermediateCatchEvent", timer("P1D", "timeCycle")), ["timer.value"]),
    "message without name": (around("intermediateCatchEvent", "<messageEventDefinition/>"), ["event.reference"]),
    "message elsewhere": (around("intermediateCatchEvent", '<messageEventDefinition messageRef="gone"/>'), ["event.reference"]),
    "condition in words": (around("intermediateCatchEvent", "<conditionalEventDefinition><condition>wenn = = x</condition>"
                                                            "</conditionalEventDefinition>"), ["event.condition"]),
    "two triggers": (around("intermediateCatchEvent", timer("P1D") + "<signalEventDefinition/>"), ["event.multiple"]),
    "compensation": (around("intermediateThrowEvent", "<compensateEventDefinition/>"), ["event.trigger"]),
    "link without partner": (around("intermediateThrowEvent", '<linkEventDefinition name="x"/>'), ["event.link"]),
    "boundary without trigger": (on_boundary(""), ["boundary.trigger", "node.unreachable"]),
    "boundary without host": (on_boundary(timer("P1D"), 'attachedToRef="nobody"'), ["boundary.host", "node.unreachable"]),
    "boundary cancel": (on_boundary("<cancelEventDefinition/>"), ["boundary.trigger", "node.unreachable"]),
    "boundary compensation": (on_boundary("<compensateEventDefinition/>"),
                              ["event.trigger", "boundary.trigger", "node.unreachable"]),
    "dangling flow": (around("userTask").flow("it", "nowhere"), ["flow.dangling"]),
    "two flows": (around("userTask").node("endEvent", "end_2").flow("it", "end_2"), ["flow.split"]),
    "default missing": (around("exclusiveGateway", "", 'default="gone"'), ["flow.default"]),
    "two starts": (around("userTask").node("startEvent", "other").flow("other", "it"),
                   ["start.many", "gateway.default", "gateway.condition"]),
    "no start": (Drawing().node("userTask", "it").node("endEvent", "end").chain("it", "end"), ["start.none"]),
    "no end": (Drawing().node("startEvent", "start").node("userTask", "it").chain("start", "it"), ["node.dead_end"]),
    "only a circle": (Drawing().node("startEvent", "start").node("exclusiveGateway", "m").node("userTask", "it")
                      .chain("start", "m", "it", "m"), ["end.none", "gateway.default", "gateway.condition"]),
    "unreachable": (around("userTask").node("userTask", "alone").flow("alone", "end"), ["node.unreachable"]),
    "complex gateway": (around("complexGateway").node("endEvent", "end_2").flow("it", "end_2"),
                        ["gateway.complex", "gateway.condition", "gateway.condition"]),
    "no conditions": (around("exclusiveGateway").node("endEvent", "end_2").flow("it", "end_2"),
                      ["gateway.default", "gateway.condition"]),
    "event gateway before tasks": (around("eventBasedGateway").node("userTask", "b").node("endEvent", "e2").flow("it", "b")
                                   .flow("b", "e2"), ["gateway.event", "gateway.default", "gateway.condition"]),
    "condition behind a fork": (around("parallelGateway").node("endEvent", "e2").flow("it", "e2", "x = 1"), ["flow.condition"]),
    "data objects": (around("userTask").node("dataObject", "paper"), ["data.ignored"]),
}


@pytest.mark.parametrize("name", CASES)
def test_missing_part_is_completed_and_said(name: str) -> None:
    drawing, expected = CASES[name]

    assert changed(drawing) == expected


def test_original_bytes_are_not_touched() -> None:
    drawing = around("task")
    root = xmlsafe.parse(drawing.xml)
    before = bpmn.local(bpmn.nodes(bpmn.processes(root)[0])[1])
    run_copy(drawing)

    assert before == bpmn.local(bpmn.nodes(bpmn.processes(root)[0])[1]) == "task"


def test_every_change_names_its_element_in_chinese() -> None:
    for drawing, _rules in CASES.values():
        for change in run_copy(drawing)[1]:
            assert change.element
            assert change.element in change.message or "「" in change.message
            assert any("\u4e00" <= sign <= "\u9fff" for sign in change.message)


def test_link_events_become_one_flow() -> None:
    d = Drawing().node("startEvent", "start").node("intermediateThrowEvent", "leave", '<linkEventDefinition name="x"/>')
    d.node("intermediateCatchEvent", "arrive", '<linkEventDefinition name="x"/>').node("userTask", "it")
    d.node("endEvent", "end").chain("start", "leave").chain("arrive", "it", "end")
    root, changes = run_copy(d)

    assert [(change.rule, change.weakens) for change in changes] == [("event.link", False)]
    assert any(flow.get("sourceRef") == "leave" and flow.get("targetRef") == "arrive"
               for flow in bpmn.flows(bpmn.processes(root)[0]))


def test_conditional_flows_keep_their_ids_and_meaning_behind_the_new_gateway() -> None:
    d = Drawing().node("startEvent", "start").node("userTask", "it", settings(outputs="x"), 'default="plain"')
    d.node("endEvent", "a").node("endEvent", "b").chain("start", "it")
    d.flow("it", "a", "x = 1", name="chosen").flow("it", "b", name="plain")
    root, _changes = run_copy(d)
    process = bpmn.processes(root)[0]

    gateway = next(node for node in bpmn.nodes(process) if bpmn.local(node) == "inclusiveGateway")
    assert gateway.get("default") == "plain"
    assert {bpmn.ident(f): bpmn.condition(f) for f in bpmn.flows(process)
            if f.get("sourceRef") == bpmn.ident(gateway)} == {"chosen": "x = 1", "plain": None}


def test_open_choices_begin_as_null_so_that_the_default_road_is_open() -> None:
    d = around("exclusiveGateway").node("endEvent", "end_2").flow("it", "end_2")
    root, _changes = run_copy(d)
    scripts = [bpmn.text(node) for node in root.iter(bpmn.q("script"))]

    assert scripts == ["choice_1 = null"]


def test_a_foreign_diagram_may_be_shown_though_it_may_not_run() -> None:
    d = around("userTask", '<multiInstanceLoopCharacteristics><loopCardinality>1000</loopCardinality>'
                           "</multiInstanceLoopCharacteristics>")
    report = opened(d)

    assert (report.opened, report.runnable, [f.rule for f in report.errors]) == (True, False, ["multiple.limit"])


def test_a_condition_on_a_variable_that_nobody_writes_becomes_a_choice_in_a_rehearsal() -> None:
    d = around("exclusiveGateway", "", 'default="plain"').node("endEvent", "end_2").flow("it", "end_2", name="plain")
    d.parts = [part.replace('targetRef="end">', 'targetRef="end"><conditionExpression>risk = "high"</conditionExpression>')
               for part in d.parts]

    assert changed(d) == ["gateway.condition"]
    assert "risk" in run_copy(d)[1][0].message
