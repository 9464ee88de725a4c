"""Texts with expressions, and values as plain data."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from app.rules import feel


def test_expressions_in_text_are_replaced() -> None:
    context = {"name": "甲公司", "n": 3, "when": date(2026, 5, 1), "none": None}

    assert feel.template("{{name}} 送出 {{n + 1}} 件，{{ string(when) }}{{none}}。", context) == "甲公司 送出 4 件，2026-05-01。"


def test_braces_of_contexts_inside_an_expression_are_kept() -> None:
    assert feel.template("{{ {a: 1, b: 2}.b }} {x}", {}) == "2 {x}"


def test_parts_can_depend_on_a_condition_and_repeat() -> None:
    source = "{{#if n > 1}}多{{#if n > 5}}很{{/if}}件{{/if}}：{{#loop items}}{{this.name}}×{{qty}}，{{/loop}}"

    assert feel.template(source, {"n": 3, "items": [{"name": "甲", "qty": 1}, {"name": "乙", "qty": 2}]}) == "多件：甲×1，乙×2，"


def test_text_is_not_escaped_and_not_read_twice() -> None:
    assert feel.template("{{x}}", {"x": "<b>{{1+1}}</b>"}) == "<b>{{1+1}}</b>"


def test_whole_text_may_be_an_expression() -> None:
    assert feel.template('="共 " + string(n) + " 件"', {"n": 2}) == "共 2 件"


@pytest.mark.parametrize(
    ("source", "position"),
    [
        ("甲 {{ 1 + }}", 8),
        ("{{#if a}}x", 0),
        ("x{{/if}}", 1),
        ("{{#if a}}{{/loop}}", 9),
        ("{{}}", 2),
    ],
)
def test_fault_in_a_text_names_its_place(source: str, position: int) -> None:
    with pytest.raises(feel.FeelSyntaxError) as caught:
        feel.template(source, {})

    assert caught.value.position == position


def test_unknown_names_print_nothing_unless_strict() -> None:
    assert feel.template("[{{nobody}}]", {}) == "[]"
    with pytest.raises(feel.FeelError):
        feel.template("[{{nobody}}]", {}, strict=True)


def test_one_meter_runs_for_the_whole_text() -> None:
    with pytest.raises(feel.FeelLimit):
        feel.template("{{#loop xs}}{{#loop xs}}{{#loop xs}}a{{/loop}}{{/loop}}{{/loop}}", {"xs": list(range(900))})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("3.00"), 3),
        (Decimal("0.050"), "0.05"),
        (Decimal("-0"), 0),
        (1.5, "1.5"),
        (True, True),
        (None, None),
        ("字", "字"),
        (date(2026, 5, 1), "2026-05-01"),
        (datetime(2026, 5, 1, 9, tzinfo=UTC), "2026-05-01T09:00:00Z"),
        (time(9, 30), "09:30:00"),
        (timedelta(days=1, hours=2), "P1DT2H"),
        (timedelta(), "PT0S"),
        (feel.YearMonth(-14), "-P1Y2M"),
        (feel.Range(Decimal(1), None, True, False), "[1..null)"),
        ({"a": [Decimal(1), {"b": Decimal("1.5")}]}, {"a": [1, {"b": "1.5"}]}),
        ((1, 2), [1, 2]),
    ],
)
def test_plain_values_are_json_without_floats(value: object, expected: object) -> None:
    plain = feel.plain(value)

    assert plain == expected
    assert type(plain) is type(expected)
    assert json.loads(json.dumps(plain)) == plain


@pytest.mark.parametrize("source", ["function(x) x", "[function() 1]", "(< 5)"])
def test_functions_and_tests_are_no_data(source: str) -> None:
    with pytest.raises(feel.FeelError, match="不能當作資料"):
        feel.plain(feel.evaluate(source, {}))


def test_fraction_survives_the_way_through_task_data() -> None:
    stored = feel.plain(feel.evaluate("1 / 8", {}))

    assert feel.evaluate("number(rate) * 8", {"rate": stored}) == 1
