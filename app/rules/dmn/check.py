"""What is wrong with a decision table before it is used: overlaps and gaps, each with a counter-example.

Every cell is tried on representative values of its column. A set of rules is an int with one bit per rule, so whole
columns are compared at once. Syntax faults do not come here: ``load`` refuses the file and names the cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from app.rules.dmn.model import Decision, Input, Rule, Table
from app.rules.dmn.points import fits, in_words, points
from app.rules.feel import FeelError, Value

MAX_SEARCH = 50_000
MAX_OVERLAPS = 20
MAX_RULES = 300      # rules of a table that is checked for overlaps and gaps
MAX_TRIALS = 400_000  # cells tried on values


@dataclass(frozen=True, slots=True)
class Finding:
    """severity is error, warning or info; rule_id the row (or the table) it is about."""

    severity: str
    rule_id: str
    message: str


@dataclass(frozen=True, slots=True)
class _Column:
    """All inputs with the same expression: their representative values, and the rules that accept each."""

    label: str
    values: list[Value]
    accepting: list[int]


def check(decision: Decision) -> list[Finding]:
    """Findings about a table; an expression decision has none."""
    table = decision.body
    if not isinstance(table, Table) or not table.rules:
        return [Finding("error", decision.id, "決策表沒有規則。")] if isinstance(table, Table) else []
    findings = list(_unlisted_results(table))
    if any(test.names for rule in table.rules for test in rule.tests):
        return [*findings, Finding("info", decision.id, "有條件格用到變數，未檢查重疊與缺漏。")]
    if len(table.rules) > MAX_RULES or _trials(table) > MAX_TRIALS:
        return [*findings, Finding("info", decision.id, "決策表太大，未檢查重疊與缺漏。")]
    try:
        columns = _columns(table)
    except FeelError as error:
        return [*findings, Finding("info", decision.id, f"條件格無法試算，未檢查重疊與缺漏：{error.sentence}")]
    return [*findings, *_overlaps(table, columns), *_shadowed(table, columns), *_gaps(decision, table, columns)]


def _trials(table: Table) -> int:
    return sum(len(points(column, [rule.tests[index] for rule in table.rules])) * len(table.rules)
               for index, column in enumerate(table.inputs))


def _columns(table: Table) -> list[_Column]:
    by_text: dict[str, list[int]] = {}
    for index, column in enumerate(table.inputs):
        by_text.setdefault(column.text, []).append(index)
    return [_column(table, [table.inputs[index] for index in indices], indices) for indices in by_text.values()]


def _column(table: Table, inputs: list[Input], indices: list[int]) -> _Column:
    values = points(inputs[0], [rule.tests[index] for rule in table.rules for index in indices])
    accepting = [sum(1 << number for number, rule in enumerate(table.rules)
                     if all(fits(rule.tests[index], value) for index in indices)) for value in values]
    return _Column(inputs[0].label, values, accepting)


def _unlisted_results(table: Table) -> Iterator[Finding]:
    for number, rule in enumerate(table.rules, start=1):
        for column, text, program in zip(table.outputs, rule.outputs, rule.results, strict=True):
            listed = column.values({}) if column.values else None
            if program is None or program.names or not isinstance(listed, list):
                continue
            try:
                value = program({})
            except FeelError as error:
                yield Finding("error", rule.id, f"規則 {number} 的「{column.label}」無法計算：{error.message}")
                continue
            if value not in listed:
                yield Finding("warning", rule.id, f"規則 {number} 的「{column.label}」是 {text}，不在列出的值裡。")


def _overlaps(table: Table, columns: list[_Column]) -> Iterator[Finding]:
    """Two rules that fit the same values, where the policy forbids it."""
    if table.policy not in ("UNIQUE", "ANY"):
        return
    found = 0
    for (first, one), (second, other) in combinations(enumerate(table.rules), 2):
        if table.policy == "ANY" and one.outputs == other.outputs:
            continue
        example = _example(columns, 1 << first | 1 << second)
        if example is None:
            continue
        found += 1
        if found > MAX_OVERLAPS:
            return
        reason = "重疊" if table.policy == "UNIQUE" else "同時符合而結果不同"
        yield Finding("error", other.id, f"規則 {first + 1} 與 {second + 1} {reason}，例如 {example}。")


def _example(columns: list[_Column], rules: int) -> str | None:
    """Values that all of these rules accept."""
    parts = []
    for column in columns:
        for value, accepting in zip(column.values, column.accepting, strict=True):
            if accepting & rules == rules:
                parts.append(f"{column.label}＝{in_words(value)}")
                break
        else:
            return None
    return "、".join(parts)


def _shadowed(table: Table, columns: list[_Column]) -> Iterator[Finding]:
    """Rules that never get their turn because an earlier one takes all their cases."""
    if table.policy != "FIRST":
        return
    for later, rule in enumerate(table.rules):
        for earlier in range(later):
            if all(_covers(column, earlier, later) for column in columns):
                yield Finding("warning", rule.id, f"規則 {later + 1} 用不到，因為規則 {earlier + 1} 已涵蓋它的所有情形。")
                break


def _covers(column: _Column, earlier: int, later: int) -> bool:
    return all(accepting >> earlier & 1 for accepting in column.accepting if accepting >> later & 1)


def _gaps(decision: Decision, table: Table, columns: list[_Column]) -> Iterator[Finding]:
    if table.policy == "COLLECT" or any(column.default for column in table.outputs) or not columns:
        return
    search = _Search(table.rules, columns)
    gap = search.uncovered(0, (1 << len(table.rules)) - 1)
    if gap is not None:
        example = "、".join(f"{column.label}＝{in_words(value)}" for column, value in zip(columns, gap, strict=False))
        yield Finding("warning", decision.id, f"有情形沒有規則符合，例如 {example}。")
    elif search.spent > MAX_SEARCH:
        yield Finding("info", decision.id, "組合太多，缺漏未檢查完。")


class _Search:
    """Depth first through the columns for values that no rule accepts; equal positions are visited once."""

    def __init__(self, rules: tuple[Rule, ...], columns: list[_Column]) -> None:
        self.columns = columns
        self.spent = 0
        self.seen: set[tuple[int, int]] = set()
        everything = (1 << len(rules)) - 1
        self.unconditional = [everything] * (len(columns) + 1)
        for level in range(len(columns) - 1, -1, -1):
            accepted = everything
            for accepting in columns[level].accepting:
                accepted &= accepting
            self.unconditional[level] = self.unconditional[level + 1] & accepted

    def uncovered(self, level: int, rules: int) -> list[Value] | None:
        """Values from this column on that leave none of the rules; [] when none is left already."""
        if rules == 0:
            return []
        self.spent += 1
        if rules & self.unconditional[level] or (level, rules) in self.seen or self.spent > MAX_SEARCH:
            return None
        self.seen.add((level, rules))
        column = self.columns[level]
        for value, accepting in zip(column.values, column.accepting, strict=True):
            rest = self.uncovered(level + 1, rules & accepting)
            if rest is not None:
                return [value, *rest]
        return None
