"""The standard functions."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from app.rules import feel


def value(source: str) -> object:
    return feel.evaluate(source, {"l": [3, 1, 2], "c": {"a": {"b": 1}, "x": 2}})


@pytest.mark.parametrize(("source", "expected"), [
    ('substring("foobar", 3)', "obar"), ('substring("foobar", -2, 1)', "a"), ('substring("foobar", 0)', None),
    ('substring before("foobar", "bar")', "foo"), ('substring before("foobar", "x")', ""),
    ('substring after("foobar", "ob")', "ar"), ('lower case("ÄB")', "äb"), ('trim("  a ")', "a"),
    ('ends with("檔案.pdf", ".pdf")', True), ('replace("abcd", "(ab)|(a)", "[1=$1]")', "[1=ab]cd"),
    ('replace("a.b.c", "\\.", "/")', "a/b/c"), ('matches("臺北市", "^臺")', True), ('matches("a\nb", "^b$", "m")', True),
    ('matches("12345675\n", "^[0-9]{8}$")', False), ('split("a, b,c", ",\\s*")', ["a", "b", "c"]),
    ('string join(["a", null, "b"])', "ab"), ('string join(["a", 1])', None), ("string(1.50)", "1.5"),
    ("string(null)", None), ('string([1, "a", null])', '[1, "a", null]'), ('string({a: "b"})', '{a: "b"}'),
    ('number("1,234.5", ",", ".")', Decimal("1234.5")), ('number("x")', None), ('number("1.234,5", ".", ",")', Decimal("1234.5")),
    ("string(1000000000000000000000)", "1000000000000000000000"), ('string(duration("PT90M"))', "PT1H30M"),
    ('string(date("2026-03-01"))', "2026-03-01"), ('string length("中文😀")', 3), ('is blank("  ")', True),
    ('upper case(["abc"])', "ABC"), ("upper case(1)", None),
])
def test_text_functions(source: str, expected: object) -> None:
    assert value(source) == expected


@pytest.mark.parametrize(("source", "expected"), [
    ("round half up(-2.5, 0)", -3), ("round half down(2.5, 0)", 2), ("round up(1.01, 1)", Decimal("1.1")),
    ("round down(-1.09, 1)", Decimal("-1.0")), ("decimal(2.5, 0)", 2), ("decimal(123.456, -1)", 120), ("floor(-1.5)", -2),
    ("ceiling(-1.5)", -1), ("modulo(-10, 3)", 2), ("modulo(10, -3)", -2), ("modulo(1, 0)", None), ("sqrt(16)", 4),
    ("sqrt(-1)", None), ("odd(3)", True), ("even(3)", False), ("log(0)", None), ('abs(duration("-P1D"))', timedelta(days=1)),
    ("round half up(1234567.5, 0)", 1234568), ("decimal(1, 100000)", None),
])
def test_number_functions(source: str, expected: object) -> None:
    assert value(source) == expected


@pytest.mark.parametrize(("source", "expected"), [
    ("min(l)", 1), ("max(3, 1, 7)", 7), ("sum(l)", 6), ("mean(l)", 2), ("median(1, 4, 2, 3)", Decimal("2.5")), ("product(l)", 6),
    ("mode(1, 2, 2, 3, 3)", [2, 3]), ("stddev(2, 4, 7, 5)", Decimal("2.081665999466132735282297706979931")), ("sum([])", None),
    ("min([1, null])", None), ("max([])", None), ("all([true, null])", None), ("all([true, false, null])", False),
    ("any([false, true])", True), ("any([])", False), ("sort(l)", [1, 2, 3]),
    ("append(l, 9)", [3, 1, 2, 9]), ("concatenate([1], [2, 3])", [1, 2, 3]), ("insert before(l, 1, 9)", [9, 3, 1, 2]),
    ("remove(l, 2)", [3, 2]), ("reverse(l)", [2, 1, 3]), ("index of([1, 2, 1], 1)", [1, 3]), ("union([1, 2], [2, 3])", [1, 2, 3]),
    ("flatten([1, [2, [3]]])", [1, 2, 3]), ("sublist(l, 2)", [1, 2]), ("sublist(l, -2, 1)", [1]), ("sublist(l, 9)", None),
    ("count([])", 0), ("is empty([])", True), ("list contains(l, null)", False), ("remove(l, 9)", None),
])
def test_list_functions(source: str, expected: object) -> None:
    assert value(source) == expected


@pytest.mark.parametrize(("source", "expected"), [
    ('get value(c, "x")', 2), ('get value(c, ["a", "b"])', 1), ("get entries({a: 1})[1].key", "a"),
    ('context put(c, "x", 9).x', 9), ('context put(c, ["a", "b"], 9).a.b', 9), ("context merge([{a: 1}, {a: 2}]).a", 2),
    ('context([{key: "a", value: 1}]).a', 1), ("is({a: 1}, {a: 1})", True), ("not(null)", None),
    ("includes([1..10], 5)", True), ("includes([1..10], [2..3])", True), ("before(1, [2..3])", True),
    ("overlaps([1..5], [5..6])", True), ("overlaps([1..5[, [5..6])", False), ("during(3, [1..3])", True),
    ("after([5..6], [1..5[)", True), ("[1..5].start + [1..5].end", 6),
])
def test_context_and_range_functions(source: str, expected: object) -> None:
    assert value(source) == expected


def test_arguments_can_be_named() -> None:
    assert value('substring(string: "foobar", start position: 4)') == "bar"
    assert value('working days after(date: date("2026-01-01"), days: null)') is None


def test_union_of_dates_keeps_their_kind() -> None:
    assert value('max(date("2026-01-01"), date("2026-02-01"))') == date(2026, 2, 1)
