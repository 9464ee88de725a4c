"""The parts of dates, times and durations that a path may ask for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from app.rules.feel.values import Value, YearMonth

_SECOND = timedelta(seconds=1)
_Read = Callable[[Any], Value]


def field_of(value: Value, name: str) -> Value:
    """A part such as ``year`` or ``days``; null when the value has no such part."""
    read = _FIELDS.get(type(value), {}).get(name)
    return None if read is None else read(value)


def _number(attribute: str) -> Callable[[datetime], Value]:
    return lambda value: Decimal(getattr(value, attribute))


def _weekday(value: date) -> Value:
    return Decimal(value.isoweekday())


def _offset(value: datetime | time) -> Value:
    return value.utcoffset()


def _zone(value: datetime | time) -> Value:
    return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None


def _of_days(unit: int, inside: int) -> Callable[[timedelta], Value]:
    """Whole units within the next larger one; negative durations have negative parts."""
    def read(span: timedelta) -> Value:
        seconds = abs(span) // _SECOND
        amount = seconds // unit if inside == 0 else seconds % inside // unit
        return Decimal(-amount if span < timedelta() else amount)
    return read


def _years(span: YearMonth) -> Value:
    return Decimal(int(span.months / 12))


def _months(span: YearMonth) -> Value:
    return Decimal(span.months - 12 * int(span.months / 12))


_DATE: dict[str, _Read] = {
    "year": _number("year"), "month": _number("month"), "day": _number("day"), "weekday": _weekday}
_TIME: dict[str, _Read] = {
    "hour": _number("hour"), "minute": _number("minute"), "second": _number("second"),
    "time offset": _offset, "timezone": _zone}
_DAYS: dict[str, _Read] = {
    "days": _of_days(86400, 0), "hours": _of_days(3600, 86400), "minutes": _of_days(60, 3600),
    "seconds": _of_days(1, 60)}
_FIELDS: dict[type, dict[str, _Read]] = {
    date: _DATE, datetime: {**_DATE, **_TIME}, time: _TIME, timedelta: _DAYS,
    YearMonth: {"years": _years, "months": _months}}
