"""Functions of lists. Positions count from 1; negative ones from the end."""

from __future__ import annotations

from decimal import Decimal
from functools import cmp_to_key

from app.rules.feel.collect import flatten
from app.rules.feel.compare import equal
from app.rules.feel.functions.registry import function
from app.rules.feel.functions.statistics import in_order
from app.rules.feel.limits import MAX_LIST, Run
from app.rules.feel.values import Function, Value


def _position(items: list[Value], position: Decimal) -> int | None:
    """0-based index of a position inside the list."""
    if not position or abs(position) > len(items) or position != position.to_integral_value():
        return None
    return int(position) - 1 if position > 0 else len(items) + int(position)


@function("count")
def count(run: Run, list_: list[Value]) -> Value:
    return Decimal(len(list_))


@function("list contains")
def list_contains(run: Run, list_: list[Value], element: Value) -> Value:
    run.tick(len(list_))
    return any(equal(item, element, run) is True for item in list_)


@function("sublist")
def sublist(run: Run, list_: list[Value], start_position: Decimal, length: Decimal | None = None) -> Value:
    first = _position(list_, start_position)
    if first is None or (length is not None and length < 0):
        return None
    run.elements(len(list_))
    return list_[first:] if length is None else list_[first:first + int(min(length, Decimal(MAX_LIST)))]


@function("append")
def append(run: Run, list_: list[Value], *item: Value) -> Value:
    run.elements(len(list_) + len(item))
    return [*list_, *item]


@function("concatenate")
def concatenate(run: Run, *list_: list[Value]) -> Value:
    run.elements(sum(map(len, list_)))
    return [item for items in list_ for item in items]


@function("insert before")
def insert_before(run: Run, list_: list[Value], position: Decimal, new_item: Value) -> Value:
    index = _position(list_, position)
    if index is None:
        return None
    run.elements(len(list_) + 1)
    return [*list_[:index], new_item, *list_[index:]]


@function("remove")
def remove(run: Run, list_: list[Value], position: Decimal) -> Value:
    index = _position(list_, position)
    if index is None:
        return None
    run.elements(len(list_))
    return [*list_[:index], *list_[index + 1:]]


@function("reverse")
def reverse(run: Run, list_: list[Value]) -> Value:
    run.elements(len(list_))
    return list_[::-1]


@function("index of")
def index_of(run: Run, list_: list[Value], match: Value) -> Value:
    run.tick(len(list_))
    return [Decimal(index) for index, item in enumerate(list_, start=1) if equal(item, match, run) is True]


@function("distinct values")
def distinct_values(run: Run, list_: list[Value]) -> Value:
    kept: list[Value] = []
    for item in list_:
        run.tick(len(kept) + 1)
        if not any(equal(item, known, run) is True for known in kept):
            kept.append(item)
    return kept


@function("union")
def union(run: Run, *list_: list[Value]) -> Value:
    run.elements(sum(map(len, list_)))
    return distinct_values(run, [item for items in list_ for item in items])


@function("flatten")
def flatten_(run: Run, list_: list[Value]) -> Value:
    return list(flatten(list_, run))


@function("is empty")
def is_empty(run: Run, list_: list[Value]) -> Value:
    return not list_


@function("sort")
def sort(run: Run, list_: list[Value], precedes: Function | None = None) -> Value:
    """Ascending, or by a function of two elements that tells whether the first comes before the second."""
    run.tick(1 + len(list_) * len(list_).bit_length() // 4)
    if precedes is None:
        return in_order(list_)
    function = precedes

    def compare(a: Value, b: Value) -> int:
        run.tick(5)
        if function.call([a, b], run) is True:
            return -1
        return 1 if function.call([b, a], run) is True else 0
    return sorted(list_, key=cmp_to_key(compare))
