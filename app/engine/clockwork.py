"""Instants and durations of timers and deadlines. Pure: the present instant is passed in.

ISO 8601 durations are written as modellers write them (``P7D``, ``PT5M``, ``P1M``); months and
years follow the calendar in Taipei. A bare date means 17:00 in Taipei that day, the end of office hours.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from app.clock import TAIPEI
from app.errors import AppError

CLOSE_OF_BUSINESS = time(17, 0)
_DURATION = re.compile(
    r"(?P<sign>-)?P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+(?:\.\d+)?)D)?"
    r"(?:T(?:(?P<hours>\d+(?:\.\d+)?)H)?(?:(?P<minutes>\d+(?:\.\d+)?)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?")
_CYCLE = re.compile(r"R(?P<times>\d*)/(?P<rest>[^/]+(?:/[^/]+)?)")
LONGEST = timedelta(days=366 * 30)


class TimeError(AppError):
    """A timer or deadline that says no usable time."""

    status = 422
    code = "timer.value"
    message = "這個時間設定無法解讀。"


@dataclass(frozen=True, slots=True)
class Duration:
    """Months follow the calendar, the rest is exact."""

    months: int
    exact: timedelta

    def after(self, start: datetime) -> datetime:
        """The instant this long after ``start``; the last day of a shorter month is kept (31 Jan + P1M = 28 Feb)."""
        local = start.astimezone(TAIPEI)
        years, month = divmod(local.month - 1 + self.months, 12)
        year = local.year + years
        try:
            local = local.replace(year=year, month=month + 1, day=min(local.day, monthrange(year, month + 1)[1]))
            return (local + self.exact).astimezone(UTC)
        except (ValueError, OverflowError):
            raise TimeError("這個時間長度超出可以計算的範圍。") from None


@dataclass(frozen=True, slots=True)
class Cycle:
    """``R3/PT1H``: ``times`` None = without end; ``first`` the first occurrence."""

    times: int | None
    first: datetime
    every: str


def is_iso(text: str) -> bool:
    """Is this raw ISO text as modellers write it in timers, rather than an expression?"""
    text = text.strip()
    return bool(_CYCLE.fullmatch(text) or _MOMENT.fullmatch(text)
                or (len(text) > 1 and text[-1] not in "PT" and _DURATION.fullmatch(text)))


def parse_duration(text: str) -> Duration:
    """Raises TimeError; negative, empty and over-long durations are refused."""
    match = _DURATION.fullmatch(text.strip())
    if match is None or match["sign"] or text.strip()[-1] in "PT":
        raise TimeError(f"「{text}」不是有效的時間長度。")
    number = {key: float(value) for key, value in match.groupdict().items() if value and key != "sign"}
    months = int(number.pop("years", 0)) * 12 + int(number.pop("months", 0))
    try:
        exact = timedelta(**number)
    except OverflowError:
        exact = timedelta.max
    if months > 360 or exact > LONGEST:
        raise TimeError(f"「{text}」超過三十年。")
    return Duration(months, exact)


def parse_cycle(text: str, now: datetime) -> Cycle:
    """``R3/PT1H``, ``R/P7D`` or ``R3/2026-12-01T09:00:00+08:00/P1D``; without a start the first is one period from now."""
    match = _CYCLE.fullmatch(text.strip())
    if match is None:
        raise TimeError(f"「{text}」不是有效的週期。")
    start, _, every = match["rest"].rpartition("/")
    period = parse_duration(every)
    if not period.months and period.exact < timedelta(seconds=1):
        raise TimeError(f"「{text}」的週期太短。")
    first = instant(start, now) if start else period.after(now)
    return Cycle(int(match["times"]) if match["times"] else None, first, every)


def following(last: datetime, every: str, now: datetime) -> tuple[datetime, int]:
    """The next occurrence after ``now`` and how many have passed up to it, at least one."""
    period, passed = parse_duration(every), 1
    upcoming = period.after(last)
    if not period.months and upcoming <= now:
        skipped = (now - upcoming) // period.exact + 1
        upcoming, passed = upcoming + skipped * period.exact, passed + skipped
    while upcoming <= now:
        upcoming, passed = period.after(upcoming), passed + 1
    return upcoming, passed


def instant(value: object, now: datetime) -> datetime:
    """What a timer or a ``due`` setting means, as an aware UTC instant.

    value   ISO text (duration, date, date-time), date, datetime or timedelta, as FEEL gives them
    Raises  TimeError
    """
    if isinstance(value, str):
        value = _read(value.strip())
    if isinstance(value, timedelta):
        value = Duration(0, value)
    if isinstance(value, Duration):
        return value.after(now)
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=TAIPEI)).astimezone(UTC)
    if isinstance(value, date):
        return datetime.combine(value, CLOSE_OF_BUSINESS, TAIPEI).astimezone(UTC)
    raise TimeError("時間設定的結果不是日期、時刻或時間長度。")


def _read(text: str) -> Duration | datetime | date:
    if text.startswith(("P", "-P")):
        return parse_duration(text)
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        raise TimeError(f"「{text[:40]}」不是有效的日期或時刻。") from None
