"""DMN 1.1 to 1.5 XML, as dmn-js and other editors write it, to decisions. Faults name file, element and rule."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from app.errors import DefinitionError
from app.rules.dmn.model import (
    AGGREGATIONS,
    POLICIES,
    Decision,
    Input,
    Knowledge,
    Literal,
    Output,
    Rule,
    Table,
)
from app.rules.feel import FeelSyntaxError, Program, compile, compile_tests

MAX_BYTES = 1_000_000
MAX_ELEMENTS = 20_000
MAX_RULES = 2_000
MAX_COLUMNS = 60
MAX_DECISIONS = 100
_EXPRESSION_LANGUAGES = ("feel", "s-feel")
_ANY_KIND = ""


class _File:
    """One DMN file while it is read."""

    def __init__(self, root: etree._Element, file: str) -> None:
        self.root, self.file = root, file
        self.names = _names_in(root)
        self.allowed = _item_values(root)

    def fault(self, message: str, element: etree._Element | str, rule: str) -> DefinitionError:
        place = element if isinstance(element, str) else element.get("id") or element.get("name") or _tag(element)
        return DefinitionError(message, file=self.file, element=place, rule=rule)

    def expression(self, text: str, element: etree._Element) -> Program:
        return self._compiled(compile, text, element)

    def tests(self, text: str, element: etree._Element) -> Program:
        return self._compiled(compile_tests, text, element)

    def _compiled(self, compiler: Callable[[str, tuple[str, ...]], Program], text: str,
                  element: etree._Element) -> Program:
        announced = tuple(name for name in self.names if name in text)
        try:
            return compiler(text, announced)
        except FeelSyntaxError as error:
            raise self.fault(f"{self._row(element)}「{text[:60]}」{error.message}", element, "dmn.syntax") from None

    def _row(self, element: etree._Element) -> str:
        """「規則 2 的」 for a cell of the second rule."""
        rule = element.getparent()
        if rule is None or _tag(rule) != "rule":
            return ""
        return f"規則 {1 + sum(1 for _ in rule.itersiblings(rule.tag, preceding=True))} 的"


def load(xml: bytes, file: str = "") -> dict[str, Decision]:
    """All decisions of a file by id. Raises DefinitionError (file, element, rule)."""
    root = parse(xml, file)
    found = _File(root, file)
    decisions: dict[str, Decision] = {}
    knowledge: dict[str, Knowledge] = {}
    for element in root.iterfind("{*}businessKnowledgeModel"):
        knowledge[element.get("id") or element.get("name") or ""] = _knowledge(found, element)
    for element in root.iterfind("{*}decision"):
        decision = _decision(found, element)
        if decision.id in decisions:
            raise found.fault(f"決策代號「{decision.id}」重複。", element, "dmn.duplicate-id")
        decisions[decision.id] = decision
    if len(decisions) > MAX_DECISIONS:
        raise found.fault(f"決策太多，一個檔案最多 {MAX_DECISIONS} 個。", root, "dmn.decisions")
    if not decisions:
        raise found.fault("檔案裡沒有決策。", root, "dmn.no-decision")
    for element in root.iterfind("{*}decision"):
        _connect(found, element, decisions, knowledge)
    for decision in _required_first(found, decisions):
        decision.names = _outer_names(decision)
    return decisions


def parse(xml: bytes, file: str = "") -> etree._Element:
    """The root of a DMN file, read without entities, network or DTD."""
    if len(xml) > MAX_BYTES:
        raise DefinitionError(f"檔案太大，最多 {MAX_BYTES // 1000} kB。", file=file, rule="xml.size")
    head = xml[:4].lstrip()
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml or head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise DefinitionError("檔案不可含有 DOCTYPE 或實體宣告，編碼須為 UTF-8。", file=file, rule="xml.unsafe")
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
                                 remove_comments=True, remove_pis=True)
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as fault:
        raise DefinitionError(f"不是有效的 XML：{fault}", file=file, rule="xml.syntax") from None
    if _tag(root) != "definitions" or "/DMN/" not in (etree.QName(root).namespace or ""):
        raise DefinitionError("不是 DMN 檔案。", file=file, element=_tag(root), rule="dmn.root")
    if sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        raise DefinitionError(f"檔案的元素太多，最多 {MAX_ELEMENTS} 個。", file=file, rule="xml.size")
    return root


def _tag(element: etree._Element) -> str:
    return str(etree.QName(element).localname)


def _text(element: etree._Element | None) -> str:
    return (element.findtext("{*}text") or "").strip() if element is not None else ""


def _names_in(root: etree._Element) -> tuple[str, ...]:
    """Names in the file that are not one plain word and have to be announced to FEEL."""
    named = root.xpath("//*[local-name()='decision' or local-name()='inputData' or local-name()='variable' or "
                       "local-name()='itemComponent' or local-name()='businessKnowledgeModel' or "
                       "local-name()='formalParameter']/@name")
    found = {str(name) for name in named}
    return tuple(sorted(name for name in found if not name.isidentifier() and name[:1].isidentifier()))


def _item_values(root: etree._Element) -> dict[str, str]:
    """Allowed values of the item definitions, by type name."""
    return {element.get("name") or "": _text(element.find("{*}allowedValues"))
            for element in root.iterfind("{*}itemDefinition") if element.find("{*}allowedValues") is not None}


def _decision(found: _File, element: etree._Element) -> Decision:
    identity = element.get("id") or element.get("name") or ""
    name = element.get("name") or identity
    variable = element.find("{*}variable")
    seen_as = (variable.get("name") if variable is not None else None) or name
    table, literal = element.find("{*}decisionTable"), element.find("{*}literalExpression")
    if not identity:
        raise found.fault("決策沒有代號。", element, "dmn.no-id")
    if table is not None:
        return Decision(identity, name, seen_as, found.file, _table(found, table, seen_as))
    if literal is None:
        raise found.fault("只支援決策表與 FEEL 運算式。", element, "dmn.unsupported")
    _check_language(found, literal)
    return Decision(identity, name, seen_as, found.file, Literal(found.expression(_text(literal), element)))


def _check_language(found: _File, element: etree._Element) -> None:
    language = (element.get("expressionLanguage") or "feel").rstrip("/").rsplit("/", 1)[-1].lower()
    if language not in _EXPRESSION_LANGUAGES:
        raise found.fault(f"運算式語言只支援 FEEL，這裡是「{language}」。", element, "dmn.language")


def _table(found: _File, table: etree._Element, variable: str) -> Table:
    policy = table.get("hitPolicy") or "UNIQUE"
    aggregation = table.get("aggregation")
    if policy not in POLICIES:
        raise found.fault(f"不支援的命中原則「{policy}」。", table, "dmn.policy")
    if aggregation is not None and aggregation not in AGGREGATIONS:
        raise found.fault(f"不支援的彙總方式「{aggregation}」。", table, "dmn.aggregation")
    inputs = tuple(_input(found, element) for element in table.iterfind("{*}input"))
    outputs = tuple(_output(found, element, variable) for element in table.iterfind("{*}output"))
    if not outputs or len(inputs) + len(outputs) > MAX_COLUMNS:
        raise found.fault(f"決策表需要至少一個輸出，最多 {MAX_COLUMNS} 欄。", table, "dmn.columns")
    if len({column.name for column in outputs}) != len(outputs):
        raise found.fault("輸出欄的名稱重複。", table, "dmn.output-name")
    elements = table.findall("{*}rule")
    if len(elements) > MAX_RULES:
        raise found.fault(f"規則太多，最多 {MAX_RULES} 條。", table, "dmn.rules")
    rules = tuple(_rule(found, element, number, len(inputs), len(outputs))
                  for number, element in enumerate(elements, start=1))
    return Table(policy, aggregation, inputs, outputs, rules)


def _input(found: _File, element: etree._Element) -> Input:
    expression = element.find("{*}inputExpression")
    text = _text(expression)
    if expression is None or not text:
        raise found.fault("輸入欄沒有運算式。", element, "dmn.input")
    _check_language(found, expression)
    allowed = _text(element.find("{*}inputValues"))
    return Input(element.get("label") or text, text, expression.get("typeRef") or _ANY_KIND,
                 found.expression(text, element), found.tests(allowed, element) if allowed else None, allowed)


def _output(found: _File, element: etree._Element, variable: str) -> Output:
    """A single output without a name carries the name of the decision's variable."""
    name = element.get("name") or variable
    kind = element.get("typeRef") or _ANY_KIND
    values = _text(element.find("{*}outputValues")) or found.allowed.get(kind, "")
    default = _text(element.find("{*}defaultOutputEntry"))
    return Output(name, element.get("label") or name, kind, values,
                  found.expression(f"[{values}]", element) if values else None,
                  found.expression(default, element) if default else None)


def _rule(found: _File, element: etree._Element, number: int, inputs: int, outputs: int) -> Rule:
    conditions = element.findall("{*}inputEntry")
    results = element.findall("{*}outputEntry")
    if len(conditions) != inputs or len(results) != outputs:
        raise found.fault(f"規則 {number} 的欄數與表頭不同。", element, "dmn.cells")
    for entry in (*conditions, *results):
        _check_language(found, entry)
    texts = tuple(_text(entry) or "-" for entry in conditions)
    answers = tuple(_text(entry) for entry in results)
    note = element.findtext("{*}description") or _text(element.find("{*}annotationEntry"))
    return Rule(element.get("id") or str(number), texts, answers, note.strip(),
                tuple(found.tests(text, entry) for text, entry in zip(texts, conditions, strict=True)),
                tuple(found.expression(text, entry) if text else None
                      for text, entry in zip(answers, results, strict=True)))


def _knowledge(found: _File, element: etree._Element) -> Knowledge:
    logic = element.find("{*}encapsulatedLogic")
    literal = logic.find("{*}literalExpression") if logic is not None else None
    if logic is None or literal is None:
        raise found.fault("商業知識模型只支援 FEEL 運算式。", element, "dmn.unsupported")
    _check_language(found, literal)
    variable = element.find("{*}variable")
    name = (variable.get("name") if variable is not None else None) or element.get("name") or ""
    parameters = tuple(parameter.get("name") or "" for parameter in logic.iterfind("{*}formalParameter"))
    return Knowledge(element.get("id") or name, name, parameters, found.expression(_text(literal), element))


def _connect(found: _File, element: etree._Element, decisions: dict[str, Decision],
             knowledge: dict[str, Knowledge]) -> None:
    decision = decisions[element.get("id") or element.get("name") or ""]
    for reference in element.iterfind("{*}informationRequirement/{*}requiredDecision"):
        target = (reference.get("href") or "").rpartition("#")[2]
        if target not in decisions:
            raise found.fault(f"所需的決策「{target}」不在這個檔案裡。", element, "dmn.requirement")
        decision.required.append(decisions[target])
    for reference in element.iterfind("{*}knowledgeRequirement/{*}requiredKnowledge"):
        target = (reference.get("href") or "").rpartition("#")[2]
        if target not in knowledge:
            raise found.fault(f"所需的商業知識模型「{target}」不在這個檔案裡。", element, "dmn.requirement")
        decision.knowledge.append(knowledge[target])


def _required_first(found: _File, decisions: dict[str, Decision]) -> list[Decision]:
    """The decisions so that each comes after those it requires. Raises DefinitionError for circles."""
    ordered: list[Decision] = []
    waiting = list(decisions.values())
    while waiting:
        ready = [decision for decision in waiting if all(required in ordered for required in decision.required)]
        if not ready:
            raise found.fault(f"決策「{waiting[0].name}」的需求關係成了循環。", waiting[0].id, "dmn.circle")
        ordered += ready
        waiting = [decision for decision in waiting if decision not in ready]
    return ordered


def _outer_names(decision: Decision) -> frozenset[str]:
    """Variables needed from outside: those of all cells and of required decisions, less what these provide."""
    names = {name for program in _programs(decision) for name in program.names}
    for model in decision.knowledge:
        names |= model.program.names - set(model.parameters)
    names -= {model.name for model in decision.knowledge} | {required.variable for required in decision.required}
    return frozenset(names).union(*(required.names for required in decision.required))


def _programs(decision: Decision) -> list[Program]:
    if isinstance(decision.body, Literal):
        return [decision.body.program]
    programs = [program for column in decision.body.inputs for program in (column.program, column.allowed) if program]
    for rule in decision.rules:
        programs += [program for program in (*rule.tests, *rule.results) if program]
    return programs
