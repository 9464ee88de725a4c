"""Overlaps and gaps of tables, with counter-examples that can be tried."""

from __future__ import annotations

from app.rules import dmn
from tests.unit.rules.tables import table

AMOUNT = [("預算金額", "amount", "number")]
BOTH = [*AMOUNT, ("性質", "kind", "string")]


def messages(decision: dmn.Decision) -> list[tuple[str, str]]:
    return [(finding.severity, finding.message) for finding in dmn.check(decision)]


def test_complete_table_has_no_findings() -> None:
    assert messages(table(AMOUNT, [("< 150000", "1"), ("[150000..1500000[", "2"), (">= 1500000", "3")])) == []


def test_gap_is_shown_with_an_example() -> None:
    assert messages(table(AMOUNT, [("< 150000", "1"), ("> 150000", "2")])) == [
        ("warning", "有情形沒有規則符合，例如 預算金額＝150000。")
    ]


def test_gap_between_two_columns_is_found() -> None:
    rows = [("< 100", '"財物"', "1"), (">= 100", "-", "2"), ("< 100", '"勞務"', "3")]

    assert messages(table(BOTH, rows)) == [("warning", "有情形沒有規則符合，例如 預算金額＝99、性質＝（其他）。")]


def test_values_that_are_not_allowed_make_no_gap() -> None:
    rows = [('"財物"', "1"), ('"勞務"', "2")]

    assert messages(table([("性質", "kind", "string")], rows, allowed='"財物","勞務"')) == []


def test_overlap_of_a_unique_table_is_an_error_with_an_example() -> None:
    rows = [("< 200", '"財物"', "1"), ("[100..300]", '"財物","勞務"', "2"), ("-", '"工程"', "3")]
    findings = [finding for finding in dmn.check(table(BOTH, rows)) if finding.severity == "error"]

    assert [(finding.rule_id, finding.message) for finding in findings] == [
        ("2", "規則 1 與 2 重疊，例如 預算金額＝100、性質＝財物。")
    ]


def test_overlap_is_lawful_where_the_policy_says_so() -> None:
    rows = [("< 200", "1"), ("-", "2")]

    assert messages(table(AMOUNT, rows, "FIRST")) == []
    assert messages(table(AMOUNT, rows, "COLLECT")) == []
    assert messages(table(AMOUNT, [("< 200", "1"), ("-", "1")], "ANY")) == []


def test_any_with_different_results_is_an_error() -> None:
    assert messages(table(AMOUNT, [("< 200", "1"), ("-", "2")], "ANY")) == [
        ("error", "規則 1 與 2 同時符合而結果不同，例如 預算金額＝199。")
    ]


def test_rule_behind_a_wider_one_is_named_in_a_first_table() -> None:
    assert messages(table(AMOUNT, [("< 200", "1"), ("-", "2"), ("> 500", "3")], "FIRST")) == [
        ("warning", "規則 3 用不到，因為規則 2 已涵蓋它的所有情形。")
    ]


def test_default_results_close_gaps() -> None:
    assert messages(table(AMOUNT, [("< 150000", "1")], default="9")) == []


def test_result_that_is_not_listed_is_a_warning() -> None:
    assert messages(table(AMOUNT, [("-", '"x"')], listed='"a","b"')) == [("warning", '規則 1 的「結果」是 "x"，不在列出的值裡。')]


def test_booleans_dates_and_questions_are_understood() -> None:
    assert messages(table([("重複", "dup", "boolean")], [("true", "1")])) == [("warning", "有情形沒有規則符合，例如 重複＝否。")]
    assert messages(table([("日期", "d", "date")], [('< date("2026-01-01")', "1"), ('> date("2026-01-01")', "2")])) == [
        ("warning", "有情形沒有規則符合，例如 日期＝2026-01-01。")
    ]
    assert messages(table(AMOUNT, [("? < 10 or ? > 20", "1"), ("[10..20[", "2")])) == [
        ("warning", "有情形沒有規則符合，例如 預算金額＝20。")
    ]


def test_same_expression_in_two_columns_is_one_value() -> None:
    twice = [("下限", "amount", "number"), ("上限", "amount", "number")]

    assert messages(table(twice, [(">= 0", "< 10", "1"), (">= 10", "-", "2"), ("< 0", "-", "3")])) == []


def test_cells_with_variables_are_left_out_and_said_so() -> None:
    assert messages(table(AMOUNT, [("> limit", "1")])) == [("info", "有條件格用到變數，未檢查重疊與缺漏。")]


def test_table_without_rules_is_an_error() -> None:
    assert messages(table(AMOUNT, [])) == [("error", "決策表沒有規則。")]


def test_large_tables_are_checked_in_bounded_time() -> None:
    columns = [(f"c{number}", f"c{number}", "number") for number in range(12)]
    rows = [(*(f"[{(row * 7 + number) % 13}..{(row * 7 + number) % 13 + 3}]" for number in range(12)), "1") for row in range(60)]

    assert len(dmn.check(table(columns, rows))) <= 22
    assert messages(table(AMOUNT, [(f"[{row}..{row}]", "1") for row in range(400)]))[-1] == (
        "info",
        "決策表太大，未檢查重疊與缺漏。",
    )
