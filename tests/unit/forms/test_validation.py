"""Each word of ``validate``, with the words that the person reads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from app import forms
from tests.unit.forms.helpers import component, messages, options, post, schema

TEXT = component("textfield", "name", "公司名稱")
TOO_LONG = "字" * 1_000_000


def one(item: dict[str, Any], value: str, **context: Any) -> str | None:
    """The message on the only field of a form, when this was typed."""
    found = messages(schema(item), post((item["key"], value)), context=context)
    return found[item["key"]][0] if found else None


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (TEXT, "請填寫公司名稱"),
        (component("textarea", "a", "理由"), "請填寫理由"),
        (component("number", "a", "數量"), "請填寫數量"),
        (component("datetime", "a", "日期", subtype="date"), "請填寫日期"),
        (component("radio", "a", "類別", values=options(("x", "X"))), "請選擇類別"),
        (component("select", "a", "類別", values=options(("x", "X"))), "請選擇類別"),
        (component("checklist", "a", "項目", values=options(("x", "X"))), "請選擇項目"),
        (component("checkbox", "a", "同意"), "請勾選「同意」"),
    ],
)
def test_an_empty_field_says_what_to_fill_in(item: dict[str, Any], message: str) -> None:
    assert messages(schema(item | {"validate": {"required": True}}), post()) == {item["key"]: [message]}


def test_spaces_alone_are_nothing() -> None:
    assert one(TEXT | {"validate": {"required": True}}, " \u3000 ") == "請填寫公司名稱"
    assert one(TEXT | {"validate": {"required": True}}, "\u200b\u2060") == "請填寫公司名稱"


def test_the_authors_own_words_win() -> None:
    item = TEXT | {
        "validate": {"required": True, "pattern": "^A", "patternErrorMessage": "須以 A 開頭"},
        "properties": {"requiredMessage": "請寫全名"},
    }

    assert one(item, "") == "請寫全名"
    assert one(item, "B") == "須以 A 開頭"


def test_an_optional_empty_field_is_right_whatever_its_limits() -> None:
    assert one(TEXT | {"validate": {"minLength": 5, "pattern": "^A"}}, "") is None


@pytest.mark.parametrize(
    ("limits", "typed", "message"),
    [
        ({"maxLength": 4}, "五個字名稱", "公司名稱超過 4 字，請刪減 1 字"),
        ({"maxLength": 4}, "四個字名", None),
        ({"minLength": 3}, "兩字", "公司名稱至少 3 字，還差 1 字"),
        ({"maxLength": "=2 + 1"}, "四個字名", "公司名稱超過 3 字，請刪減 1 字"),
        ({}, "字" * 501, "公司名稱超過 500 字，請刪減 1 字"),
        ({}, TOO_LONG, "公司名稱超過 500 字，請刪減 999,500 字"),
        ({"maxLength": "=nothing"}, TOO_LONG, "公司名稱超過 500 字，請刪減 999,500 字"),
    ],
)
def test_length_says_how_many_characters_to_take_off(limits: dict[str, Any], typed: str, message: str | None) -> None:
    assert one(TEXT | {"validate": limits}, typed) == message


@pytest.mark.parametrize(
    ("more", "typed", "message"),
    [
        ({}, "12,600", None),
        ({}, "１２６００", None),
        ({}, "-3.5", None),
        ({}, "0", None),
        ({}, "一萬", "單價須為數字，例如 12600"),
        ({}, "1e9", "單價須為數字，例如 12600"),
        ({}, "NaN", "單價須為數字，例如 12600"),
        ({}, "9" * 1_000_000, "單價須為數字，例如 12600"),
        ({"decimalDigits": 0}, "1.5", "單價須為整數"),
        ({"decimalDigits": 2}, "1.555", "單價最多 2 位小數"),
        ({"increment": "5"}, "12", None),
        ({"increment": 5}, "12", "單價須為 5 的倍數"),
        ({"validate": {"min": 1}}, "0", "單價不可小於 1"),
        ({"validate": {"max": 8_000_000}}, "8000001", "單價不可大於 8,000,000"),
        ({"validate": {"max": "=limit * 2"}}, "21", "單價不可大於 20"),
        ({"validate": {"required": True}}, "0", None),
    ],
)
def test_numbers(more: dict[str, Any], typed: str, message: str | None) -> None:
    assert one(component("number", "price", "單價", **more), typed, limit=10) == message


def test_numbers_are_stored_without_floats() -> None:
    form = schema(component("number", "a"), component("number", "b"), component("number", "c"))

    assert forms.bind(form, {}, post=post(a="12,600", b="1.50", c="")).values == {"a": 12600, "b": "1.5", "c": None}


@pytest.mark.parametrize("typed", ["2026-05-19", "115/5/19", "115.05.19", "1150519", "民國115年5月19日", "１１５／５／１９"])
def test_dates_may_be_typed_in_the_ways_people_write_them(typed: str) -> None:
    form = schema(component("datetime", "on", "日期", subtype="date"))

    bound = forms.bind(form, {}, post=post(on=typed))

    assert bound.validate()
    assert bound.values == {"on": "2026-05-19"}


@pytest.mark.parametrize(
    ("subtype", "typed", "value"),
    [
        ("time", "17:00", "17:00"),
        ("datetime", "2026-05-19T17:00", "2026-05-19T17:00"),
        ("datetime", "115/5/19 17:00", "2026-05-19T17:00"),
        ("date", "115/2/30", None),
        ("date", "明天", None),
        ("time", "25:00", None),
        ("datetime", "2026-05-19", None),
    ],
)
def test_times_and_impossible_dates(subtype: str, typed: str, value: str | None) -> None:
    bound = forms.bind(schema(component("datetime", "at", "時間", subtype=subtype)), {}, post=post(at=typed))

    assert bound.validate() is (value is not None)
    assert bound.values == {"at": value}


@pytest.mark.parametrize(("typed", "message"), [("2026-05-18", "日期不可早於今天"), ("2026-05-19", None)])
def test_past_dates_are_judged_by_the_callers_clock_in_taipei(typed: str, message: str | None) -> None:
    late_evening = datetime(2026, 5, 18, 16, 30, tzinfo=UTC)

    assert one(component("datetime", "on", "日期", subtype="date", disallowPassedDates=True), typed, now=late_evening) == message


@pytest.mark.parametrize("kind", ["radio", "select"])
def test_an_option_that_was_not_offered_is_refused(kind: str) -> None:
    item = component(kind, "a", "類別", values=options(("x", "甲"), (2, "乙"), (False, "丙")))

    assert one(item, "y") == "類別的選項不正確，請重新選擇"
    assert forms.bind(schema(item), {}, post=post(a="2")).values == {"a": 2}
    assert forms.bind(schema(item), {}, post=post(a="false")).values == {"a": False}


def test_a_tampered_checklist_is_refused_as_a_whole() -> None:
    item = component("checklist", "a", "項目", values=options(("x", "甲"), ("y", "乙")))

    assert messages(schema(item), post(("a", "x"), ("a", "z"))) == {"a": ["項目的選項不正確，請重新選擇"]}
    assert forms.bind(schema(item), {}, post=post(("a", "y"), ("a", "x"))).values == {"a": ["x", "y"]}


def test_options_may_come_from_the_data_or_from_feel() -> None:
    form = schema(
        component("select", "a", "甲", valuesKey="offers"),
        component("select", "b", "乙", valuesExpression="=for o in offers return o.value"),
    )
    context = {"offers": [{"value": "x", "label": "一"}, {"value": "y", "label": "二"}]}

    good = forms.bind(form, {}, post=post(a="x", b="y"), context=context)
    bad = forms.bind(form, {}, post=post(a="z", b="z"), context=context)

    assert good.validate()
    assert good.values == {"a": "x", "b": "y"}
    assert not bad.validate()


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("a@b.tw", True),
        ("ａ@b.tw", True),
        ("a.b+c@x.example", True),
        ("a@b", False),
        ("a b@c.tw", False),
        ("@b.tw", False),
        ("a@-b.tw", False),
        ("a@b..tw", False),
        ("a" * 65 + "@b.tw", False),
        ("a@b.tw, c@d.tw", False),
        ("x" * 1_000_000 + "@b.tw", False),
        ("王@b.tw", False),
        ("a@例子.tw", True),
        ("a@faß.de", False),
        ("a@" + "例" * 1_000_000 + ".tw", False),
    ],
)
def test_mail_addresses(typed: str, right: bool) -> None:
    assert (one(component("textfield", "mail", "電子郵件", validate={"validationType": "email"}), typed) is None) is right


def test_a_domain_is_kept_as_mail_servers_know_it() -> None:
    form = schema(component("textfield", "mail", "電子郵件", validate={"validationType": "email"}))

    bound = forms.bind(form, {}, post=post(mail="user@例子.tw"))

    assert bound.validate()
    assert bound.values == {"mail": "user@xn--fsqu00a.tw"}


def test_phone_type_is_lenient() -> None:
    item = component("textfield", "phone", "電話", validate={"validationType": "phone"})

    assert one(item, "+886 2 1234 5678") is None
    assert one(item, "打給我") == "電話格式如 02-1234-5678"


def test_required_when_is_feel() -> None:
    form = schema(
        component("radio", "kind", "種類", values=options(("a", "甲"), ("b", "乙"))),
        component("textfield", "why", "理由", properties={"requiredWhen": '=kind = "b"'}),
    )

    assert messages(form, post(kind="a")) == {}
    assert messages(form, post(kind="b")) == {"why": ["請填寫理由"]}


def test_control_characters_and_reversed_text_are_taken_out() -> None:
    form = schema(component("textfield", "a"), component("textarea", "b"))

    bound = forms.bind(form, {}, post=post(a="x\x00y\n\u202ez\x1b", b="一\r\n二\x00\ttab"))

    assert bound.values == {"a": "xy z", "b": "一\n二\ttab"}


def test_a_check_box_is_ticked_or_not() -> None:
    form = schema(component("checkbox", "a"), component("checkbox", "b", defaultValue=True))

    assert forms.bind(form, {}, post=post(a="1")).values == {"a": True, "b": False}
    assert forms.bind(form, {}).values == {"a": False, "b": True}
