"""``flask feel`` at the keyboard."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from app.cli.feel import feel_command
from app.config import ROOT
from app.rules import calendar


@pytest.fixture(autouse=True)
def _office_calendar() -> None:
    calendar.use(ROOT / "rules" / "calendar" / "tw-gov.json")


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (['金額 > 1000000 and 級別 = "公開"', '{"金額": 1200000, "級別": "公開"}'], "true"),
        (["1/8"], '"0.125"'),
        (["-1 + 3"], "2"),
        (["nobody"], "null"),
        (['working days after(date("2026-02-13"), 5)'], '"2026-03-02"'),
        (["--unary", "[100000..1500000[", '{"?": 250000}'], "true"),
        (['{a: 1, 乙: "丙"}'], '{"a": 1, "乙": "丙"}'),
        (["x + 0.1", '{"x": 0.2}'], '"0.3"'),
    ],
)
def test_result_is_printed_as_json(arguments: list[str], answer: str) -> None:
    result = CliRunner().invoke(feel_command, arguments)

    assert (result.exit_code, result.stdout) == (0, answer + "\n")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["1 +"], "第 4 個字：這裡少了一個值，卻看到結尾。"),
        (["--strict", "a + 1"], "第 1 個字：找不到變數「a」。"),
        (["1", "{"], "變數不是有效的 JSON。"),
        (["1", "[1]"], '變數必須是 JSON 物件，例如 {"金額": 1200000}。'),
        (["1", "[" * 100_000], "變數不是有效的 JSON。"),
        (["function() 1"], "結果是函式，不能當作資料。"),
        (["2 ** 99999"], "第 1 個字：次方的指數不可超過 1000。"),
    ],
)
def test_error_is_one_chinese_line_and_code_2(arguments: list[str], line: str) -> None:
    result = CliRunner().invoke(feel_command, arguments)

    assert (result.exit_code, result.stdout, result.stderr) == (2, "", line + "\n")


def test_help_shows_examples() -> None:
    result = CliRunner().invoke(feel_command, ["--help"])

    assert result.exit_code == 0
    assert "flask feel '金額 > 1000000" in result.stdout
