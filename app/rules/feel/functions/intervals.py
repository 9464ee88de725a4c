"""Relations between points and ranges, as far as deadlines and price bands need them."""

from __future__ import annotations

from app.rules.feel.compare import contains, order
from app.rules.feel.functions.registry import function
from app.rules.feel.limits import Run
from app.rules.feel.values import Range, Value


def _as_range(value: Value) -> Range:
    return value if isinstance(value, Range) else Range(value, value, True, True)


def _wholly_before(first: Range, second: Range) -> bool | None:
    if first.high is None or second.low is None:
        return None
    ordered = order(first.high, second.low)
    if ordered is None:
        return None
    return ordered < 0 or (ordered == 0 and not (first.high_included and second.low_included))


@function("before")
def before(run: Run, range1: Value, range2: Value) -> Value:
    return _wholly_before(_as_range(range1), _as_range(range2))


@function("after")
def after(run: Run, range1: Value, range2: Value) -> Value:
    return _wholly_before(_as_range(range2), _as_range(range1))


@function("includes")
def includes(run: Run, range_: Range, value: Value) -> Value:
    """Whether a point, or the whole of another range, lies in the range."""
    if not isinstance(value, Range):
        return contains(range_, value)
    return _reaches(range_.low, range_.low_included, value.low, value.low_included, -1) and _reaches(
        range_.high, range_.high_included, value.high, value.high_included, 1)


def _reaches(outer: Value, outer_included: bool, inner: Value, inner_included: bool, side: int) -> bool | None:
    ordered = order(outer, inner)
    if ordered is None:
        return None
    return ordered == side or (ordered == 0 and (outer_included or not inner_included))


@function("during")
def during(run: Run, value: Value, range_: Range) -> Value:
    return includes(run, range_, value)


@function("overlaps")
def overlaps(run: Run, range1: Range, range2: Range) -> Value:
    """Whether the two have a point in common."""
    first, second = _wholly_before(range1, range2), _wholly_before(range2, range1)
    return None if first is None or second is None else not first and not second
