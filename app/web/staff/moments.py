"""Instants that lists and boards are counted by. Days and weeks are Taipei's."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from app import clock
from app.rules.calendar import is_worked

_SOON_DAYS = 3                # working days, as the deadline chips count


def soon_until(now: datetime) -> datetime:
    """The end of the third working day after today: what is due before it is due soon."""
    day, left = clock.taipei_date(now), _SOON_DAYS
    while left:
        day += timedelta(days=1)
        left -= is_worked(day)
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
