"""Functions over many values, given as a list or one after the other; null among them makes the result null."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from functools import cmp_to_key

from app.rules.feel.compare import ORDERED, order
from app.rules.feel.functions.registry import function
from app.rules.feel.limits import NUMBERS, Run
from app.rules.feel.values import Value


def _numbers(values: Sequence[Value]) -> list[Decimal] | None:
    """The values when there are some and all are numbers."""
    numbers = [value for value in values if isinstance(value, Decimal)]
    return numbers if numbers and len(numbers) == len(values) else None


def total(values: Sequence[Decimal]) -> Decimal:
    result = Decimal()
    for value in values:
        result = NUMBERS.add(result, value)
    return result


def in_order(values: Sequence[Value]) -> list[Value] | None:
    """Sorted; None when the values are not all of one kind that has an order."""
    if not values or type(values[0]) not in ORDERED or any(order(values[0], value) is None for value in values):
        return None
    return sorted(values, key=cmp_to_key(_compare))


def _compare(a: Value, b: Value) -> int:
    return order(a, b) or 0


@function("min")
def min_(run: Run, *list_: Value) -> Value:
    ordered = in_order(list_)
    return None if ordered is None else ordered[0]


@function("max")
def max_(run: Run, *list_: Value) -> Value:
    ordered = in_order(list_)
    return None if ordered is None else ordered[-1]


@function("sum")
def sum_(run: Run, *list_: Value) -> Value:
    numbers = _numbers(list_)
    return None if numbers is None else total(numbers)


@function("mean")
def mean(run: Run, *list_: Value) -> Value:
    numbers = _numbers(list_)
    return None if numbers is None else NUMBERS.divide(total(numbers), Decimal(len(numbers)))


@function("product")
def product(run: Run, *list_: Value) -> Value:
    numbers = _numbers(list_)
    if numbers is None:
        return None
    result = Decimal(1)
    for number in numbers:
        result = NUMBERS.multiply(result, number)
    return result


@function("median")
def median(run: Run, *list_: Value) -> Value:
    numbers = _numbers(list_)
    if numbers is None:
        return None
    numbers.sort()
    low, high = numbers[(len(numbers) - 1) // 2], numbers[len(numbers) // 2]
    return NUMBERS.divide(NUMBERS.add(low, high), Decimal(2))


@function("stddev")
def stddev(run: Run, *list_: Value) -> Value:
    """Standard deviation of a sample; null for fewer than two numbers."""
    numbers = _numbers(list_)
    if numbers is None or len(numbers) < 2:
        return None
    middle = NUMBERS.divide(total(numbers), Decimal(len(numbers)))
    differences = [NUMBERS.subtract(number, middle) for number in numbers]
    squares = total([NUMBERS.multiply(difference, difference) for difference in differences])
    return NUMBERS.sqrt(NUMBERS.divide(squares, Decimal(len(numbers) - 1)))


@function("mode")
def mode(run: Run, *list_: Value) -> Value:
    """The most frequent numbers, ascending; of no numbers an empty list."""
    numbers = _numbers(list_)
    if numbers is None:
        return None if list_ else []
    counted = Counter(numbers)
    most = max(counted.values())
    found: list[Value] = []
    found.extend(sorted(number for number, count in counted.items() if count == most))
    return found
