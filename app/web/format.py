"""How dates, deadlines and sizes are written for people (ui/UI.md §6). Times are Taipei's, years are ROC years."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from app import clock
from app.rules.calendar import is_worked

_WEEKDAYS = "一二三四五六日"
_SOON = 3                    # working days, ui/UI.md §3
_COUNT_AT_MOST = timedelta(days=400)


class HasDeadline(Protocol):
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Due:
    """``kind`` is ok, soon or late; ``text`` says it in words."""

    kind: str
    text: str


def roc_date(day: date | datetime, weekday: bool = False) -> str:
    """``115年5月19日``, with ``weekday`` ``115年5月19日（二）``."""
    day = clock.taipei_date(day) if isinstance(day, datetime) else day
    text = clock.roc_date(day)
    return f"{text}（{_WEEKDAYS[day.weekday()]}）" if weekday else text


def roc_datetime(instant: datetime | None, now: datetime | None = None) -> str:
    """``5月19日 16:20`` in the present year, ``114年5月19日 16:20`` in another, empty for None."""
    if instant is None:
        return ""
    at = clock.taipei(instant)
    text = f"{at.month}月{at.day}日 {at:%H:%M}"
    return text if at.year == clock.taipei(now or clock.now()).year else f"{at.year - 1911}年{text}"


def roc_full(instant: datetime) -> str:
    """``115年5月22日 17:00``, for letters, receipts and deadlines."""
    return clock.roc_datetime(instant)


def roc_weekday_time(instant: datetime, now: datetime | None = None) -> str:
    """``5月11日（一）14:32``, for histories."""
    at = clock.taipei(instant)
    text = f"{at.month}月{at.day}日（{_WEEKDAYS[at.weekday()]}）{at:%H:%M}"
    return text if at.year == clock.taipei(now or clock.now()).year else f"{at.year - 1911}年{text}"


def due(item: HasDeadline | None, now: datetime | None = None) -> Due | None:
    """How long there is: 剩 3 個工作天, 今天到期, 逾期 2 個工作天. None without a deadline."""
    if item is None or item.due_at is None:
        return None
    now = now or clock.now()
    last, today = clock.taipei_date(item.due_at), clock.taipei_date(now)
    if item.due_at < now:
        late = _working_days(last, today)
        return Due("late", f"逾期 {late} 個工作天" if late else "已逾期")
    if last == today:
        return Due("soon", "今天到期")
    left = _working_days(today, last)
    return Due("soon" if left <= _SOON else "ok", f"剩 {left} 個工作天" if left else f"{roc_datetime(item.due_at, now)} 到期")


def clock_time(instant: datetime) -> str:
    """``14:03``."""
    return f"{clock.taipei(instant):%H:%M}"


def ago_days(instant: datetime, now: datetime | None = None) -> str:
    """今天, 昨天 or 12 天前, by the calendar day in Taipei."""
    days = (clock.taipei_date(now or clock.now()) - clock.taipei_date(instant)).days
    return ("今天", "昨天")[days] if 0 <= days < 2 else f"{days} 天前"


def file_size(size: int) -> str:
    """Bytes as 820 位元組, 12 KB or 1.2 MB."""
    if size < 1024:
        return f"{size} 位元組"
    return f"{size / 1024:.0f} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MB"


def file_kind(kind: str) -> str:
    """Where a file of a case comes from."""
    return {"receipt": "系統產生，送出時留存", "upload": "廠商上傳"}.get(kind, "案件文件")


def _working_days(start: date, end: date) -> int:
    """Working days after ``start`` up to and including ``end``; Monday to Friday beyond the loaded years."""
    days = min(end - start, _COUNT_AT_MOST).days
    return sum(is_worked(start + timedelta(days=n)) for n in range(1, days + 1))
