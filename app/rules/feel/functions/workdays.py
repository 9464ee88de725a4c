"""Working days of the government calendar. The calendar is handed in; without one these functions raise."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from app import clock
from app.errors import DefinitionError
from app.rules.calendar import WorkCalendar
from app.rules.errors import FeelError, FeelLimit
from app.rules.feel.functions.registry import function
from app.rules.feel.limits import Run
from app.rules.feel.values import Value

_MOST_DAYS = 2000


def _calendar(run: Run) -> WorkCalendar:
    if run.calendar is None:
        raise FeelError("這裡沒有提供工作日曆，不能計算工作天。")
    return run.calendar


def _day(value: date) -> date:
    """The Taipei date of an instant."""
    if isinstance(value, datetime):
        return value.date() if value.tzinfo is None else clock.taipei_date(value)
    return value


@function("is working day")
def is_working_day(run: Run, date_: date) -> Value:
    try:
        return _calendar(run).is_working_day(_day(date_))
    except DefinitionError as error:
        raise FeelError(error.message) from None


@function("working days after")
def working_days_after(run: Run, date_: date, days: Decimal) -> Value:
    """The n-th working day after a date (the date itself is not counted); negative n counts backwards."""
    if days != days.to_integral_value():
        return None
    if abs(days) > _MOST_DAYS:
        raise FeelLimit(f"工作天數不可超過 {_MOST_DAYS}。")
    run.tick(1 + 2 * abs(int(days)))
    try:
        return _calendar(run).add_working_days(_day(date_), int(days))
    except DefinitionError as error:
        raise FeelError(error.message) from None


@function("working days between")
def working_days_between(run: Run, from_: date, to: date) -> Value:
    """Working days after the first date, up to and including the second; negative when it lies before."""
    start, end = _day(from_), _day(to)
    run.tick(1 + abs((end - start).days) // 4)
    try:
        return Decimal(_calendar(run).working_days_between(start, end))
    except DefinitionError as error:
        raise FeelError(error.message) from None
