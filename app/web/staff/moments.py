"""Instants that lists and boards are counted by. Days and weeks are Taipei's."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from app import clock
from app.errors import DefinitionError
from app.web import format as words

_SOON_DAYS = 3                # working days, as the deadline chips count


def soon_until(now: datetime) -> datetime:
    """The end of the third working day after today: what is due before it is due soon."""
    day, left = clock.taipei_date(now), _SOON_DAYS
    while left:
        day += timedelta(days=1)
        left -= _is_working(day)
    return _midnight(day + timedelta(days=1))


def week_start(now: datetime) -> datetime:
    """Monday 00:00 of this week."""
    day = clock.taipei_date(now)
    return _midnight(day - timedelta(days=day.weekday()))


def days_since(instant: datetime, now: datetime) -> int:
    """Calendar days that something has waited."""
    return (clock.taipei_date(now) - clock.taipei_date(instant)).days


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=clock.TAIPEI)


def _is_working(day: date) -> bool:
    try:
        return words.calendar().is_working_day(day)
    except DefinitionError:                        # beyond the published years
        return day.weekday() < 5
