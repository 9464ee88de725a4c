"""Why a case went its way: the decision tables of its own version, with the rows that hit, in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.accounts.roles import ROLES
from app.engine.models import Event
from app.engine.packages import LoadedPackage
from app.rules.dmn import Decision, Rule
from app.web import format as words

_SHOWN = 5
_STRINGS = re.compile(r'"((?:[^"\\]|\\.)*)"(?:\s*,\s*|$)')
# Codes that tables and forms carry, as people read them.
_CODES = {"true": "是", "false": "否", "null": "未填", "-": "不限", "": "不限", "match": "相符", "mismatch": "不符",
          "missing": "查無資料", "unavailable": "無法查核"}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table; ``cells`` in the order of the titles."""

    number: int
    hit: bool
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Made:
    """One decision that was taken: the whole table, and what it was given."""

    caption: str
    titles: list[str]
    rows: list[Line]
    inputs: list[tuple[str, str]]
    outputs: list[tuple[str, str]]


def made(package: LoadedPackage, events: Iterable[Event]) -> list[Made]:
    """The last decisions of a case, the newest first."""
    taken = [event for event in events if event.kind == "decision.made" and event.data]
    shown = ((package.decisions.get(str(event.data["decision"])), event) for event in reversed(taken) if event.data)
    return [_made(decision, event, package.version) for decision, event in shown if decision][:_SHOWN]


def _made(decision: Decision, event: Event, version: int) -> Made:
    data = event.data or {}
    hits = [int(hit) for hit in data.get("hits", [])]
    hit_words = f"命中第 {'、'.join(map(str, hits))} 列" if hits else "沒有命中任何一列"
    caption = f"決策表「{decision.name}」第 {version} 版，{words.roc_datetime(event.at)} 判定，{hit_words}"
    lines = [_line(number, rule, number in hits) for number, rule in enumerate(decision.rules, 1)]
    return Made(caption, titles(decision), lines,
                _pairs(data.get("inputs")), _pairs(_labelled(decision, data.get("outputs"))))


def titles(decision: Decision) -> list[str]:
    """Column heads: what is asked, then what is answered."""
    asked = [column.label for column in decision.inputs]
    answered = [column.label for column in decision.outputs]
    return asked + answered


def _line(number: int, rule: Rule, hit: bool) -> Line:
    return Line(number, hit, [in_words(cell) for cell in (*rule.inputs, *rule.outputs)])


def _labelled(decision: Decision, outputs: object) -> dict[str, object]:
    named = {str(column.name): column.label for column in decision.outputs}
    return {named.get(str(key), str(key)): value for key, value in outputs.items()} if isinstance(outputs, Mapping) else {}


def _pairs(values: object) -> list[tuple[str, str]]:
    return [(str(key), value_in_words(value)) for key, value in values.items()] if isinstance(values, Mapping) else []


def in_words(cell: object) -> str:
    """A table's cell as people read it: quotes taken off, codes said in Chinese, expressions as they are."""
    text = str(cell).strip()
    strings = _STRINGS.findall(text)
    if strings and not _STRINGS.sub("", text).strip():
        return "、".join(_word(part) for part in strings)
    return _word(text)


def value_in_words(value: object) -> str:
    """A value that a table was given or answered."""
    if value is None:
        return "未填"
    return _word(str(value).lower() if isinstance(value, bool) else str(value))


def _word(text: str) -> str:
    return _CODES.get(text) or ROLES.get(text) or text
