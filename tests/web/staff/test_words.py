"""Small readers behind the staff pages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.errors import InvalidInput
from app.web.staff import moments
from app.web.staff.decisions import in_words, value_in_words
from app.web.staff.incidents import read_variables
from app.web.staff.timers import read_due
from tests.factories import NOW


@pytest.mark.parametrize(("cell", "words"), [
    ('"approver"', "核定人員"), ("true", "是"), ("-", "不限"), ('"match","missing"', "相符、查無資料"), ("[1..5]", "[1..5]"),
    ('"含, 逗號"', "含, 逗號"), ('"a" + b', '"a" + b')])
def test_cells_of_tables_read_as_words(cell: str, words: str) -> None:
    assert in_words(cell) == words


def test_values_read_as_words() -> None:
    assert [value_in_words(v) for v in (True, None, "mismatch", 12)] == ["是", "未填", "不符", "12"]


def test_corrected_data_is_one_value_a_line() -> None:
    assert read_variables('registry = "match"\n\n duplicate = false \nn = 3') == {
        "registry": "match", "duplicate": False, "n": 3}


@pytest.mark.parametrize("text", ["", "registry", "1x = 2", "a = [1,2]", "a = {b: 1}", "a = (", "a = 1\n" * 30])
def test_corrected_data_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_variables(text)


def test_new_time_of_a_timer_is_taipei_and_in_the_future() -> None:
    assert read_due("2026-05-20T17:00", NOW) == datetime(2026, 5, 20, 9, tzinfo=UTC)
    for text in ("2026-05-19T08:00", "soon", ""):
        with pytest.raises(InvalidInput):
            read_due(text, NOW)


def test_soon_ends_after_the_third_working_day() -> None:
    assert moments.soon_until(NOW) == datetime(2026, 5, 22, 16, tzinfo=UTC)      # Tuesday → end of Friday, Taipei
    assert moments.week_start(NOW) == datetime(2026, 5, 17, 16, tzinfo=UTC)
    assert moments.days_since(datetime(2026, 5, 18, 15, 59, tzinfo=UTC), NOW) == 1
