"""What a form may say, and how it is refused by name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app import forms
from app.errors import DefinitionError
from tests.unit.forms.helpers import component, group, options, schema, shipped


def refusal(*components: dict[str, Any], **root: Any) -> DefinitionError:
    with pytest.raises(DefinitionError) as caught:
        schema(*components, **root)
    return caught.value


def test_fields_are_listed_in_page_order_with_groups_flattened() -> None:
    form = schema(
        group("公司", component("textfield", "name", "名稱"), component("text", label="說明", text="請填")),
        component("number", "amount", "金額"),
        component("expression", "total", "合計", expression="=amount * 2"),
        component("button", label="送出"),
        title="x",
    )

    assert [(f.key, f.type, f.section) for f in form.fields()] == [
        ("name", "textfield", "公司"),
        ("amount", "number", ""),
        ("total", "expression", ""),
    ]


def test_same_content_gives_the_same_schema() -> None:
    assert shipped("apply") is shipped("apply")


def test_title_and_id_are_kept() -> None:
    assert (shipped("review").id, shipped("review").title) == ("vendor_registration_review", "註冊資料初審")


@pytest.mark.parametrize(
    ("bad", "rule", "element"),
    [
        ([component("hologram", "a")], "form.type", "a"),
        ([component("html", label="h", content="<b>")], "form.unsafe", "Id_h"),
        ([component("iframe", label="i", url="https://example.com")], "form.unsafe", "Id_i"),
        ([component("filepicker", "f")], "form.unsupported", "f"),
        ([component("dynamiclist", label="d", path="rows", components=[])], "form.unsupported", "Id_d"),
        ([group("g", path="inner")], "form.unsupported", "Group_g"),
        ([component("textfield", "a"), component("number", "a", id="other")], "form.duplicate", "a"),
        ([component("textfield", "a"), component("number", "b", id="Id_a")], "form.id", "b"),
        ([component("textfield", "中文")], "form.key", "中文"),
        ([component("textfield", "judge__a")], "form.key", "judge__a"),
        ([component("textfield", "csrf_token")], "form.key", "csrf_token"),
        ([component("textfield", "a", conditional={"hide": "=b >"})], "form.feel", "a"),
        ([component("textfield", "a", readonly="=(")], "form.feel", "a"),
        ([component("expression", "a", expression="=1 +")], "form.feel", "a"),
        ([component("expression", "a")], "form.feel", "a"),
        ([component("text", label="t", text="您好 {{1 +}}")], "form.feel", "Id_t"),
        ([component("number", "a", validate={"max": "=b +"})], "form.feel", "a"),
        ([component("number", "a", validate={"max": "many"})], "form.limit", "a"),
        ([component("textfield", "a", properties={"rule": "tax_idd"})], "form.rule", "a"),
        ([component("number", "a", properties={"rule": "tax_id"})], "form.rule", "a"),
        ([component("radio", "a", properties={"rule": "marks_agree"}, values=options(("x", "X")))], "form.review", "a"),
        ([component("radio", "a", values=[])], "form.options", "a"),
        ([component("radio", "a", values=options(("x", "1"), ("x", "2")))], "form.options", "a"),
        ([component("textfield", "a", validate={"pattern": "(a+)+$"})], "form.pattern", "a"),
        ([component("textfield", "a", validate={"pattern": "["})], "form.pattern", "a"),
        ([component("textfield", "a", properties={"rule": {"x": 1}})], "form.properties", "a"),
        ([group("g", group("g2", component("hologram", "deep")))], "form.type", "deep"),
    ],
)
def test_a_wrong_form_is_refused_naming_file_element_and_rule(bad: list[dict[str, Any]], rule: str, element: str) -> None:
    error = refusal(*bad)

    assert (error.file, error.element, error.rule) == ("forms/a/b.form", element, rule)
    assert "forms/a/b.form" in error.message
    assert element in error.message


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"{",
        b"\xff\xfe",
        b'{"components": 1}',
        b"[" * 100_000,
        b" " * 600_000,
        b'{"components": [1]}',
        b'{"components": [], "schemaVersion": 99}',
    ],
)
def test_what_is_no_form_is_refused(content: bytes) -> None:
    with pytest.raises(DefinitionError):
        forms.load(content, "x.form")


def test_groups_cannot_be_nested_without_end() -> None:
    inner = component("textfield", "a")
    for number in range(20):
        inner = group(str(number), inner)

    assert refusal(inner).rule == "form.json"


@pytest.mark.parametrize(
    "pattern", [r"^\d{8}$", r"^[A-Z]{2}-\d{3,5}(#\d{1,6})?$", r"^[^@\s]+@[^@\s]+\.[^@\s]+$", r"^(\d{3},)*\d{3}$"]
)
def test_sensible_patterns_are_taken(pattern: str) -> None:
    schema(component("textfield", "a", validate={"pattern": pattern}))


@pytest.mark.parametrize("pattern", ["(aa|a)*c", "(a*)*", r"a*a*a*a*b", r"^(\w+\s?)*$", r"(?=a+)b", r"(a+)\1", "a" * 400])
def test_patterns_that_could_run_away_are_refused(pattern: str) -> None:
    assert refusal(component("textfield", "a", validate={"pattern": pattern})).rule == "form.pattern"


def test_reviewable_leaves_out_computed_disabled_and_excepted_fields() -> None:
    form = schema(
        component("textfield", "a"),
        component("textfield", "b", properties={"reviewable": "no"}),
        component("expression", "c", expression="=a"),
        component("textfield", "d", disabled=True),
    )

    assert [f.key for f in form.reviewable()] == ["a"]


def test_every_shipped_form_can_be_read() -> None:
    assert [f.key for f in shipped("apply").fields()] == [
        "tax_id",
        "company_name",
        "head_name",
        "postcode",
        "address",
        "contact_name",
        "contact_title",
        "contact_phone",
        "contact_mobile",
        "contact_email",
    ]
    assert shipped("review").review_of == "vendor_registration/apply"
    assert [f.key for f in shipped("confirm").fields()] == ["agree", "reason"]


def test_form_with_a_byte_order_mark_is_read() -> None:
    assert forms.load(b"\xef\xbb\xbf" + json.dumps({"components": []}).encode()).fields() == []
