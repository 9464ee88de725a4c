"""Functions of dates, times and durations. ``now()`` and ``today()`` use the clock that was handed in, in Taipei."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

from app import clock
from app.rules.feel.functions.registry import function
from app.rules.feel.limits import Run
from app.rules.feel.temporal import months_between, read_date, read_date_time, read_duration, read_time
from app.rules.feel.values import Value, YearMonth

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")


@function("now")
def now(run: Run) -> Value:
    return clock.taipei(run.instant())


@function("today")
def today(run: Run) -> Value:
    return clock.taipei_date(run.instant())


@function("date")
def date_(run: Run, from_: Value, month: Decimal | None = None, day: Decimal | None = None) -> Value:
    """``date("2026-03-01")``, ``date(2026, 3, 1)`` or the date of a date-time; null when there is no such day."""
    if isinstance(from_, Decimal):
        return None if month is None or day is None else date(int(from_), int(month), int(day))
    if month is not None or day is not None:
        return None
    if isinstance(from_, str):
        return read_date(from_)
    return from_.date() if isinstance(from_, datetime) else from_ if isinstance(from_, date) else None


@function("time")
def time_(run: Run, from_: Value, minute: Decimal | None = None, second: Decimal | None = None,
          offset: Value = None) -> Value:
    """``time("09:30:00")``, ``time(9, 30, 0)`` or the time of a date-time."""
    if isinstance(from_, str):
        return read_time(from_)
    if isinstance(from_, datetime):
        return from_.timetz()
    if isinstance(from_, time):
        return from_
    if not isinstance(from_, Decimal) or minute is None or second is None:
        return None
    zone = timezone(offset) if isinstance(offset, timedelta) else None
    micros = int((second - int(second)) * 1_000_000)
    return time(int(from_), int(minute), int(second), micros, zone)


@function("date and time")
def date_and_time(run: Run, from_: Value, time_: Value = None) -> Value:
    """``date and time("2026-03-01T17:00:00")`` or of a date and a time."""
    if isinstance(from_, str) and time_ is None:
        return read_date_time(from_)
    if isinstance(from_, date) and isinstance(time_, time):
        return datetime.combine(from_, time_)
    return from_ if isinstance(from_, datetime) and time_ is None else None


@function("duration")
def duration(run: Run, from_: Value) -> Value:
    """``duration("P7D")``, ``duration("PT30M")``, ``duration("P1Y2M")``."""
    if isinstance(from_, timedelta | YearMonth):
        return from_
    return read_duration(from_) if isinstance(from_, str) else None


@function("years and months duration")
def years_and_months_duration(run: Run, from_: date, to: date) -> Value:
    return YearMonth(months_between(from_, to))


@function("day of week")
def day_of_week(run: Run, date_: date) -> Value:
    return _WEEKDAYS[date_.weekday()]


@function("day of year")
def day_of_year(run: Run, date_: date) -> Value:
    return Decimal(date_.timetuple().tm_yday)


@function("month of year")
def month_of_year(run: Run, date_: date) -> Value:
    return _MONTHS[date_.month - 1]


@function("week of year")
def week_of_year(run: Run, date_: date) -> Value:
    return Decimal(date_.isocalendar().week)
