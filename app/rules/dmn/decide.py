"""Answering a decision: which rules fit, and what the hit policy makes of them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cmp_to_key

from app.rules.dmn.model import Decision, DecisionError, Knowledge, Literal, Outcome, Output, Rule, Table
from app.rules.feel import Function, Program, Value
from app.rules.feel.compare import equal, order
from app.rules.feel.functions.statistics import in_order, total
from app.rules.feel.limits import Run
from app.rules.feel.scope import Scope
from app.rules.feel.text import to_text

Row = dict[str, Value]


def decide(decision: Decision, run: Run) -> Outcome:
    """The outcome of a decision after its required decisions; each of these is answered once."""
    for model in decision.knowledge:
        run.top[model.name] = _callable(model)
    for required in decision.required:
        if required.variable not in run.top:
            run.top[required.variable] = decide(required, run).value
    if isinstance(decision.body, Literal):
        value = _value(decision.body.program, run)
        return Outcome([], {decision.variable: value}, {}, value)
    return _answer_table(decision, decision.body, run)


def _callable(model: Knowledge) -> Function:
    def call(values: list[Value], run: Run) -> Value:
        arguments = dict(zip(model.parameters, values, strict=False))
        return model.program.within(Scope(arguments, Scope(run.top, None, run), run))
    return Function(model.parameters, call)


def _value(program: Program, run: Run) -> Value:
    return program.within(Scope(run.top, None, run))


def _fits(program: Program, value: Value, run: Run) -> bool:
    return program.within(Scope({"?": value}, Scope(run.top, None, run), run)) is True


def _answer_table(decision: Decision, table: Table, run: Run) -> Outcome:
    seen = [_value(column.program, run) for column in table.inputs]
    inputs = {column.label: value for column, value in zip(table.inputs, seen, strict=True)}
    for column, value in zip(table.inputs, seen, strict=True):
        if column.allowed is not None and value is not None and not _fits(column.allowed, value, run):
            raise DecisionError(f"決策表「{decision.name}」的「{column.label}」不接受這個值。", column=column.label)
    stops = table.policy == "FIRST"
    hits = _hits(table, seen, run, stops)
    if not hits:
        return _no_hit(table, run, inputs)
    rows = [_row(table, table.rules[hit], run) for hit in hits]
    hits, outputs, value = _POLICIES[table.policy](decision, table, hits, rows)
    return Outcome([hit + 1 for hit in hits], outputs, inputs, value)


def _hits(table: Table, seen: list[Value], run: Run, stops: bool) -> list[int]:
    hits = []
    for number, rule in enumerate(table.rules):
        if all(_fits(test, value, run) for test, value in zip(rule.tests, seen, strict=True)):
            hits.append(number)
            if stops:
                break
    return hits


def _no_hit(table: Table, run: Run, inputs: dict[str, Value]) -> Outcome:
    """Defaults of the columns when all have one; otherwise null, an empty list for tables that collect."""
    row = {column.name: _value(column.default, run) if column.default else None for column in table.outputs}
    if any(column.default for column in table.outputs):
        return Outcome([], row, inputs, _single(row))
    if table.policy == "COLLECT" and table.aggregation == "COUNT":
        return Outcome([], {table.outputs[0].name: Decimal()}, inputs, Decimal())
    return Outcome([], row, inputs, None)


def _row(table: Table, rule: Rule, run: Run) -> Row:
    return {column.name: _value(program, run) if program else None
            for column, program in zip(table.outputs, rule.results, strict=True)}


def _single(row: Row) -> Value:
    return next(iter(row.values())) if len(row) == 1 else row


Chosen = tuple[list[int], Row, Value]


def _unique(decision: Decision, table: Table, hits: list[int], rows: list[Row]) -> Chosen:
    if len(hits) > 1:
        numbers = "、".join(str(hit + 1) for hit in hits)
        raise DecisionError(f"決策表「{decision.name}」只能有一條規則符合，但規則 {numbers} 同時符合。", hits=hits)
    return hits, rows[0], _single(rows[0])


def _first(decision: Decision, table: Table, hits: list[int], rows: list[Row]) -> Chosen:
    return hits[:1], rows[0], _single(rows[0])


def _any(decision: Decision, table: Table, hits: list[int], rows: list[Row]) -> Chosen:
    run = Run({})
    for hit, row in zip(hits, rows, strict=True):
        if equal(dict(rows[0]), dict(row), run) is not True:
            raise DecisionError(f"決策表「{decision.name}」的規則 {hits[0] + 1} 與 {hit + 1} 同時符合，結果卻不同。",
                                hits=hits)
    return hits, rows[0], _single(rows[0])


def _priority(decision: Decision, table: Table, hits: list[int], rows: list[Row]) -> Chosen:
    ranked = _ranked(table, hits, rows)
    return [ranked[0][0]], ranked[0][1], _single(ranked[0][1])


def _rule_order(decision: Decision, table: Table, hits: list[int], rows: list[Row]) -> Chosen:
    return hits, _columns(table, rows), [_single(row) for row in rows]


def _output_order(decision: Decision, table: Table, hits: list[int], rows: list[Row]) -> Chosen:
    ranked = _ranked(table, hits, rows)
    ordered = [row for _, row in ranked]
    return [hit for hit, _ in ranked], _columns(table, ordered), [_single(row) for row in ordered]


def _collect(decision: Decision, table: Table, hits: list[int], rows: list[Row]) -> Chosen:
    if table.aggregation is None:
        return _rule_order(decision, table, hits, rows)
    row = {column.name: _aggregate(decision, table.aggregation, [row[column.name] for row in rows])
           for column in table.outputs}
    return hits, row, _single(row)


def _columns(table: Table, rows: list[Row]) -> Row:
    return {column.name: [row[column.name] for row in rows] for column in table.outputs}


def _aggregate(decision: Decision, aggregation: str, values: list[Value]) -> Value:
    """COUNT counts the rules that fit; the others need numbers (MIN and MAX anything that has an order)."""
    if aggregation == "COUNT":
        return Decimal(len(values))
    numbers = [value for value in values if isinstance(value, Decimal)]
    if aggregation == "SUM" and len(numbers) == len(values):
        return total(numbers)
    ordered = in_order(values)
    if ordered is None or aggregation == "SUM":
        raise DecisionError(f"決策表「{decision.name}」要彙總（{aggregation}）的結果不是同一種可計算的值。")
    return ordered[0] if aggregation == "MIN" else ordered[-1]


def _ranked(table: Table, hits: list[int], rows: list[Row]) -> list[tuple[int, Row]]:
    """Hits in the order of the listed output values, column by column; unlisted values come last."""
    listed = [_listed(column) for column in table.outputs]

    def compare(a: tuple[int, Row], b: tuple[int, Row]) -> int:
        for column, values in zip(table.outputs, listed, strict=True):
            ranks = [values.index(text) if text in values else len(values)
                     for text in (_key(a[1][column.name]), _key(b[1][column.name]))]
            if ranks[0] != ranks[1]:
                return order(Decimal(ranks[0]), Decimal(ranks[1])) or 0
        return 0
    return sorted(zip(hits, rows, strict=True), key=cmp_to_key(compare))


def _listed(column: Output) -> list[str]:
    value = column.values({}) if column.values else None
    return [_key(item) for item in value] if isinstance(value, list) else []


def _key(value: Value) -> str:
    return f"{type(value).__name__}:{to_text(value, Run({}))}"


_POLICIES: dict[str, Callable[[Decision, Table, list[int], list[Row]], Chosen]] = {
    "UNIQUE": _unique, "FIRST": _first, "ANY": _any, "PRIORITY": _priority, "COLLECT": _collect,
    "RULE ORDER": _rule_order, "OUTPUT ORDER": _output_order,
}
