"""not, all, any, and questions about what is there."""

from __future__ import annotations

from app.rules.feel.compare import equal
from app.rules.feel.functions.registry import function
from app.rules.feel.limits import Run
from app.rules.feel.values import Value


@function("not")
def not_(run: Run, negand: Value) -> Value:
    return not negand if isinstance(negand, bool) else None


@function("all")
def all_(run: Run, *list_: Value) -> Value:
    """False as soon as one is false; unknown when one is neither true nor false."""
    if any(value is False for value in list_):
        return False
    return True if all(value is True for value in list_) else None


@function("any")
def any_(run: Run, *list_: Value) -> Value:
    if any(value is True for value in list_):
        return True
    return False if all(value is False for value in list_) else None


@function("is")
def is_(run: Run, value1: Value, value2: Value) -> Value:
    """The same kind and the same value."""
    return type(value1) is type(value2) and equal(value1, value2, run) is True


@function("is defined")
def is_defined(run: Run, value: Value) -> Value:
    return value is not None


@function("get or else")
def get_or_else(run: Run, value: Value, default: Value) -> Value:
    return default if value is None else value


@function("is blank")
def is_blank(run: Run, value: Value) -> Value:
    """Null, text of blanks only, or an empty list."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())
