"""Properties that hold for all expressions, tried on random ones."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from app.rules import feel
from app.rules.feel.limits import NUMBERS

NUMBER = st.decimals(min_value=-(10**9), max_value=10**9, places=3, allow_nan=False)
THREE = st.sampled_from([True, False, None])
WORDS = st.sampled_from(
    [
        "a",
        "金額",
        "x",
        "1",
        "0.5",
        '"t"',
        "null",
        "true",
        "false",
        "+",
        "-",
        "*",
        "/",
        "**",
        "=",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        ".",
        "..",
        "and",
        "or",
        "if",
        "then",
        "else",
        "for",
        "in",
        "return",
        "some",
        "every",
        "satisfies",
        "between",
        "instance of",
        "function",
        "not(",
        "item",
        "count(",
        "sum(",
        "date(",
        "string(",
        "sort(",
        "min(",
        "duration(",
        '@"P1D"',
        '@"2026-01-01"',
        "?",
        "partial",
        "number",
        "date and time(",
        "substring(",
        "\n",
        ";",
    ]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-100, 100)
    | NUMBER
    | st.text("ab字", max_size=3)
    | st.dates(date(2000, 1, 1), date(2030, 1, 1)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)


@given(NUMBER, NUMBER)
def test_arithmetic_is_that_of_decimals(a: Decimal, b: Decimal) -> None:
    context = {"a": a, "b": b}

    assert feel.evaluate("a + b", context) == NUMBERS.add(a, b)
    assert feel.evaluate("a - b", context) == NUMBERS.subtract(a, b)
    assert feel.evaluate("a * b", context) == NUMBERS.multiply(a, b)
    assert feel.evaluate("a / b", context) == (NUMBERS.divide(a, b) if b else None)
    assert feel.evaluate("a < b", context) is (a < b)
    assert feel.evaluate("-a", context) == -a


@given(THREE, THREE)
def test_logic_has_three_values(p: bool | None, q: bool | None) -> None:
    context = {"p": p, "q": q}
    both = False if False in (p, q) else True if p and q else None
    either = True if True in (p, q) else False if p is False and q is False else None

    assert feel.evaluate("p and q", context) is both
    assert feel.evaluate("p or q", context) is either
    assert feel.evaluate("not(p)", context) is (None if p is None else not p)
    assert feel.evaluate("not(p and q) = (not(p) or not(q))", context) is True


@settings(max_examples=200)
@given(st.text(max_size=60))
def test_reading_any_text_gives_a_program_or_a_syntax_error(source: str) -> None:
    for compiler in (feel.compile, feel.compile_tests, feel.script):
        try:
            compiler(source)
        except feel.FeelSyntaxError as error:
            assert error.position is not None
            assert 0 <= error.position <= len(source)


@settings(max_examples=400, deadline=None)
@given(st.lists(WORDS, max_size=14), VALUES, st.booleans())
def test_running_any_words_gives_a_value_or_a_foreseen_error(words: list[str], value: object, strict: bool) -> None:
    source = " ".join(words)
    try:
        feel.plain(feel.evaluate(source, {"a": value, "金額": 5, "x": [1, {"a": 2}]}, strict=strict))
        feel.unary(source, value, {"a": value}, strict=strict)
    except feel.FeelError as error:
        assert "fault" not in error.facts, error.__cause__


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(feel.function_names())), st.lists(VALUES, max_size=4))
def test_functions_take_any_values(name: str, values: list[object]) -> None:
    names = [f"v{number}" for number in range(len(values))]
    try:
        feel.plain(feel.evaluate(f"{name}({', '.join(names)})", dict(zip(names, values, strict=True))))
    except feel.FeelError as error:
        assert "fault" not in error.facts, error.__cause__


@given(st.text(max_size=40))
def test_text_survives_as_a_literal(text: str) -> None:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')

    assert feel.evaluate(f'"{escaped}"', {}) == text


@given(st.dates(date(1950, 1, 1), date(2100, 1, 1)), st.integers(-5000, 5000))
def test_days_go_forth_and_back(day: date, days: int) -> None:
    context = {"day": day, "span": timedelta(days=days)}

    assert feel.evaluate("(day + span) - day = span", context) is True
    assert feel.evaluate("(day + span) - span = day", context) is True


@given(NUMBER, NUMBER, NUMBER)
def test_ranges_agree_with_comparisons(low: Decimal, high: Decimal, x: Decimal) -> None:
    low, high = min(low, high), max(low, high)
    context = {"l": low, "h": high, "x": x}

    assert feel.evaluate("(x in [l..h]) = (x >= l and x <= h)", context) is True
    assert low == high or feel.evaluate("(x in ]l..h[) = (x > l and x < h)", context) is True
    assert feel.evaluate("(x between l and h) = (x in [l..h])", context) is True


@given(VALUES)
def test_every_value_equals_itself_and_survives_as_plain_data(value: object) -> None:
    plain = feel.plain(value)

    assert feel.evaluate("v = v or v = null", {"v": value}) is not False
    assert feel.plain(plain) == plain
