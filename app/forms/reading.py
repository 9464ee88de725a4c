"""Small readers of the words of a component: texts, flags, limits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from app.forms.logic import compile_feel
from app.forms.model import Bound, Limits
from app.forms.patterns import UnsafePattern, compile_pattern

#: Characters that a text may have when its author sets no limit.
LONGEST = {"textfield": 500, "textarea": 5_000}


class Fault(Exception):
    """A word that means nothing here; the reader adds file and element."""

    def __init__(self, rule: str, message: str) -> None:
        self.rule = rule
        super().__init__(message)


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


def flag(value: object) -> bool:
    return value is True


def words(value: object) -> dict[str, str]:
    """``properties``: a flat map of words. Numbers and booleans become text, anything else is refused."""
    if value is None:
        return {}
    if not isinstance(value, dict) or any(isinstance(v, dict | list) for v in value.values()):
        raise Fault("form.properties", "properties 只能是文字對文字")
    return {str(k): v if isinstance(v, str) else str(v) for k, v in value.items() if v is not None}


def read_limits(item: Mapping[str, object], properties: Mapping[str, str]) -> Limits:
    """``validate`` of a component, with our ``requiredMessage`` and ``requiredWhen``."""
    rules = item.get("validate")
    rules = rules if isinstance(rules, dict) else {}
    kind = text(item.get("type"))
    longest = _bound(rules.get("maxLength"))
    when = properties.get("requiredWhen", "")
    return Limits(
        required=flag(rules.get("required")), required_when=compile_feel(when) if when else None,
        min_length=_bound(rules.get("minLength")), max_length=longest if longest is not None else _longest(kind),
        low=_bound(rules.get("min")), high=_bound(rules.get("max")),
        pattern=_pattern(text(rules.get("pattern")), longest, kind),
        pattern_message=text(rules.get("patternErrorMessage")), required_message=properties.get("requiredMessage", ""))


def _longest(kind: str) -> Bound:
    return Decimal(LONGEST[kind]) if kind in LONGEST else None


def _bound(value: object) -> Bound:
    """A number, or FEEL behind ``=``; nothing when it is not set."""
    if value in (None, ""):
        return None
    if isinstance(value, str) and value.startswith("="):
        return compile_feel(value)
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise Fault("form.limit", f"上下限「{value}」不是數字") from None
    if isinstance(value, bool) or not number.is_finite():
        raise Fault("form.limit", f"上下限「{value}」不是數字")
    return number


def _pattern(source: str, longest: Bound, kind: str) -> re.Pattern[str] | None:
    if not source:
        return None
    try:
        return compile_pattern(source, int(longest) if isinstance(longest, Decimal) else LONGEST.get(kind, 500))
    except UnsafePattern as error:
        raise Fault("form.pattern", str(error)) from error
