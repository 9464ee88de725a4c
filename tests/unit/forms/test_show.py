"""Values in words, and what changed."""

from __future__ import annotations

import pytest

from app import forms
from tests.unit.forms.helpers import component, group, options, schema

FORM = schema(
    group(
        "基本",
        component("textfield", "name", "名稱"),
        component("number", "price", "單價", properties={"display": "currency"}),
        component("number", "count", "數量", appearance={"suffixAdorner": "套"}),
    ),
    component("select", "kind", "類別", values=options(("saas", "SaaS"), ("iaas", "IaaS"))),
    component("checklist", "some", "項目", values=options(("a", "甲"), ("b", "乙"))),
    component("checkbox", "tick", "同意"),
    component("datetime", "on", "日期", subtype="date"),
    component("datetime", "at", "時間", subtype="datetime"),
    component("textarea", "note", "備註", properties={"section": "其他"}),
)


def text(key: str, value: object) -> str:
    return forms.summary(FORM, {key: value})[0].text


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("name", "晨禾", "晨禾"),
        ("name", None, ""),
        ("price", 12600, "12,600 元"),
        ("price", -5, "\u22125 元"),
        ("count", "1.5", "1.5 套"),
        ("price", "not a number", "not a number"),
        ("kind", "saas", "SaaS"),
        ("kind", "gone", "gone"),
        ("some", ["b", "a"], "乙、甲"),
        ("some", "b", ""),
        ("tick", True, "是"),
        ("tick", False, "否"),
        ("on", "2026-05-19", "115年5月19日"),
        ("at", "2026-05-19T17:00", "115年5月19日 17:00"),
        ("on", "soon", "soon"),
        ("note", {"a": 1}, ""),
    ],
)
def test_a_value_is_shown_in_words(key: str, value: object, words: str) -> None:
    assert text(key, value) == words


def test_summary_keeps_page_order_and_sections_and_leaves_out_what_is_not_there() -> None:
    rows = forms.summary(FORM, {"note": "x", "name": "y", "unknown": "z"})

    assert [(r.key, r.label, r.section) for r in rows] == [("name", "名稱", "基本"), ("note", "備註", "其他")]


def test_only_fields_whose_words_differ_are_changes() -> None:
    found = forms.changes(
        FORM, {"name": "甲公司", "price": "12600", "kind": "saas"}, {"name": "甲公司", "price": 12600, "kind": "iaas"}
    )

    assert [(c.key, c.before, c.after, c.parts) for c in found] == [("kind", "SaaS", "IaaS", (("del", "SaaS"), ("ins", "IaaS")))]


@pytest.mark.parametrize(
    ("before", "after", "parts"),
    [
        ("晨禾雲端公司", "晨禾雲端股份有限公司", (("same", "晨禾雲端"), ("ins", "股份有限"), ("same", "公司"))),
        ("完全不同", "另外文字", (("del", "完全不同"), ("ins", "另外文字"))),
        ("", "新", (("ins", "新"),)),
        ("舊", "", (("del", "舊"),)),
    ],
)
def test_texts_are_compared_by_letter_only_when_they_are_alike(before: str, after: str, parts: object) -> None:
    assert forms.changes(FORM, {"name": before}, {"name": after})[0].parts == parts


def test_long_texts_are_not_compared_by_letter() -> None:
    assert len(forms.changes(FORM, {"note": "a" * 3000}, {"note": "a" * 3001})[0].parts) == 2
