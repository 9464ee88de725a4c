"""What is said when something is wrong: Chinese, with the place; strict mode; bounds."""

from __future__ import annotations

import pytest

from app.errors import AppError
from app.rules import feel


@pytest.mark.parametrize(("source", "position", "words"), [
    ("1 + ", 4, "少了一個值"), ("金額 > 5 )", 7, "多出了「)」"), ("(1 + 2", 6, "應該是「)」"), ("a（1）", 1, "全形"),
    ('"abc', 0, "雙引號"), ("if a then 1", 11, "else"), ("x in [1..5", 10, "範圍"), ("「財物」", 0, "半形雙引號"),
    ('contains("a")', 0, "需要 2 個參數"), ('@"昨天"', 0, "看不懂的日期"), ("a = #", 4, "看不懂的字元"),
    ("", 0, "少了一個值"), ("f(1, a: 2)", 10, "名稱"), ("substring(text: 1)", 0, "沒有參數"), ("1e999", 0, "範圍"),
])
def test_syntax_error_names_the_place_in_chinese(source: str, position: int, words: str) -> None:
    with pytest.raises(feel.FeelSyntaxError) as caught:
        feel.compile(source)

    assert caught.value.position == position
    assert words in caught.value.message
    assert caught.value.message.startswith(f"第 {position + 1} 個字：")
    assert isinstance(caught.value, AppError)


def test_strict_refuses_an_unknown_variable_with_its_place() -> None:
    with pytest.raises(feel.FeelError, match="第 8 個字：找不到變數「nobody」") as caught:
        feel.evaluate("1 + 2 +nobody", {}, strict=True)

    assert caught.value.position == 7


def test_strict_lets_fields_be_missing_where_that_is_the_question() -> None:
    context = {"bids": [{"price": 1}, {"price": 2, "note": "x"}]}

    assert feel.evaluate('bids[note = "x"].price', context, strict=True) == [2]
    assert feel.evaluate("is defined(memo)", context, strict=True) is False
    assert feel.evaluate('get or else(memo, "無")', context, strict=True) == "無"


def test_unknown_variable_is_null_when_not_strict() -> None:
    assert feel.evaluate("nobody", {}) is None


def test_condition_must_be_true_or_false() -> None:
    assert feel.as_bool(True) is True
    with pytest.raises(feel.FeelError, match="關卡「金額夠」的結果必須是「是」或「否」，卻是空值"):
        feel.as_bool(None, "關卡「金額夠」")


def test_error_inside_a_chain_keeps_the_innermost_place() -> None:
    with pytest.raises(feel.FeelLimit) as caught:
        feel.evaluate("1 + (2 ** 5000)", {})

    assert caught.value.position == 5


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1, 2}, b"bytes", 10 ** 400])
def test_data_feel_does_not_know_are_refused(value: object) -> None:
    with pytest.raises(feel.FeelError):
        feel.evaluate("v", {"v": value})


def test_only_the_variables_that_are_used_are_looked_at() -> None:
    assert feel.evaluate("a + 1", {"a": 1, "b": object()}) == 2
