"""Judging another form field by field, and correcting what was marked."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from app import forms
from app.errors import DefinitionError
from tests.unit.forms.helpers import component, drawn, group, post, schema, shipped

SENT = {"tax_id": "12345675", "company_name": "晨禾雲端股份有限公司", "contact_email": "contact@chenhe.example"}


def review(sent: MultiDict[str, str] | None = None, **context: Any) -> forms.Bound:
    return forms.bind(shipped("review"), {}, post=sent, context={"subject": SENT, **context}, review=shipped("apply"))


def test_marks_are_the_fields_judged_to_need_a_change() -> None:
    bound = review(
        post(
            judge__company_name="revise",
            opinion__company_name="請用全名",
            judge__tax_id="accept",
            opinion__tax_id="not sent on",
            outcome="correct",
        )
    )

    assert bound.validate()
    assert bound.values == {
        "checked": [],
        "outcome": "correct",
        "opinion": "",
        "marks": [{"field": "company_name", "label": "公司名稱", "opinion": "請用全名"}],
    }


def test_a_field_that_was_not_judged_is_accepted() -> None:
    bound = review(post(outcome="approve"))

    assert bound.validate()
    assert bound.values == {"checked": [], "outcome": "approve", "marks": []}


def test_a_mark_needs_an_opinion() -> None:
    bound = review(post(judge__tax_id="revise", outcome="correct"))

    assert not bound.validate()
    assert bound.error_list == [("f-opinion__tax_id", "「統一編號」的審核意見", "請填寫「統一編號」的審核意見")]


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"outcome": "approve", "judge__tax_id": "revise", "opinion__tax_id": "x"}, "有 1 個欄位標為「需修改」，不能選「通過」"),
        ({"outcome": "correct"}, "選「請廠商修改」時，請至少將一個欄位標為「需修改」並填寫審核意見"),
        ({}, "請選擇審核結果"),
    ],
)
def test_the_outcome_agrees_with_the_marks(sent: dict[str, str], message: str) -> None:
    bound = review(post(**sent))

    assert not bound.validate()
    assert bound.errors == {"outcome": [message]}


def test_a_rejection_needs_a_reason_and_an_approval_carries_none() -> None:
    rejected, approved = review(post(outcome="reject")), review(post(outcome="approve", opinion="forgotten"))

    assert not rejected.validate()
    assert rejected.errors == {"opinion": ["請填寫駁回的理由"]}
    assert approved.validate()
    assert "opinion" not in approved.values


def test_fields_that_were_not_sent_are_not_judged() -> None:
    bound = review(post(judge__head_name="revise", opinion__head_name="x", outcome="approve"))

    assert bound.validate()
    assert bound.values["marks"] == []
    assert bound.draft().keys() == {
        "judge__tax_id",
        "opinion__tax_id",
        "judge__company_name",
        "opinion__company_name",
        "judge__contact_email",
        "opinion__contact_email",
        "checked",
        "outcome",
        "opinion",
    }


def test_a_tampered_judgement_is_refused() -> None:
    bound = review(post(judge__tax_id="maybe", outcome="approve"))

    assert not bound.validate()
    assert bound.errors == {"judge__tax_id": ["統一編號的選項不正確，請重新選擇"]}


def test_the_page_shows_each_value_with_its_judgement() -> None:
    page = drawn(review())

    rows = page.xpath("//fieldset[contains(@class, 'q-rev')]")
    assert [row.findtext("legend") for row in rows] == ["統一編號", "公司名稱", "帳號（電子郵件）"]
    assert "12345675" in rows[0].text_content()
    assert rows[0].xpath(".//input[@type='radio' and @checked]/@value") == ["accept"]
    assert page.xpath("//fieldset[contains(@class, 'is-open')]") == []


def test_what_changed_since_the_last_round_is_open_with_before_and_after() -> None:
    page = drawn(review(previous={**SENT, "company_name": "晨禾雲端公司"}))

    (row,) = page.xpath("//fieldset[contains(@class, 'q-rev is-open')]")
    assert row.findtext("legend") == "公司名稱"
    assert row.xpath(".//ins/text()") == ["股份有限"]
    assert row.xpath(".//dt/text()") == ["前一版", "本次"]


def test_a_judgement_in_a_draft_is_shown_again() -> None:
    draft = review(post(judge__tax_id="revise", opinion__tax_id="  typed  ", outcome="")).draft()

    page = drawn(forms.bind(shipped("review"), draft, context={"subject": SENT}, review=shipped("apply")))

    assert page.xpath("//input[@name='judge__tax_id' and @checked]/@value") == ["revise"]
    assert page.xpath("//textarea[@name='opinion__tax_id']")[0].text.lstrip("\n") == "  typed  "


def test_a_review_needs_the_form_it_reviews() -> None:
    with pytest.raises(DefinitionError) as caught:
        forms.bind(shipped("review"), {})

    assert caught.value.rule == "form.review"


def test_a_review_group_may_hold_fields_of_its_own() -> None:
    form = schema(group("審核", component("textfield", "extra", "補充"), properties={"reviewOf": "x/apply"}))

    bound = forms.bind(form, {}, post=post(extra="e", judge__tax_id="accept"), review=shipped("apply"))

    assert bound.values == {"extra": "e", "marks": []}


def test_a_correction_shows_the_opinion_beside_the_only_field_that_opens() -> None:
    marks = [{"field": "company_name", "label": "公司名稱", "opinion": "請用全名"}]

    page = drawn(forms.bind(shipped("apply"), SENT, editable={"company_name"}, context={"marks": marks}))

    (control,) = page.xpath("//form//input")
    assert control.get("name") == "company_name"
    assert page.get_element_by_id("f-company_name-o").text_content() == "審核意見：請用全名"
    assert "f-company_name-o" in control.get("aria-describedby").split()
    assert "12345675" in page.get_element_by_id("f-tax_id").text_content()


def test_a_correction_keeps_all_other_values() -> None:
    data = {**SENT, "head_name": "許庭瑋"}

    bound = forms.bind(
        shipped("apply"), data, post=post(company_name="晨禾股份有限公司", tax_id="00000000"), editable={"company_name"}
    )

    assert bound.validate()
    assert bound.values == {**data, "company_name": "晨禾股份有限公司"}
