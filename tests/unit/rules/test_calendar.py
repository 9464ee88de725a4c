"""Working days of the government calendar."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from app.errors import DefinitionError
from app.rules import feel
from app.rules.calendar import WorkCalendar, is_worked, office_calendar, use

FILE = Path(__file__).parents[3] / "rules" / "calendar" / "tw-gov.json"
CALENDAR = WorkCalendar.load(FILE)


def test_calendar_is_small_data_with_version_and_source() -> None:
    assert FILE.stat().st_size < 25_000
    assert CALENDAR.years == tuple(range(2017, 2028))
    assert CALENDAR.version
    assert "人事行政總處" in CALENDAR.source


@pytest.mark.parametrize(
    "day", ["2025-09-29", "2025-10-24", "2025-12-25", "2026-05-01", "2026-02-20", "2027-12-31", "2026-02-14"]
)
def test_day_off(day: str) -> None:
    assert not CALENDAR.is_working_day(date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2025-02-08", "2023-01-07", "2025-05-01", "2026-02-13", "2025-09-30"])
def test_day_that_is_worked(day: str) -> None:
    assert CALENDAR.is_working_day(date.fromisoformat(day))


@pytest.mark.parametrize(("year", "days"), [(2023, 249), (2024, 251), (2025, 247), (2026, 245), (2027, 244)])
def test_working_days_of_a_year(year: int, days: int) -> None:
    """Source: the calendars of the years; 2025 after the re-issue of 2025-06-13 (250 before)."""
    first = date(year, 1, 1)

    assert CALENDAR.working_days_between(first, date(year, 12, 31)) == days


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        ("2026-02-13", 1, "2026-02-23"),
        ("2026-02-23", -1, "2026-02-13"),
        ("2026-02-14", 0, "2026-02-23"),
        ("2026-02-13", 0, "2026-02-13"),
        ("2026-04-01", 8, "2026-04-15"),
        ("2025-02-07", 1, "2025-02-08"),
        ("2026-04-01", 15, "2026-04-24"),
    ],
)
def test_counting_working_days_from_a_date(start: str, days: int, expected: str) -> None:
    assert CALENDAR.add_working_days(date.fromisoformat(start), days) == date.fromisoformat(expected)


def test_counting_forth_and_between_agree() -> None:
    for offset in range(0, 700, 13):
        start = date(2024, 12, 1) + timedelta(days=offset)
        for days in (1, 8, 15, 30):
            end = CALENDAR.add_working_days(start, days)

            assert CALENDAR.working_days_between(start, end) == days
            assert CALENDAR.is_working_day(end)
            assert CALENDAR.working_days_between(end, start) == -days


@pytest.mark.parametrize(
    "act",
    [
        lambda: CALENDAR.is_working_day(date(2028, 1, 1)),
        lambda: CALENDAR.add_working_days(date(2027, 12, 30), 5),
        lambda: CALENDAR.working_days_between(date(2016, 12, 31), date(2017, 2, 1)),
        lambda: CALENDAR.add_working_days(date(2017, 1, 3), -5),
    ],
)
def test_years_that_are_not_loaded_are_refused(act) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(DefinitionError, match="工作日曆只有 2017 至 2027 年"):
        act()


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"version": "1", "source": "x", "years": {}},
        {"version": "1", "source": "x", "years": {"2026": {"closed": ["02-14"], "working": [], "names": {}}}},
        {"version": "1", "source": "x", "years": {"2026": {"closed": ["13-01"], "working": [], "names": {}}}},
        {"version": "1", "source": "x", "years": {y: {"closed": [], "working": [], "names": {}} for y in ("2024", "2026")}},
    ],
)
def test_broken_calendar_data_are_refused(content: dict[str, object]) -> None:
    with pytest.raises(DefinitionError, match="工作日曆無法讀取"):
        WorkCalendar.load(content)


def test_missing_calendar_file_is_named() -> None:
    with pytest.raises(DefinitionError) as caught:
        WorkCalendar.load("nowhere.json")

    assert caught.value.file == "nowhere.json"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('working days after(date("2026-02-13"), 5)', date(2026, 3, 2)),
        ('working days between(date("2026-02-13"), date("2026-02-24"))', 2),
        ('is working day(date("2025-12-25"))', False),
        ('is working day(date and time("2025-12-24T17:00:00Z"))', False),
        ("working days after(today(), 8)", date(2026, 5, 13)),
        ('working days after(date("2026-02-13"), 1.5)', None),
    ],
)
def test_working_days_in_expressions(source: str, expected: object) -> None:
    now = datetime(2026, 5, 1, 1, 0, tzinfo=UTC)

    assert feel.evaluate(source, {}, now=now, calendar=CALENDAR) == expected


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('working days after(date("2027-12-01"), 60)', "工作日曆只有"),
        ('is working day(date("2030-01-01"))', "工作日曆只有"),
        ('working days after(date("2026-01-01"), 9999)', "不可超過"),
        ('working days between(date("2016-01-01"), date("2026-01-01"))', "工作日曆只有"),
    ],
)
def test_working_days_beyond_the_data_are_errors_not_guesses(source: str, words: str) -> None:
    with pytest.raises(feel.FeelError, match=words):
        feel.evaluate(source, {}, calendar=CALENDAR)


def test_working_days_without_a_calendar_are_refused() -> None:
    with pytest.raises(feel.FeelError, match="沒有提供工作日曆"):
        feel.evaluate('is working day(date("2026-01-05"))', {})


@pytest.fixture
def _own_calendar() -> Iterator[None]:
    before = office_calendar()
    yield
    use(Path(before.file) if before else None)


@pytest.mark.usefixtures("_own_calendar")
def test_the_office_counts_by_the_calendar_in_use(tmp_path: Path) -> None:
    closed = {"version": "1", "source": "測試", "years": {"2026": {"closed": ["05-19"], "working": [], "names": {}}}}
    own = tmp_path / "own.json"
    own.write_text(json.dumps(closed), "utf-8")

    use(own)

    assert not is_worked(date(2026, 5, 19)) and is_worked(date(2026, 5, 1))
    assert is_worked(date(2040, 5, 21)) and not is_worked(date(2040, 5, 20))
