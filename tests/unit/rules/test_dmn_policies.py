"""Hit policies: which rules fit, and what comes out."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.rules import dmn, feel
from tests.unit.rules.tables import table

AMOUNT = [("預算金額", "amount", "number")]
BANDS = [("< 150000", '"小額"'), ("[150000..1500000[", '"一般"'), (">= 1500000", '"公告"')]
LADDER = [("> 10", "1"), ("> 20", "2"), ("> 30", "3")]


@pytest.mark.parametrize(("amount", "answer", "hit"), [(149999, "小額", 1), (150000, "一般", 2), (1500000, "公告", 3)])
def test_unique_takes_the_one_rule_that_fits(amount: int, answer: str, hit: int) -> None:
    outcome = table(AMOUNT, BANDS).decide({"amount": amount})

    assert outcome == dmn.Outcome([hit], {"結果": answer}, {"預算金額": amount}, answer)


def test_no_rule_gives_null_and_no_hits() -> None:
    outcome = table(AMOUNT, BANDS[:1]).decide({"amount": 500000})

    assert (outcome.hits, outcome.outputs, outcome.value) == ([], {"結果": None}, None)


def test_default_results_stand_in_when_no_rule_fits() -> None:
    outcome = table(AMOUNT, BANDS[:1], default='"人工判斷"').decide({"amount": 500000})

    assert (outcome.hits, outcome.outputs) == ([], {"結果": "人工判斷"})


def test_unique_refuses_two_rules_and_names_them() -> None:
    with pytest.raises(dmn.DecisionError, match="決策表「級距」只能有一條規則符合，但規則 1、2 同時符合"):
        table(AMOUNT, LADDER).decide({"amount": 25})


def test_first_takes_the_topmost() -> None:
    assert table(AMOUNT, LADDER, "FIRST").decide({"amount": 35}).hits == [1]


def test_any_takes_equal_results_and_refuses_different_ones() -> None:
    assert table(AMOUNT, [("> 10", "1"), ("> 20", "2 - 1")], "ANY").decide({"amount": 35}).outputs == {"結果": 1}
    with pytest.raises(dmn.DecisionError, match="規則 1 與 2 同時符合，結果卻不同"):
        table(AMOUNT, LADDER, "ANY").decide({"amount": 35})


def test_collect_gives_all_results_in_the_order_of_rules() -> None:
    outcome = table(AMOUNT, LADDER, "COLLECT").decide({"amount": 25})

    assert (outcome.hits, outcome.outputs, outcome.value) == ([1, 2], {"結果": [1, 2]}, [1, 2])


@pytest.mark.parametrize(("aggregation", "answer"), [("SUM", 6), ("COUNT", 3), ("MIN", 1), ("MAX", 3)])
def test_collect_aggregates(aggregation: str, answer: int) -> None:
    outcome = table(AMOUNT, LADDER, "COLLECT", extra=f'aggregation="{aggregation}"').decide({"amount": 99})

    assert (outcome.hits, outcome.outputs) == ([1, 2, 3], {"結果": Decimal(answer)})


def test_collect_count_of_nothing_is_zero() -> None:
    assert table(AMOUNT, LADDER, "COLLECT", extra='aggregation="COUNT"').decide({"amount": 1}).outputs == {"結果": 0}


def test_collect_cannot_add_words() -> None:
    with pytest.raises(dmn.DecisionError, match="彙總"):
        table(AMOUNT, [("-", '"a"')], "COLLECT", extra='aggregation="SUM"').decide({"amount": 1})


def test_rule_order_keeps_the_order_of_rules() -> None:
    assert table(AMOUNT, LADDER[::-1], "RULE ORDER").decide({"amount": 25}).outputs == {"結果": [2, 1]}


def test_priority_and_output_order_follow_the_listed_values() -> None:
    rows = [("> 10", '"審核"'), ("> 20", '"核定"'), ("> 30", '"免審"')]
    listed = '"核定","審核","免審"'

    assert table(AMOUNT, rows, "PRIORITY", listed=listed).decide({"amount": 35}).hits == [2]
    assert table(AMOUNT, rows, "OUTPUT ORDER", listed=listed).decide({"amount": 35}).outputs == {"結果": ["核定", "審核", "免審"]}


def test_several_outputs_come_by_name() -> None:
    decision = table(AMOUNT, [("-", '"核定"', "amount * 2")], outputs=("路徑", "保證金"))
    outcome = decision.decide({"amount": 5})

    assert outcome.outputs == {"路徑": "核定", "保證金": 10}
    assert outcome.value == outcome.outputs


def test_several_inputs_must_all_fit() -> None:
    decision = table([*AMOUNT, ("性質", "kind", "string")], [("> 10", '"財物","勞務"', "1"), ("> 10", 'not("財物","勞務")', "2")])

    assert decision.decide({"amount": 11, "kind": "勞務"}).hits == [1]
    assert decision.decide({"amount": 11, "kind": "工程"}).hits == [2]
    assert decision.decide({"amount": 9, "kind": "工程"}).hits == []


def test_values_outside_the_allowed_list_are_refused() -> None:
    decision = table([("性質", "kind", "string")], [("-", "1")], allowed='"財物","勞務"')

    assert decision.decide({"kind": "財物"}).hits == [1]
    with pytest.raises(dmn.DecisionError, match="「性質」不接受這個值"):
        decision.decide({"kind": "其他"})


def test_cells_may_use_other_variables_and_strict_names_the_missing_one() -> None:
    decision = table(AMOUNT, [("> 門檻", '"超過"')])

    assert decision.names == {"amount", "門檻"}
    assert decision.decide({"amount": 5, "門檻": 3}).hits == [1]
    with pytest.raises(feel.FeelError, match="找不到變數「門檻」"):
        decision.decide({"amount": 5}, strict=True)


def test_one_meter_runs_for_the_whole_table() -> None:
    rows = [("count(for i in 1..9000 return i) < 0", "1")] * 30

    with pytest.raises(feel.FeelLimit):
        table(AMOUNT, rows, "FIRST").decide({"amount": 1})
