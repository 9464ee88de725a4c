"""Lists at work: for, some, every, filters and paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from app.rules.errors import FeelLimit
from app.rules.feel.compare import matches_test
from app.rules.feel.limits import MAX_LIST, MAX_VALUE_DEPTH, Run
from app.rules.feel.scope import Evaluate, Scope
from app.rules.feel.temporal_fields import field_of
from app.rules.feel.values import Comparison, Range, Value


@dataclass(frozen=True, slots=True)
class Source:
    """One ``name in source`` of a loop; ``end`` when written as ``from..to``."""

    name: str
    start: Evaluate
    end: Evaluate | None


def options(value: Value, run: Run) -> list[Value]:
    """What can be matched: the elements of a list, or the value itself."""
    if isinstance(value, list):
        run.tick(len(value))
        return value
    return [value]


def span(start: Value, end: Value, run: Run) -> list[Value] | None:
    """All whole numbers or days from start to end, upwards or downwards; None for other kinds."""
    if type(start) is date and type(end) is date:
        days = (end - start).days
        run.elements(abs(days) + 1)
        step = 1 if days >= 0 else -1
        return [start + timedelta(days=step * offset) for offset in range(abs(days) + 1)]
    if isinstance(start, Decimal) and isinstance(end, Decimal):
        if abs(start) > 10 ** 15 or abs(end) > 10 ** 15:
            raise FeelLimit(f"清單超過 {MAX_LIST} 項。")
        first, last = int(start), int(end)
        run.elements(abs(last - first) + 1)
        return [Decimal(value) for value in (range(first, last + 1) if first <= last else range(first, last - 1, -1))]
    return None


def _elements(source: Source, scope: Scope) -> list[Value] | None:
    value = source.start(scope)
    if source.end is not None:
        return span(value, source.end(scope), scope.run)
    if isinstance(value, Range) and value.low is not None:
        return span(value.low, value.high, scope.run)
    return None if value is None else value if isinstance(value, list) else [value]


def _rounds(sources: list[Source], scope: Scope) -> Iterator[Scope]:
    """Every combination of elements as a scope; later sources may use earlier names."""
    head, rest = sources[0], sources[1:]
    for element in _elements(head, scope) or ():
        scope.run.tick()
        inner = scope.inside({head.name: element})
        if rest:
            yield from _rounds(rest, inner)
        else:
            yield inner


def compile_for(sources: list[Source], body: Evaluate, uses_partial: bool) -> Evaluate:
    """``for … return``: a source that is null has no elements, a single value is a list of one."""
    def evaluate(scope: Scope) -> Value:
        made: list[Value] = []
        for inner in _rounds(sources, scope):
            if uses_partial:
                scope.run.elements(len(made))
                inner = inner.inside({"partial": list(made)})
            made.append(body(inner))
            if len(made) > MAX_LIST:
                raise FeelLimit(f"清單超過 {MAX_LIST} 項。")
        return made
    return evaluate


def compile_quantified(sources: list[Source], condition: Evaluate, every: bool) -> Evaluate:
    """``some`` and ``every``; a condition that is unknown counts as not satisfied."""
    def evaluate(scope: Scope) -> Value:
        for inner in _rounds(sources, scope):
            if (condition(inner) is True) is not every:
                return not every
        return every
    return evaluate


def compile_path(base: Evaluate, name: str) -> Evaluate:
    return lambda scope: field(base(scope), name, scope.run)


def field(value: Value, name: str, run: Run, depth: int = 0) -> Value:
    """An entry of a context, a part of a date or duration; of a list, that of every element. Never an attribute."""
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, list):
        if depth >= MAX_VALUE_DEPTH:
            raise FeelLimit("資料的層數太多。")
        run.elements(len(value))
        return [field(item, name, run, depth + 1) for item in value]
    if isinstance(value, Range):
        return _range_field(value, name)
    return field_of(value, name)


def _range_field(value: Range, name: str) -> Value:
    entries: dict[str, Value] = {"start": value.low, "end": value.high, "start included": value.low_included,
                                 "end included": value.high_included}
    return entries.get(name)


def compile_filter(base: Evaluate, condition: Evaluate, is_index: bool) -> Evaluate:
    """``list[3]``, ``list[-1]``, ``list[price < 100]``; a value that is no list counts as a list of one."""
    def evaluate(scope: Scope) -> Value:
        value = base(scope)
        if value is None:
            return None
        items: list[Value] = value if isinstance(value, list) else [value]
        if is_index:
            wanted = condition(scope)
            return at_index(items, wanted) if isinstance(wanted, Decimal) else _kept(items, condition, scope)
        return _kept(items, condition, scope)
    return evaluate


def at_index(items: list[Value], index: Decimal) -> Value:
    """1 is the first, -1 the last; null outside."""
    if not index or abs(index) > len(items):
        return None
    position = int(index)
    return items[position - 1] if position > 0 else items[position]


def _kept(items: list[Value], condition: Evaluate, scope: Scope) -> Value:
    kept: list[Value] = []
    for position, item in enumerate(items):
        scope.run.tick()
        answer = condition(_item_scope(item, scope))
        if position == 0 and isinstance(answer, Decimal):
            return at_index(items, answer)
        if isinstance(answer, Comparison | Range):
            answer = matches_test(answer, item, scope.run)
        if answer is True:
            kept.append(item)
    return kept


def _item_scope(item: Value, scope: Scope) -> Scope:
    inner = scope.inside({"item": item})
    return inner.inside(item) if isinstance(item, dict) else inner


def flatten(items: Iterable[Value], run: Run, depth: int = 0) -> list[Value]:
    """All elements of lists inside lists, in order."""
    if depth >= MAX_VALUE_DEPTH:
        raise FeelLimit("資料的層數太多。")
    flat: list[Value] = []
    for item in items:
        run.tick()
        if isinstance(item, list):
            flat.extend(flatten(item, run, depth + 1))
        else:
            flat.append(item)
    return flat
