"""+ - * / ** and negation, as tables keyed by the kinds of both sides. Kinds that do not fit give null."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal, Overflow
from typing import Any

from app.rules.errors import FeelLimit
from app.rules.feel.limits import NUMBERS, Run
from app.rules.feel.temporal import add_months
from app.rules.feel.values import Value, YearMonth

_Operation = Callable[[Any, Any], Value]
_MICRO = timedelta(microseconds=1)
_NOON = date(2000, 1, 1)


def calculate(symbol: str, a: Value, b: Value, run: Run) -> Value:
    """One of + - * / **. Division by zero and impossible dates are null; numbers beyond the range raise FeelLimit."""
    operation = _TABLES[symbol].get((type(a), type(b)))
    if operation is None:
        return None
    if isinstance(a, str) and isinstance(b, str):
        run.text(len(a) + len(b))
    try:
        return operation(a, b)
    except Overflow:
        raise FeelLimit("數字超出允許的範圍。") from None
    except (ArithmeticError, ValueError, OverflowError):
        return None


def negate(value: Value) -> Value:
    if isinstance(value, Decimal):
        return NUMBERS.minus(value)
    if isinstance(value, YearMonth):
        return YearMonth(-value.months)
    return -value if isinstance(value, timedelta) else None


def _date_plus_days(day: date, span: timedelta) -> date:
    return (datetime.combine(day, time()) + span).date()


def _date_minus_days(day: date, span: timedelta) -> date:
    return (datetime.combine(day, time()) - span).date()


def _plus_months(day: date, span: YearMonth) -> date | None:
    return add_months(day, span.months)


def _minus_months(day: date, span: YearMonth) -> date | None:
    return add_months(day, -span.months)


def _date_minus_date_time(a: date, b: date) -> timedelta | None:
    """A date meets a date-time as its midnight, in the zone of the other."""
    first = a if isinstance(a, datetime) else datetime.combine(a, time(), b.tzinfo if isinstance(b, datetime) else None)
    second = b if isinstance(b, datetime) else datetime.combine(b, time(), first.tzinfo)
    return first - second if (first.tzinfo is None) == (second.tzinfo is None) else None


def _time_plus(clock: time, span: timedelta) -> time:
    return (datetime.combine(_NOON, clock) + timedelta(seconds=span.seconds, microseconds=span.microseconds)).timetz()


def _time_minus(clock: time, span: timedelta) -> time:
    return _time_plus(clock, -span)


def _time_difference(a: time, b: time) -> timedelta | None:
    if (a.tzinfo is None) != (b.tzinfo is None):
        return None
    return datetime.combine(_NOON, a) - datetime.combine(_NOON, b)


def _scale_days(span: timedelta, factor: Decimal) -> timedelta:
    micros = NUMBERS.multiply(Decimal(span // _MICRO), factor)
    return timedelta(microseconds=int(micros.to_integral_value()))


def _divide_days(span: timedelta, divisor: Decimal) -> timedelta:
    return timedelta(microseconds=int(NUMBERS.divide(Decimal(span // _MICRO), divisor).to_integral_value()))


def _scale_months(span: YearMonth, factor: Decimal) -> YearMonth:
    return YearMonth(int(NUMBERS.multiply(Decimal(span.months), factor)))


def _divide_months(span: YearMonth, divisor: Decimal) -> YearMonth:
    return YearMonth(int(NUMBERS.divide(Decimal(span.months), divisor)))


def _ratio_of_days(a: timedelta, b: timedelta) -> Decimal:
    return NUMBERS.divide(Decimal(a // _MICRO), Decimal(b // _MICRO))


def _ratio_of_months(a: YearMonth, b: YearMonth) -> Decimal:
    return NUMBERS.divide(Decimal(a.months), Decimal(b.months))


def _power(base: Decimal, exponent: Decimal) -> Decimal | None:
    """Exponents beyond ±1000 are refused: their result is outside the range or meaningless."""
    if abs(exponent) > 1000:
        raise FeelLimit("次方的指數不可超過 1000。")
    return NUMBERS.power(base, exponent)


def _swapped(operation: _Operation) -> _Operation:
    return lambda a, b: operation(b, a)


def _add_months_together(a: YearMonth, b: YearMonth) -> YearMonth:
    return YearMonth(a.months + b.months)


def _subtract_months(a: YearMonth, b: YearMonth) -> YearMonth:
    return YearMonth(a.months - b.months)


_Table = dict[tuple[type, type], _Operation]
_PLUS: _Table = {
    (Decimal, Decimal): NUMBERS.add, (str, str): operator.add,
    (date, timedelta): _date_plus_days, (timedelta, date): _swapped(_date_plus_days),
    (datetime, timedelta): operator.add, (timedelta, datetime): operator.add,
    (date, YearMonth): _plus_months, (YearMonth, date): _swapped(_plus_months),
    (datetime, YearMonth): _plus_months, (YearMonth, datetime): _swapped(_plus_months),
    (time, timedelta): _time_plus, (timedelta, time): _swapped(_time_plus),
    (timedelta, timedelta): operator.add, (YearMonth, YearMonth): _add_months_together,
}
_MINUS: _Table = {
    (Decimal, Decimal): NUMBERS.subtract,
    (date, date): operator.sub, (datetime, datetime): _date_minus_date_time,
    (date, datetime): _date_minus_date_time, (datetime, date): _date_minus_date_time,
    (date, timedelta): _date_minus_days, (datetime, timedelta): operator.sub,
    (date, YearMonth): _minus_months, (datetime, YearMonth): _minus_months,
    (time, timedelta): _time_minus, (time, time): _time_difference,
    (timedelta, timedelta): operator.sub, (YearMonth, YearMonth): _subtract_months,
}
_TIMES: _Table = {
    (Decimal, Decimal): NUMBERS.multiply,
    (timedelta, Decimal): _scale_days, (Decimal, timedelta): _swapped(_scale_days),
    (YearMonth, Decimal): _scale_months, (Decimal, YearMonth): _swapped(_scale_months),
}
_OVER: _Table = {
    (Decimal, Decimal): NUMBERS.divide,
    (timedelta, Decimal): _divide_days, (timedelta, timedelta): _ratio_of_days,
    (YearMonth, Decimal): _divide_months, (YearMonth, YearMonth): _ratio_of_months,
}
_TABLES: dict[str, _Table] = {"+": _PLUS, "-": _MINUS, "*": _TIMES, "/": _OVER, "**": {(Decimal, Decimal): _power}}
