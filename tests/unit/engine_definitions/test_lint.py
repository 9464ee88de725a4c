"""Rules of our own packages, one diagram a rule, and the catalogue that explains them."""

from __future__ import annotations

import re

import pytest

from app.config import ROOT
from app.engine import examine
from app.engine.findings import ERROR
from app.engine.lint.catalogue import RULES, as_markdown
from tests.unit.engine_definitions.drawing import (
    FORM,
    KEY,
    KNOWN,
    Drawing,
    opened,
    operation,
    publish,
    settings,
    timer,
)


def with_task(inner: str = FORM, name: str = "review_case", attributes: str = "") -> Drawing:
    d = Drawing().node("startEvent", "start").node("userTask", name, inner, attributes).node("endEvent", "end")
    return d.chain("start", name, "end")


def renamed(drawing: Drawing, old: str, new: str) -> Drawing:
    drawing.parts = [part.replace(old, new) for part in drawing.parts]
    return drawing


def deciding(condition: str, default: str = 'default="plain"') -> Drawing:
    d = Drawing().node("startEvent", "start").node("userTask", "review_case", FORM)
    d.node("exclusiveGateway", "choose_road", attributes=default).node("endEvent", "end").node("endEvent", "other")
    d.chain("start", "review_case", "choose_road").flow("choose_road", "end", condition)
    return d.flow("choose_road", "other", name="plain") if default else d.flow("choose_road", "other", 'outcome = "b"')


def without_lane() -> Drawing:
    d = with_task()
    d.ids.remove("review_case")
    return d


def calls_itself() -> Drawing:
    d = with_task().node("callActivity", "call_again", attributes=f'calledElement="{KEY}"')
    return renamed(d, 'targetRef="end"', 'targetRef="call_again"').flow("call_again", "end")


def withdraw_at_the_wrong_place() -> Drawing:
    return with_task(settings(formKey="demo_case/form", withdraw="yes"))


ON_REVIEW = 'attachedToRef="review_case"'
LONG_NAME = "這是一個長到清單放不下而且沒有人會讀完的步驟名稱應該縮短才對"
COPIES = "<multiInstanceLoopCharacteristics><loopCardinality>51</loopCardinality></multiInstanceLoopCharacteristics>"

CASES: dict[str, tuple[Drawing, str]] = {
    "another process id": (Drawing("other_key").line(("userTask", "review_case", FORM)), "process.id"),
    "generated id": (with_task(name="Activity_0x9"), "id.style"),
    "id without verb": (with_task(name="review"), "id.verb"),
    "no name": (renamed(with_task(), 'name="步驟 2"', ""), "name.missing"),
    "long name": (renamed(with_task(), "步驟 2", LONG_NAME), "name.length"),
    "name without Chinese": (renamed(with_task(), "步驟 2", "Review"), "name.chinese"),
    "unnamed branch": (renamed(deciding('outcome = "a"'), 'name="是" sourceRef="choose_road"', 'sourceRef="choose_road"'),
                       "flow.name"),
    "no default": (deciding('outcome = "a"', ""), "gateway.no_default"),
    "merging and splitting": (deciding('outcome = "a"').node("boundaryEvent", "too_late", timer("P1D"), ON_REVIEW)
                              .flow("too_late", "choose_road"), "gateway.mixed"),
    "two flows into a step": (renamed(with_task(), 'targetRef="end"', 'targetRef="file_case"')
                              .node("userTask", "file_case", FORM).flow("file_case", "end")
                              .node("boundaryEvent", "too_late", timer("P1D"), ON_REVIEW).flow("too_late", "file_case"),
                              "merge.implicit"),
    "condition as an event": (with_task().node("boundaryEvent", "when_ready", "<conditionalEventDefinition><condition>"
                              "outcome = 1</condition></conditionalEventDefinition>", ON_REVIEW).flow("when_ready", "end"),
                              "event.conditional"),
    "cycle that interrupts": (with_task().node("boundaryEvent", "each_day", timer("R3/P1D", "timeCycle"), ON_REVIEW)
                              .node("endEvent", "told").flow("each_day", "told"), "timer.cycle_place"),
    "two flows alike": (deciding('outcome = "a"').flow("choose_road", "end", 'outcome = "c"', "again"), "flow.twin"),
    "no lane": (without_lane(), "lane.missing"),
    "no form": (with_task(""), "task.form"),
    "unknown form": (with_task(settings(formKey="demo_case/gone")), "task.form"),
    "unknown setting": (with_task(settings(formKey="demo_case/form", formkey="x")), "task.property"),
    "reference to nothing": (with_task(settings(formKey="demo_case/form", separateFrom="nobody")), "task.reference"),
    "output with a reserved name": (with_task(settings(formKey="demo_case/form", outputs="typename")), "task.outputs"),
    "output that is no field": (with_task(settings(formKey="demo_case/form", outputs="colour")), "task.outputs_form"),
    "deadline in words": (with_task(settings(formKey="demo_case/form", due="next ( week")), "task.due"),
    "kind of phase": (with_task(settings(formKey="demo_case/form", phaseKind="green")), "task.phase"),
    "withdraw elsewhere": (withdraw_at_the_wrong_place(), "task.withdraw"),
    "parameter in Python": (Drawing().line(("serviceTask", "note_it", operation("demo.note", text="'a' if x else"))),
                            "operation.parameter"),
    "unknown parameter": (Drawing().line(("serviceTask", "note_it", operation("demo.note", colour="1"))),
                          "operation.unknown_parameter"),
    "typing slip in a variable": (deciding('outcmoe = "a"'), "variable.unknown"),
    "fifty-one copies": (with_task(FORM + COPIES), "multiple.limit"),
    "calls itself": (calls_itself(), "call.recursive"),
    "start by timer": (renamed(with_task(), '<startEvent id="start" name="步驟 1" >',
                               f'<startEvent id="start" name="步驟 1" >{timer("P1D")}'), "event.start"),
}


@pytest.mark.parametrize("name", CASES)
def test_rule_names_the_element_and_says_what_to_do(name: str) -> None:
    drawing, rule = CASES[name]
    report = publish(drawing)

    found = [finding for finding in report.findings if finding.rule == rule]
    assert found, report.findings
    assert found[0].severity == RULES[rule].severity
    assert found[0].element
    assert found[0].element in found[0].message or "「" in found[0].message
    assert report.runnable == (RULES[rule].severity != ERROR or not report.errors)


def test_unknown_lane_role_is_refused() -> None:
    drawing = with_task()
    xml = drawing.xml.replace(b'<lane id="reviewer"', b'<lane id="boss"')
    report = examine.package({f"bpmn/{KEY}/{KEY}.bpmn": xml}, KEY, KNOWN).report

    assert [finding.rule for finding in report.errors] == ["lane.role"]


def test_lanes_with_the_same_name_are_refused() -> None:
    xml = with_task().xml.replace(b"</laneSet>", '<lane id="vendor" name="審核人員"/></laneSet>'.encode())
    report = examine.package({f"bpmn/{KEY}/{KEY}.bpmn": xml}, KEY, KNOWN).report

    assert {finding.rule for finding in report.errors} == {"lane.name"}


def test_a_process_that_nobody_calls_and_an_id_in_two_files_are_refused() -> None:
    files = {f"bpmn/{KEY}/{KEY}.bpmn": with_task().xml,
             f"bpmn/{KEY}/second.bpmn": Drawing("second").line(("userTask", "review_case", FORM)).xml}
    report = examine.package(files, KEY, KNOWN).report

    assert {finding.rule for finding in report.errors} == {"process.extra", "id.shared"}


def test_two_reminders_and_a_message_withdrawal_are_fine() -> None:
    d = with_task()
    d.extra = '<message id="message_withdraw" name="withdraw"/>'
    for name, definition, attributes in (
            ("late_once", timer("P7D"), 'cancelActivity="false"'), ("too_late", timer("P30D"), ""),
            ("taken_back", '<messageEventDefinition messageRef="message_withdraw"/>', "")):
        d.node("boundaryEvent", name, definition, f'attachedToRef="review_case" {attributes}')
        d.node("endEvent", f"after_{name}").flow(name, f"after_{name}")

    assert publish(d).findings == []


def test_conditional_flows_behind_a_task_may_be_published_with_a_word_of_advice() -> None:
    d = Drawing().node("startEvent", "start").node("userTask", "review_case", FORM, 'default="plain"')
    d.node("endEvent", "end").node("endEvent", "other").chain("start", "review_case")
    d.flow("review_case", "end", 'outcome = "a"').flow("review_case", "other", name="plain")

    report = publish(d)

    assert report.runnable
    assert [finding.rule for finding in report.findings] == ["flow.split"]


def test_foreign_diagrams_are_not_held_to_our_house_rules() -> None:
    assert opened(with_task("", name="Activity_0x9")).findings == []


RULE_SITES = re.compile(r"""(?:\.say\(|_refuse\(|_refused\(|Finding\(|rule=)[^"]*"([a-z_]+\.?[a-z_]*)\"|"""
                        r"""return "([a-z_]+\.[a-z_]+)", f""")


def test_every_rule_that_is_said_is_in_the_catalogue() -> None:
    said = set()
    for path in [*(ROOT / "app/engine/normalise").glob("*.py"), *(ROOT / "app/engine/lint").glob("*.py"),
                 *(ROOT / "app/engine" / f"{name}.py" for name in ("xmlsafe", "sandbox", "examine", "parser", "packagefiles")),
                 ROOT / "app/cli/package.py"]:
        said |= {first or second for first, second in RULE_SITES.findall(path.read_text("utf-8"))}

    assert len(said) > 60
    assert {rule for rule in said if "." in rule} - RULES.keys() == set()


def test_the_documentation_shows_every_rule() -> None:
    assert (ROOT / "docs" / "lint.md").read_text("utf-8") == as_markdown()
