"""Reading DMN files: what is shown, requirements between decisions, and faults with file, element and rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.errors import DefinitionError
from app.rules import dmn
from tests.unit.rules.tables import NAMESPACE, definitions, load, table, table_xml

ROOT = Path(__file__).parents[3]
AMOUNT = [("預算金額", "amount", "number")]


@pytest.mark.parametrize("path", sorted((ROOT / "rules").glob("*/*.dmn")), ids=lambda path: path.name)
def test_shipped_tables_have_no_faults(path: Path) -> None:
    for decision in dmn.load(path.read_bytes(), path.name).values():
        assert [finding for finding in dmn.check(decision) if finding.severity != "info"] == []


def test_what_a_page_shows_is_kept_as_written() -> None:
    xml = """<decision id="route" name="審核方式"><decisionTable id="x" hitPolicy="FIRST">
      <input label="性質"><inputExpression typeRef="string"><text>kind</text></inputExpression></input>
      <output id="o" name="route" label="路徑" typeRef="string"><outputValues><text>"a","b"</text></outputValues></output>
      <rule id="r1"><description> 因為 </description>
        <inputEntry><text>"財物"</text></inputEntry><outputEntry><text>"a"</text></outputEntry></rule>
      <rule id="r2"><inputEntry/><outputEntry><text>"b"</text></outputEntry></rule></decisionTable></decision>"""
    decision = load(xml)["route"]

    assert (decision.name, decision.policy, decision.file) == ("審核方式", "FIRST", "test.dmn")
    assert [(column.label, column.text, column.kind) for column in decision.inputs] == [("性質", "kind", "string")]
    assert [(column.name, column.label, column.values_text) for column in decision.outputs] == [("route", "路徑", '"a","b"')]
    assert [(rule.id, rule.inputs, rule.outputs, rule.annotation) for rule in decision.rules] == [
        ("r1", ('"財物"',), ('"a"',), "因為"),
        ("r2", ("-",), ('"b"',), ""),
    ]


def literal(identity: str, expression: str, requires: str = "") -> str:
    needed = f'<informationRequirement><requiredDecision href="#{requires}"/></informationRequirement>' if requires else ""
    return (
        f'<decision id="{identity}" name="{identity}"><variable name="{identity}"/>{needed}'
        f"<literalExpression><text>{expression}</text></literalExpression></decision>"
    )


def test_decisions_use_the_results_of_those_they_require() -> None:
    decisions = load(
        literal("fee", "amount * 0.01") + literal("total", "amount + fee", "fee") + literal("shown", "string(total)", "total")
    )

    assert decisions["shown"].decide({"amount": 100}).outputs == {"shown": "101"}
    assert decisions["shown"].names == {"amount"}
    assert decisions["fee"].decide({"amount": 100}).value == 1


def test_result_of_a_table_with_several_outputs_is_a_context() -> None:
    inner = table_xml(AMOUNT, [("-", "amount * 2", '"甲"')], outputs=("fee", "who"))
    decisions = load(inner.replace('id="t" name="級距"', 'id="t" name="t"') + literal("after", "t.who + string(t.fee)", "t"))

    assert decisions["after"].decide({"amount": 4}).value == "甲8"


def test_business_knowledge_is_a_function() -> None:
    xml = (
        '<businessKnowledgeModel id="k" name="late fee"><variable name="late fee"/>'
        '<encapsulatedLogic><formalParameter name="days"/>'
        "<literalExpression><text>days * 0.001</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>"
        '<decision id="d1" name="d1"><knowledgeRequirement><requiredKnowledge href="#k"/></knowledgeRequirement>'
        "<literalExpression><text>late fee(days late) * price</text></literalExpression></decision>"
    )
    decision = load(xml)["d1"]

    assert decision.decide({"days late": 3, "price": 1000}).value == 3
    assert decision.names == {"days late", "price"}


def test_names_with_signs_are_announced_by_the_file() -> None:
    xml = '<inputData id="i" name="A-B 金額"/>' + literal("x", "A-B 金額 + 1")

    assert load(xml)["x"].decide({"A-B 金額": 1}).value == 2


@pytest.mark.parametrize(
    ("content", "rule", "element"),
    [
        (table_xml(AMOUNT, [("> ", "1")]), "dmn.syntax", "inputEntry"),
        (table_xml(AMOUNT, [("-", "1 +")]), "dmn.syntax", "outputEntry"),
        (table_xml(AMOUNT, [("-", "1")], "BEST"), "dmn.policy", "decisionTable"),
        (table_xml(AMOUNT, [("-", "1")], "COLLECT", extra='aggregation="AVG"'), "dmn.aggregation", "decisionTable"),
        (table_xml(AMOUNT, [("-",)]), "dmn.cells", "rule"),
        (table_xml(AMOUNT, [("-", "1", "2")], outputs=("a", "a")), "dmn.output-name", "decisionTable"),
        (table_xml([("x", "", "string")], [("-", "1")]), "dmn.input", "input"),
        (table_xml(AMOUNT, [("-",)], outputs=()), "dmn.columns", "decisionTable"),
        (literal("a", "1") + literal("a", "2"), "dmn.duplicate-id", "a"),
        (literal("a", "b", "b") + literal("b", "a", "a"), "dmn.circle", "a"),
        (literal("a", "1", "nowhere"), "dmn.requirement", "a"),
        ('<decision id="a" name="a"><invocation/></decision>', "dmn.unsupported", "a"),
        (
            '<decision id="a"><literalExpression expressionLanguage="python"><text>1</text></literalExpression></decision>',
            "dmn.language",
            "literalExpression",
        ),
        ("", "dmn.no-decision", "d"),
        ("<decision><literalExpression><text>1</text></literalExpression></decision>", "dmn.no-id", "decision"),
    ],
)
def test_faults_name_file_element_and_rule(content: str, rule: str, element: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        load(content)

    assert (caught.value.file, caught.value.rule, caught.value.element) == ("test.dmn", rule, element)


@pytest.mark.parametrize(
    ("xml", "rule"),
    [
        (b"", "xml.syntax"),
        (b"<a", "xml.syntax"),
        (b"<a/>", "dmn.root"),
        (f'<decision xmlns="{NAMESPACE}"/>'.encode(), "dmn.root"),
        (b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>', "xml.unsafe"),
        (b"\xff\xfe<\x00a\x00/\x00>\x00", "xml.unsafe"),
        (b"<a>" + b"x" * 1_000_001 + b"</a>", "xml.size"),
        (definitions("<x/>" * 20_001), "xml.size"),
        (definitions("<a>" * 300 + "</a>" * 300), "xml.syntax"),
    ],
)
def test_files_that_are_no_safe_dmn_are_refused(xml: bytes, rule: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        dmn.load(xml, "evil.dmn")

    assert (caught.value.file, caught.value.rule) == ("evil.dmn", rule)


def test_syntax_fault_says_which_rule() -> None:
    with pytest.raises(DefinitionError, match="規則 2 的「>」第 2 個字"):
        table(AMOUNT, [("-", "1"), ("> ", "2")])


def test_dmn_as_the_browser_editor_saves_it() -> None:
    decision = table(
        [("採購金額", "採購金額", "number"), ("類別", "類別", "string")], [("]150000..1500000[", '"財物","勞務"', '"比價"')]
    )

    assert decision.decide({"採購金額": 1000000, "類別": "勞務"}).outputs == {"結果": "比價"}
