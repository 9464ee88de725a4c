"""Dates, times and durations: reading ISO 8601 text and calculating with months."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.rules.feel.values import YearMonth

_Day = TypeVar("_Day", date, datetime)
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(r"T?(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d|@[A-Za-z_+\-/0-9]{1,60})?", re.ASCII)
_DURATION = re.compile(r"(-)?P(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})D)?"
                       r"(?:T(?:(\d{1,12})H)?(?:(\d{1,12})M)?(?:(\d{1,12})(?:\.(\d{1,9}))?S)?)?", re.ASCII)
_MAX_MONTHS = 12 * 1_000_000_000


def read_date(text: str) -> date | None:
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def read_time(text: str) -> time | None:
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    hour, minute, second, fraction, zone = found.groups()
    micro = int((fraction or "0")[:6].ljust(6, "0"))
    try:
        return time(int(hour), int(minute), int(second or 0), micro, read_zone(zone))
    except (ValueError, ZoneInfoNotFoundError, OSError):
        return None


def read_zone(text: str | None) -> tzinfo | None:
    """``Z``, ``+08:00`` or ``@Asia/Taipei``. Raises ValueError or ZoneInfoNotFoundError for others."""
    if not text:
        return None
    if text == "Z":
        return UTC
    if text[0] == "@":
        return ZoneInfo(text[1:])
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
    return timezone(offset if text[0] == "+" else -offset)


def read_date_time(text: str) -> datetime | None:
    """A date alone is its midnight."""
    day_text, separator, time_text = text.partition("T")
    day = read_date(day_text)
    clock = read_time(time_text) if separator else time()
    return None if day is None or clock is None else datetime.combine(day, clock)


def read_duration(text: str) -> timedelta | YearMonth | None:
    """``P1Y2M`` is a number of months, ``P7DT12H`` a span of time; the two cannot be mixed."""
    found = _DURATION.fullmatch(text)
    if found is None or text.endswith("T") or not any(found.groups()[1:]):
        return None
    sign, years, months, days, hours, minutes, seconds, fraction = found.groups()
    factor = -1 if sign else 1
    if years or months:
        if days or hours or minutes or seconds:
            return None
        return YearMonth(factor * (int(years or 0) * 12 + int(months or 0)))
    try:
        return factor * timedelta(days=int(days or 0), hours=int(hours or 0), minutes=int(minutes or 0),
                                  seconds=int(seconds or 0), microseconds=int((fraction or "0")[:6].ljust(6, "0")))
    except OverflowError:
        return None


def read_literal(text: str) -> date | datetime | time | timedelta | YearMonth | None:
    """What ``@"…"`` means."""
    duration = read_duration(text)
    if duration is not None:
        return duration
    if "T" in text and not text.startswith("T"):
        return read_date_time(text)
    return read_date(text) or read_time(text)


def add_months(day: _Day, months: int) -> _Day | None:
    """The corresponding day, or the last of a shorter month; None outside the years 1 to 9999."""
    if abs(months) > _MAX_MONTHS:
        return None
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        return None
    return day.replace(year=year, month=month + 1, day=min(day.day, _days_of(year, month + 1)))


def _days_of(year: int, month: int) -> int:
    if month == 12:
        return 31
    return (date(year, month + 1, 1) - timedelta(days=1)).day


def months_between(start: date, end: date) -> int:
    """Whole months from start to end, towards zero."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and end.day < start.day:
        return months - 1
    if months < 0 and end.day > start.day:
        return months + 1
    return months
