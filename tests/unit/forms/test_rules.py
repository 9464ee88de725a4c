"""The rules that a form names: checksums and formats of Taiwan, and passwords."""

from __future__ import annotations

import pytest

from app import forms
from app.forms.rules import is_tax_id, password_problem
from tests.unit.forms.helpers import component, messages, post, schema


def typed(rule: str, text: str) -> tuple[str | None, object]:
    form = schema(component("textfield", "a", "郵遞區號" if rule == "postcode" else "欄位", properties={"rule": rule}))
    bound = forms.bind(form, {}, post=post(a=text))
    bound.validate()
    return bound.errors.get("a", [None])[0], bound.values["a"]


@pytest.mark.parametrize(
    "number", ["16578128", "23142092", "22452766", "94134805", "04383129", "54354129", "69500971", "12345675"]
)
def test_numbers_of_real_bodies_pass(number: str) -> None:
    assert is_tax_id(number)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("12345675", None),
        ("１２３４５６７５", None),
        ("1234 5675", None),
        ("12345676", None),
        ("12345678", "統一編號檢查碼不符，請確認"),
        ("1234567", "統一編號須為 8 碼數字"),
        ("1234567a", "統一編號須為 8 碼數字"),
        ("00000000", "統一編號檢查碼不符，請確認"),
        ("١٢٣٤٥٦٧٥", "統一編號須為 8 碼數字"),
        ("123456750", "統一編號須為 8 碼數字"),
    ],
)
def test_tax_id_says_what_is_wrong(text: str, message: str | None) -> None:
    assert typed("tax_id", text)[0] == message


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("02-1234-5678", "02-1234-5678"),
        ("02-1234-5678#123", "02-1234-5678#123"),
        ("０２－１２３４－５６７８", "02-1234-5678"),
        ("02-12345678", "02-1234-5678"),
        ("(02)1234-5678 分機 12", "02-1234-5678#12"),
        ("037-123-456", "037-123-456"),
        ("049-222-3456", "049-222-3456"),
        ("02-1234-5678#123456", "02-1234-5678#123456"),
    ],
)
def test_phone_numbers_are_kept_in_one_form(text: str, kept: str) -> None:
    assert typed("tw_phone", text) == (None, kept)


@pytest.mark.parametrize(
    "text",
    [
        "1234-5678",
        "02-1234-5678#",
        "02-1234-5678#1234567",
        "02-1234-567890",
        "+886-2-1234-5678",
        "02-12-34",
        "電話",
        "0912-345-678-9",
    ],
)
def test_other_phone_numbers_are_refused_with_an_example(text: str) -> None:
    assert typed("tw_phone", text)[0] == "電話格式如 02-1234-5678 或 02-1234-5678#123"


@pytest.mark.parametrize(
    ("text", "kept"), [("0912-345-678", "0912-345-678"), ("0912345678", "0912-345-678"), ("０９１２ 345 678", "0912-345-678")]
)
def test_mobile_numbers_are_kept_in_one_form(text: str, kept: str) -> None:
    assert typed("tw_mobile", text) == (None, kept)


@pytest.mark.parametrize("text", ["0812-345-678", "0912-345-67", "0912-345-6789", "02-1234-5678"])
def test_other_mobile_numbers_are_refused_with_an_example(text: str) -> None:
    assert typed("tw_mobile", text)[0] == "手機格式如 0912-345-678"


@pytest.mark.parametrize(
    ("text", "right"), [("100", True), ("１００００６", True), ("10", False), ("1234567", False), ("10A", False)]
)
def test_postcodes(text: str, right: bool) -> None:
    assert typed("postcode", text)[0] == (None if right else "郵遞區號須為 3 至 6 碼數字")


@pytest.mark.parametrize(
    ("password", "strong"),
    [
        ("Abcdefgh123!", True),
        ("Abcdefgh123%", True),
        ("Abcdefgh12!", False),
        ("abcdefgh123!", False),
        ("ABCDEFGH123!", False),
        ("Abcdefghijk!", False),
        ("Abcdefgh1234", False),
        ("Abcdefgh123~", False),
        ("Aa1!" * 33, False),
        ("", False),
    ],
)
def test_passwords(password: str, strong: bool) -> None:
    assert (password_problem(password) is None) is strong


def test_a_form_may_name_several_rules() -> None:
    form = schema(component("textfield", "a", properties={"rule": "postcode, tax_id"}))

    assert messages(form, post(a="12")) == {"a": ["a須為 3 至 6 碼數字"]}
    assert messages(form, post(a="123")) == {"a": ["統一編號須為 8 碼數字"]}
