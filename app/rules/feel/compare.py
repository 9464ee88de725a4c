"""Equality, order and membership with the three-valued logic of FEEL: True, False or None (unknown)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from app.rules.errors import FeelLimit
from app.rules.feel.limits import MAX_VALUE_DEPTH, Run
from app.rules.feel.values import Comparison, Range, Value, YearMonth

ORDERED = frozenset({Decimal, str, date, datetime, time, timedelta, YearMonth})


def equal(a: Value, b: Value, run: Run, depth: int = 0) -> bool | None:
    """a = b. Values of different kinds are not comparable (None), except with null (False).

    A list of at most one element equals its element, as in the browser's evaluator.
    """
    if a is None or b is None:
        return a is b
    cls = type(a)
    if cls is not type(b):
        return _equal_unlike(a, b, run, depth)
    if cls is list or cls is dict:
        return _equal_collections(a, b, run, depth)
    if cls is Range:
        return _equal_ranges(a, b, run)  # type: ignore[arg-type]
    return a == b


def _equal_unlike(a: Value, b: Value, run: Run, depth: int) -> bool | None:
    if isinstance(a, list) and len(a) < 2:
        return equal(a[0] if a else None, b, run, depth + 1) if depth < MAX_VALUE_DEPTH else None
    if isinstance(b, list) and len(b) < 2:
        return equal(a, b[0] if b else None, run, depth + 1) if depth < MAX_VALUE_DEPTH else None
    return None


def _equal_collections(a: Value, b: Value, run: Run, depth: int) -> bool:
    if depth >= MAX_VALUE_DEPTH:
        raise FeelLimit("資料的層數太多。")
    if isinstance(a, list) and isinstance(b, list):
        run.tick(1 + len(a))
        return len(a) == len(b) and all(equal(x, y, run, depth + 1) is True for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        run.tick(1 + len(a))
        return a.keys() == b.keys() and all(equal(a[key], b[key], run, depth + 1) is True for key in a)
    return False


def _equal_ranges(a: Range, b: Range, run: Run) -> bool:
    return (a.low_included == b.low_included and a.high_included == b.high_included
            and equal(a.low, b.low, run) is True and equal(a.high, b.high, run) is True)


def order(a: Value, b: Value) -> int | None:
    """-1, 0 or 1; None when the two cannot be ordered (different kinds, with and without time zone)."""
    cls = type(a)
    if cls is not type(b) or cls not in ORDERED:
        return None
    try:
        return -1 if a < b else 1 if a > b else 0  # type: ignore[operator]
    except TypeError:
        return None


def compare(operator: str, a: Value, b: Value, run: Run) -> bool | None:
    """One of = != < <= > >=."""
    if operator == "=":
        return equal(a, b, run)
    if operator == "!=":
        same = equal(a, b, run)
        return None if same is None else not same
    ordered = order(a, b)
    if ordered is None:
        return None
    if operator == "<":
        return ordered < 0
    if operator == "<=":
        return ordered <= 0
    return ordered > 0 if operator == ">" else ordered >= 0


def contains(interval: Range, value: Value) -> bool | None:
    """Whether the value lies in the range; reversed bounds count as written the right way round."""
    low, high = interval.low, interval.high
    low_included, high_included = interval.low_included, interval.high_included
    if low is not None and high is not None and order(low, high) == 1:
        low, high, low_included, high_included = high, low, high_included, low_included
    above = _inside(order(value, low), low_included) if low is not None else True
    below = _inside(order(high, value), high_included) if high is not None else True
    if value is None or above is None or below is None:
        return None
    return above and below


def _inside(ordered: int | None, included: bool) -> bool | None:
    if ordered is None:
        return None
    return ordered > 0 or (included and ordered == 0)


def matches_test(test: Value, value: Value, run: Run) -> bool | None:
    """A value against one evaluated test: a comparison, a range, or a value to be equal to."""
    if isinstance(test, Comparison):
        return compare(test.operator, value, test.operand, run)
    if isinstance(test, Range) and not isinstance(value, Range):
        return contains(test, value)
    return equal(test, value, run)
