"""Values that stand for all others of a column: every value named in its cells, and one between and beyond them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from app.rules.dmn.model import Input
from app.rules.feel import FeelError, Program, Range, Value, nodes
from app.rules.feel.compiler import build
from app.rules.feel.limits import Run
from app.rules.feel.scope import Scope
from app.rules.feel.values import Comparison

OTHER = "（其他）"
MAX_POINTS = 400
_WHOLE = frozenset({"integer", "long", "int"})


def fits(test: Program, value: Value) -> bool:
    """Whether a cell that needs no variables accepts a value."""
    run = Run({})
    return test.within(Scope({"?": value}, Scope(run.top, None, run), run)) is True


def points(column: Input, cells: list[Program]) -> list[Value]:
    """Representative values of a column, only those its list of allowed values admits."""
    named: list[Value] = []
    for cell in (*cells, *([column.allowed] if column.allowed else [])):
        for value in _constants(cell.tree):
            if value not in named:
                named.append(value)
    found = _with_neighbours(named, column)
    if column.allowed is not None:
        found = [value for value in found if fits(column.allowed, value)]
    return found[:MAX_POINTS]


def _with_neighbours(named: list[Value], column: Input) -> list[Value]:
    kinds = {type(value) for value in named} - {type(None)}
    if column.kind == "boolean" or kinds == {bool}:
        return [True, False]
    if kinds == {Decimal}:
        return _numbers(sorted(value for value in named if isinstance(value, Decimal)), column.kind in _WHOLE)
    if kinds == {date}:
        days = sorted({value + timedelta(days=step) for value in named if type(value) is date for step in (-1, 0, 1)
                       if date.min < value < date.max})
        return list(days)
    if kinds == {str}:
        return [*named, OTHER]
    return named or [Decimal(1) if column.kind == "number" else OTHER]


def _numbers(named: list[Decimal], whole: bool) -> list[Value]:
    """Below the least, each named, one between every two, above the greatest."""
    found: list[Value] = [named[0] - 1]
    for low, high in zip(named, [*named[1:], None], strict=True):
        found.append(low)
        if high is None:
            found.append(low + 1)
            continue
        between = ((low + high) / 2).to_integral_value() if high - low > 1 else (low + high) / 2
        if high - low > 1 or not whole:
            found.append(between)
    return found


def _constants(tree: nodes.Node) -> Iterator[Value]:
    """The values a cell compares with, as far as they are constant."""
    for node in tree.tests if isinstance(tree, nodes.Tests) else (tree,):
        yield from _parts_of(_value_of(node))
        if isinstance(node, nodes.Compare | nodes.Junction | nodes.Between | nodes.Membership):
            yield from _literals(node)


def _value_of(node: nodes.Node) -> Value:
    run = Run({}, strict=True)
    try:
        return build(node)(Scope(run.top, None, run))
    except FeelError:
        return None


def _parts_of(value: Value) -> Iterator[Value]:
    if isinstance(value, Comparison):
        yield from _parts_of(value.operand)
    elif isinstance(value, Range):
        yield from (bound for bound in (value.low, value.high) if bound is not None)
    elif isinstance(value, list):
        for item in value:
            yield from _parts_of(item)
    elif value is not None and not isinstance(value, dict):
        yield value


def _literals(node: nodes.Node) -> Iterator[Value]:
    """Constants inside a test that mentions ``?``."""
    inner: tuple[nodes.Node, ...] = ()
    if isinstance(node, nodes.Compare):
        inner = (node.left, node.right)
    elif isinstance(node, nodes.Junction):
        inner = node.operands
    elif isinstance(node, nodes.Between):
        inner = (node.low, node.high)
    elif isinstance(node, nodes.Membership):
        inner = node.tests
    if not inner:
        yield from _parts_of(_value_of(node))
    for part in inner:
        yield from _literals(part)


def in_words(value: Value) -> str:
    """A value as a counter-example shows it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
