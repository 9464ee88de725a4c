"""Working days of the government calendar, as data with a version and a source."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Self, cast

from app.errors import DefinitionError

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkCalendar:
    """Which days are worked: Monday to Friday, less the days off, plus the make-up days.

    closed   days off that fall on Monday to Friday
    working  Saturdays and Sundays that are worked
    names    Chinese names of special days
    years    the years that are loaded; questions outside them raise DefinitionError
    """

    version: str
    source: str
    years: tuple[int, ...]
    closed: frozenset[date]
    working: frozenset[date]
    names: Mapping[date, str]
    file: str = ""

    @classmethod
    def load(cls, content: Path | str | Mapping[str, object]) -> Self:
        """From the data file or its content; raises DefinitionError naming what is wrong."""
        file = "" if isinstance(content, Mapping) else str(content)
        try:
            data = content if isinstance(content, Mapping) else json.loads(Path(content).read_text("utf-8"))
            return cls._read(cast("Mapping[str, object]", data), file)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
            raise DefinitionError(f"工作日曆無法讀取：{fault}", file=file, rule="calendar.unreadable") from fault

    @classmethod
    def _read(cls, data: Mapping[str, object], file: str) -> Self:
        years = cast("Mapping[str, Mapping[str, object]]", data["years"])
        closed: set[date] = set()
        working: set[date] = set()
        names: dict[date, str] = {}
        for year, entries in years.items():
            closed |= {_day(year, text) for text in cast("list[str]", entries["closed"])}
            working |= {_day(year, text) for text in cast("list[str]", entries["working"])}
            names |= {_day(year, text): name for text, name in cast("dict[str, str]", entries["names"]).items()}
        if any(day.weekday() > 4 for day in closed) or any(day.weekday() < 5 for day in working):
            raise ValueError("放假日須為週一至週五，補班日須為週末")
        loaded = tuple(sorted(int(year) for year in years))
        if not loaded or loaded != tuple(range(loaded[0], loaded[-1] + 1)):
            raise ValueError("年度須連續")
        return cls(str(data["version"]), str(data["source"]), loaded, frozenset(closed), frozenset(working), names, file)

    def is_working_day(self, day: date) -> bool:
        self._check(day)
        return day in self.working if day.weekday() > 4 else day not in self.closed

    def add_working_days(self, start: date, days: int) -> date:
        """The n-th working day after a date, which itself is not counted; negative n goes backwards.

        With n = 0 the date itself, or the next working day when it is none.
        """
        if days == 0:
            return start if self.is_working_day(start) else self.add_working_days(start, 1)
        self._check(start)
        worked = self._worked
        passed = bisect_right(worked, start if days > 0 else start - _DAY)
        position = passed + days - 1 if days > 0 else passed + days
        if not 0 <= position < len(worked):
            raise self._beyond(start + timedelta(days=days))
        return worked[position]

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after the first date up to and including the second; negative when it lies before."""
        self._check(start)
        self._check(end)
        return bisect_right(self._worked, end) - bisect_right(self._worked, start)

    @cached_property
    def _worked(self) -> list[date]:
        """Every working day of the loaded years, ascending."""
        first, last = date(self.years[0], 1, 1), date(self.years[-1], 12, 31)
        days = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
        return [day for day in days if self.is_working_day(day)]

    def _check(self, day: date) -> None:
        if not self.years[0] <= day.year <= self.years[-1]:
            raise self._beyond(day)

    def _beyond(self, day: date) -> DefinitionError:
        return DefinitionError(
            f"工作日曆只有 {self.years[0]} 至 {self.years[-1]} 年，無法計算 {day.year} 年的日期，請先補上該年度的行事曆。",
            file=self.file, element=str(day.year), rule="calendar.years")


_file: Path | None = None


def use(file: Path | None) -> None:
    """Name the data file of the office's calendar; ``create_app`` does so. It is read when first asked."""
    global _file
    _file = file


def office_calendar() -> WorkCalendar | None:
    """The calendar in use. Raises DefinitionError when its file cannot be read."""
    return _read_once(_file) if _file else None


def is_worked(day: date) -> bool:
    """By the office's calendar; Monday to Friday beyond its years, or without one."""
    calendar = office_calendar()
    if calendar is None or not calendar.years[0] <= day.year <= calendar.years[-1]:
        return day.weekday() < 5
    return calendar.is_working_day(day)


@lru_cache(maxsize=4)
def _read_once(file: Path) -> WorkCalendar:
    return WorkCalendar.load(file)


def _day(year: str, text: str) -> date:
    """``"MM-DD"`` of a year."""
    return date.fromisoformat(f"{year}-{text}")
