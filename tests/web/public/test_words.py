"""Dates, deadlines and sizes as people read them (ui/UI.md §6)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from app.web import format as words

NOW = datetime(2026, 5, 19, 2, 0, tzinfo=UTC)             # 115年5月19日（二）10:00 in Taipei


def at(text: str) -> datetime:
    return datetime.fromisoformat(text + "+08:00")


def test_dates_are_roc_dates_of_taipei() -> None:
    assert words.roc_date(date(2026, 5, 19)) == "115年5月19日"
    assert words.roc_date(datetime(2026, 5, 18, 17, 0, tzinfo=UTC), weekday=True) == "115年5月19日（二）"
    assert words.roc_full(at("2026-05-22T17:00:00")) == "115年5月22日 17:00"


def test_the_year_is_left_out_in_the_same_year() -> None:
    assert words.roc_datetime(at("2026-05-19T16:20:00"), NOW) == "5月19日 16:20"
    assert words.roc_datetime(at("2025-12-31T09:05:00"), NOW) == "114年12月31日 09:05"
    assert words.roc_datetime(None) == ""
    assert words.roc_weekday_time(at("2026-05-11T14:32:00"), NOW) == "5月11日（一）14:32"


@pytest.mark.parametrize(("until", "kind", "text"), [
    ("2026-05-22T17:00:00", "soon", "剩 3 個工作天"),
    ("2026-05-25T17:00:00", "ok", "剩 4 個工作天"),
    ("2026-05-19T17:00:00", "soon", "今天到期"),
    ("2026-05-15T17:00:00", "late", "逾期 2 個工作天"),
    ("2026-05-19T09:00:00", "late", "已逾期"),
])
def test_deadlines_count_working_days(until: str, kind: str, text: str) -> None:
    assert words.due(SimpleNamespace(due_at=at(until)), NOW) == words.Due(kind, text)


def test_a_deadline_on_a_weekend_ahead_names_its_time() -> None:
    saturday = datetime(2026, 5, 22, 14, 0, tzinfo=UTC)    # Friday 22:00 in Taipei

    found = words.due(SimpleNamespace(due_at=at("2026-05-24T17:00:00")), saturday)

    assert found == words.Due("soon", "5月24日 17:00 到期")


def test_without_a_deadline_nothing_is_said() -> None:
    assert words.due(SimpleNamespace(due_at=None), NOW) is None
    assert words.due(None, NOW) is None


def test_beyond_the_loaded_years_monday_to_friday_count() -> None:
    far = datetime(2090, 5, 19, 2, 0, tzinfo=UTC)

    found = words.due(SimpleNamespace(due_at=datetime(2090, 5, 26, 2, 0, tzinfo=UTC)), far)

    assert found is not None
    assert found.text == "剩 5 個工作天"


def test_sizes_and_ages() -> None:
    assert [words.file_size(n) for n in (820, 12 * 1024, 1_258_291)] == ["820 位元組", "12 KB", "1.2 MB"]
    assert words.ago_days(NOW, NOW) == "今天"
    assert words.ago_days(at("2026-05-18T23:59:00"), NOW) == "昨天"
    assert words.ago_days(at("2026-05-07T10:00:00"), NOW) == "12 天前"
