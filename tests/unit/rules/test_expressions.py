"""What expressions mean: values, three-valued logic, names, dates, lists."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest

from app.clock import TAIPEI
from app.rules import feel
from tests.unit.rules.cases import CONTEXT, EXPRESSIONS, NOW, TESTS


@pytest.mark.parametrize(("source", "expected"), EXPRESSIONS, ids=[source[:40] for source, _ in EXPRESSIONS])
def test_expression_gives_what_procurement_expects(source: str, expected: object) -> None:
    assert feel.evaluate(source, CONTEXT, now=NOW) == expected


@pytest.mark.parametrize(("value", "tests", "expected"), TESTS, ids=[tests for _, tests, _ in TESTS])
def test_cell_accepts_or_refuses_a_value(value: object, tests: str, expected: bool) -> None:
    assert feel.unary(tests, value, CONTEXT) is expected


@pytest.mark.parametrize(("source", "expected"), [
    ("10 + 20 / -5 - 3", 3), ("5+2**5", 37), ("-2 ** 2", 4), ("10--5", 15), ("2 ** 3 ** 2", 64), ("7 - 2 - 1", 4),
    ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("100 / 10 / 2", 5), (".872 + 1", Decimal("1.872")), ("1.2*10**3", 1200),
    ("10 / 0", None), ("- amount", -1200000), ("true or false and false", True), ("1e3", 1000),
])
def test_operators_bind_as_dmn_prescribes(source: str, expected: object) -> None:
    assert feel.evaluate(source, CONTEXT) == expected


def test_equals_sign_in_front_is_only_a_mark() -> None:
    assert feel.evaluate('= level = "open"', CONTEXT) is True


def test_names_of_several_words_are_one_name() -> None:
    assert feel.evaluate("12 * Monthly Salary", {"Monthly Salary": 10}) == 120


def test_names_with_signs_and_keywords_are_known_from_the_context() -> None:
    context = {"date of birth": "2000-01-01", "A-B": 3, "採購金額（元）": 5}

    assert feel.evaluate("採購金額（元） + A-B", context) == 8
    assert feel.evaluate("date(date of birth).year", context) == 2000


def test_plain_names_are_not_touched_by_longer_announced_ones() -> None:
    assert feel.evaluate("AB - B", {"AB": 5, "B": 2, "A-B": 9}) == 3


def test_keys_that_look_like_numbers_do_not_change_the_language() -> None:
    assert feel.evaluate("1 + 1", {"1": 100, "+": 0}) == 2


def test_path_reads_entries_and_never_attributes() -> None:
    assert feel.evaluate("v.__class__", {"v": {"a": 1}}) is None
    assert feel.evaluate('"text".upper', {}) is None
    assert feel.evaluate("bids.price", CONTEXT) == [980000, 1050000, 870000]


@pytest.mark.parametrize(("source", "expected"), [
    ("bids[1].vendor", "甲公司"), ("bids[-1].vendor", "丙公司"), ("bids[9]", None), ("bids[0]", None),
    ("count(bids[price > 2000000])", 0), ("[1,2,3,4][item > 2]", [3, 4]), ("[5,6][count([1,2])]", 6), ("null[1]", None),
    ("7[1]", 7), ("[1,2,3][> 1]", [2, 3]),
])
def test_filters_pick_by_place_or_by_condition(source: str, expected: object) -> None:
    assert feel.evaluate(source, CONTEXT) == expected


@pytest.mark.parametrize(("source", "expected"), [
    ("for i in 1..4 return i * i", [1, 4, 9, 16]), ("for i in 3..1 return i", [3, 2, 1]),
    ("for x in [1,2], y in [x, 10] return x * y", [1, 10, 4, 20]),
    ("for i in 1..5 return if i < 3 then 1 else partial[-1] + partial[-2]", [1, 1, 2, 3, 5]),
    ('count(for d in date("2026-02-01")..date("2026-02-28") return d)', 28),
    ("some x in [1, null] satisfies x > 5", False), ("every x in [] satisfies x > 5", True),
    ("some x in [1,2], y in [3,4] satisfies x + y = 6", True),
])
def test_loops(source: str, expected: object) -> None:
    assert feel.evaluate(source, {}) == expected


@pytest.mark.parametrize(("source", "expected"), [
    ('@"2026-03-01"', date(2026, 3, 1)), ('@"P3D"', timedelta(days=3)), ('@"P1Y2M"', feel.YearMonth(14)),
    ('date(2026, 2, 30)', None), ('date("2026-3-1")', None), ('time("09:30:00").hour', 9),
    ('date and time(date("2026-03-01"), time("17:00:00"))', datetime(2026, 3, 1, 17)),
    ('date and time("2026-03-01T17:00:00+08:00") = date and time("2026-03-01T09:00:00Z")', True),
    ('date and time("2026-03-01T17:00:00@Asia/Taipei") = date and time("2026-03-01T09:00:00Z")', True),
    ('duration("P2D") * 1.5', timedelta(days=3)), ('duration("P1D") / duration("PT6H")', 4),
    ('date("2024-02-29") + duration("P1Y")', date(2025, 2, 28)),
    ('years and months duration(date("2024-01-31"), date("2026-03-01")).years', 2),
    ('date("2026-03-01") + duration("PT36H")', date(2026, 3, 2)), ('time("23:30:00") + duration("PT1H")', time(0, 30)),
    ('date("9999-12-31") + duration("P1D")', None), ('date("2026-01-01") + duration("P99999999Y")', None),
    ('duration("P1M2D")', None), ('week of year(date("2026-01-01"))', 1), ('date("2026-03-01").weekday', 7),
])
def test_dates_and_durations(source: str, expected: object) -> None:
    assert feel.evaluate(source, {}) == expected


def test_now_and_today_are_those_handed_in_seen_from_taipei() -> None:
    late = datetime(2026, 4, 30, 17, 30, tzinfo=TAIPEI).astimezone(TAIPEI) + timedelta(hours=7)

    assert feel.evaluate("today()", {}, now=late) == date(2026, 5, 1)
    assert feel.evaluate("now()", {}, now=late) == late


def test_now_without_a_clock_is_refused() -> None:
    with pytest.raises(feel.FeelError, match="目前時間"):
        feel.evaluate("now()", {})


@pytest.mark.parametrize(("source", "expected"), [
    ("1 instance of number", True), ('"a" instance of number', False), ("null instance of Any", False),
    ('date("2026-01-01") instance of date', True), ("[1] instance of list<number>", True),
    ('duration("P1Y") instance of years and months duration', True), ("1 instance of string or true", True),
])
def test_instance_of(source: str, expected: object) -> None:
    assert feel.evaluate(source, {}) is expected


def test_functions_can_be_written_in_feel() -> None:
    assert feel.evaluate("{fee: function(x) x * 0.01, total: fee(200) + fee(x: 300)}.total", {}) == 5


def test_same_program_runs_in_many_threads() -> None:
    from concurrent.futures import ThreadPoolExecutor

    program = feel.compile("sum(for i in 1..n return i * i) + count(xs[item > n])")

    def once(n: int) -> object:
        return program({"n": n, "xs": list(range(50))})
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(once, list(range(1, 40)) * 5))

    assert answers == [sum(i * i for i in range(1, n + 1)) + max(0, 49 - n) for n in list(range(1, 40)) * 5]


def test_program_names_what_it_needs() -> None:
    program = feel.compile('if 金額 > 上限 then bids[price < 底價].vendor else string length(get or else(備註, ""))')

    assert program.names == {"金額", "上限", "bids"}
    assert program.optional_names == {"price", "底價", "備註"}
    assert program.functions == {"string length", "get or else"}


def test_names_of_loops_contexts_and_functions_are_their_own() -> None:
    program = feel.compile("for x in xs return {a: x, b: a + y}.b + (function(z) z + x)(w)")

    assert program.names == {"xs", "y", "w"}
