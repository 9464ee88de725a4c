"""The only place that asks what time it is.

Instants are aware UTC datetimes, dates are dates in Taipei (UTC+8, no daylight saving).
Rooms below ``web`` never call ``now()``: they receive it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, timezone

TAIPEI = timezone(timedelta(hours=8), "Asia/Taipei")
_frozen: datetime | None = None


def now() -> datetime:
    """The present instant, aware, UTC."""
    return _frozen or datetime.now(UTC)


def today() -> date:
    """Today's date in Taipei."""
    return taipei_date(now())


def taipei(instant: datetime) -> datetime:
    return instant.astimezone(TAIPEI)


def taipei_date(instant: datetime) -> date:
    return instant.astimezone(TAIPEI).date()


def roc_date(day: date) -> str:
    """``115年5月19日``; the year counts from 1912."""
    return f"{day.year - 1911}年{day.month}月{day.day}日"


def roc_datetime(instant: datetime) -> str:
    """``115年5月19日 17:00`` in Taipei."""
    at = taipei(instant)
    return f"{roc_date(at)} {at:%H:%M}"


@contextmanager
def frozen(instant: datetime) -> Iterator[None]:
    """Hold the clock still, for tests and rehearsals."""
    global _frozen
    before, _frozen = _frozen, instant.astimezone(UTC)
    try:
        yield
    finally:
        _frozen = before
