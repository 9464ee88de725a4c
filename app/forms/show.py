"""Values in words: what a page, a mail or a PDF says of a field; what changed between two versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from difflib import SequenceMatcher

from app.clock import roc_date
from app.forms.fields import scalar_text
from app.forms.model import MANY, TEXTS, Component, FormSchema

NOTHING = "未填寫"
#: Longer texts are shown side by side instead of letter by letter (comparing is quadratic).
LONGEST_COMPARED = 2_000
#: Below this likeness letters in common are chance.
ALIKE = 0.4

Parts = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a summary. ``text`` is empty when nothing was entered."""

    key: str
    label: str
    text: str
    section: str


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs. ``parts``: ("same" | "del" | "ins", text) in order."""

    key: str
    label: str
    before: str
    after: str
    parts: Parts


def summary(schema: FormSchema, values: Mapping[str, object]) -> list[Row]:
    """Every field that ``values`` holds, in page order, in words. Hidden fields are not among the values."""
    return [Row(c.key, c.label, text_of(c, values[c.key]), c.section) for c in schema.fields() if c.key in values and c.label]


def changes(schema: FormSchema, before: Mapping[str, object], after: Mapping[str, object]) -> list[Change]:
    """The fields whose words differ, in page order; a field one side lacks counts as empty there."""
    found = []
    for component in schema.fields():
        old, new = (text_of(component, values.get(component.key)) for values in (before, after))
        if old != new:
            found.append(Change(component.key, component.label, old, new, compare(component, old, new)))
    return found


def compare(component: Component, before: str, after: str) -> Parts:
    """Letter by letter for texts that are alike; as a whole for choices, numbers, dates and long texts."""
    if not before or not after or component.type not in TEXTS or max(len(before), len(after)) > LONGEST_COMPARED:
        return _whole(before, after)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < ALIKE:
        return _whole(before, after)
    found: list[tuple[str, str]] = []
    for op, a, b, c, d in matcher.get_opcodes():
        if op == "equal":
            found.append(("same", before[a:b]))
            continue
        found.extend(part for part in (("del", before[a:b]), ("ins", after[c:d])) if part[1])
    return tuple(found)


def _whole(before: str, after: str) -> Parts:
    return tuple(part for part in (("del", before), ("ins", after)) if part[1])


def text_of(component: Component, value: object) -> str:
    """A stored value in the words that people read; empty when there is none."""
    if value is None or value == "" or value == []:
        return ""
    if component.type in MANY:
        return "、".join(_label(component, part) for part in value) if isinstance(value, list | tuple) else ""
    if component.options:
        return _label(component, value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if component.type == "datetime":
        return roc_text(scalar_text(value))
    if component.type in {"number", "expression"}:
        return number_text(component, value)
    return scalar_text(value)


def _label(component: Component, value: object) -> str:
    return next((o.label for o in component.options if o.value == value or o.key == str(value)), scalar_text(value))


def number_text(component: Component, value: object) -> str:
    """``12,600 元`` with ``display: currency``; the suffix of the field otherwise; ``−`` for a minus."""
    try:
        number = Decimal(scalar_text(value))
    except InvalidOperation:
        return scalar_text(value)
    plain = component.properties.get("display") == "plain"
    text = (f"{number:f}" if plain else f"{number:,f}").replace("-", "\u2212")
    unit = "元" if component.properties.get("display") == "currency" else adorner(component, "suffixAdorner")
    return f"{text} {unit}" if unit else text


def adorner(component: Component, name: str) -> str:
    appearance = component.raw.get("appearance")
    found = appearance.get(name) if isinstance(appearance, Mapping) else None
    return found if isinstance(found, str) else ""


def roc_text(text: str) -> str:
    """``115年5月19日`` or ``115年5月19日 17:00`` for ISO text of Taipei; other text as it is."""
    try:
        if len(text) == 10:
            return roc_date(date.fromisoformat(text))
        at = datetime.fromisoformat(text) if len(text) > 10 else None
    except ValueError:
        return text
    return f"{roc_date(at)} {at:%H:%M}" if at else text


