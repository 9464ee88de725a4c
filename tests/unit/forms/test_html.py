"""The page: labels, hints, errors, names of controls. Everything that assistive technology and no-script browsers need."""

from __future__ import annotations

import pytest

from app import forms
from tests.unit.forms.helpers import component, drawn, group, options, page, post, schema, shipped

EVERYTHING = schema(
    group(
        "全部",
        component("textfield", "line", "單行", description="例：晨禾"),
        component("textarea", "block", "多行"),
        component("number", "number", "數量", appearance={"suffixAdorner": "套", "prefixAdorner": "共"}),
        component("datetime", "on", "日期", subtype="date"),
        component("checkbox", "tick", "同意"),
        component("radio", "one", "單選", values=options(("a", "甲"), ("b", "乙"))),
        component("select", "pick", "下拉", values=options(("a", "甲"), ("b", "乙"))),
        component("checklist", "some", "複選", values=options(("a", "甲"), ("b", "乙"))),
        component("expression", "sum", "合計", expression="=number * 2", properties={"display": "currency"}),
        component("text", label="t", text="# 標題\n\n說明 **重點** [連結](https://example.com)\n\n- 一\n- {{line}}"),
        component("separator"),
        component("spacer"),
        component(
            "table", label="明細", dataSource="=rows", columns=[{"key": "n", "label": "名稱"}, {"key": "v", "label": "數"}]
        ),
    )
)
WRONG = schema(
    *(
        component(kind, key, label, validate={"required": True}, description="提示", values=options(("a", "甲")))
        for kind, key, label in (
            ("textfield", "a", "甲欄"),
            ("textarea", "b", "乙欄"),
            ("radio", "c", "丙欄"),
            ("select", "d", "丁欄"),
            ("checklist", "e", "戊欄"),
            ("checkbox", "f", "己欄"),
            ("number", "g", "庚欄"),
            ("datetime", "h", "辛欄"),
        )
    )
)


def test_every_control_has_a_name_a_label_and_a_unique_id() -> None:
    tree = drawn(forms.bind(EVERYTHING, {}))

    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    for control in tree.xpath("//input[not(@type='hidden')] | //textarea | //select"):
        assert control.get("name")
        assert tree.xpath("//label[@for=$id]", id=control.get("id")), control.get("id")


def test_choices_stand_in_a_fieldset_with_a_legend() -> None:
    tree = drawn(forms.bind(EVERYTHING, {"one": "b", "some": ["a"]}))

    assert tree.xpath("//fieldset/legend/text()") == ["單選", "複選"]
    assert tree.xpath("//input[@name='one' and @checked]/@value") == ["b"]
    assert tree.xpath("//input[@name='some' and @checked]/@value") == ["a"]


def test_optional_fields_say_so_and_required_ones_do_not() -> None:
    assert drawn(forms.bind(EVERYTHING, {})).xpath("//label[@for='f-line']/span/text()") == ["選填"]
    assert drawn(forms.bind(WRONG, {})).xpath("//*[@class='q-req']") == []


def test_errors_stand_in_the_summary_and_beside_each_field() -> None:
    bound = forms.bind(WRONG, {}, post=post())
    bound.validate()
    tree = drawn(bound)

    assert tree.xpath("//*[@role='alert']//h2")[0].text_content() == "有 8 個地方要修正"
    links = tree.xpath("//*[@role='alert']//a")
    assert [a.text for a in links] == [
        "請填寫甲欄",
        "請填寫乙欄",
        "請選擇丙欄",
        "請選擇丁欄",
        "請選擇戊欄",
        "請勾選「己欄」",
        "請填寫庚欄",
        "請填寫辛欄",
    ]
    for link in links:
        assert tree.get_element_by_id(link.get("href")[1:]).tag in {"input", "textarea", "select"}
    assert [e.text_content() for e in tree.xpath("//p[@class='q-err']")] == [f"錯誤：{a.text}" for a in links]


def test_a_wrong_control_is_described_by_its_error_first_and_then_its_hint() -> None:
    bound = forms.bind(WRONG, {}, post=post())
    bound.validate()
    tree = drawn(bound)

    control = tree.get_element_by_id("f-a")
    assert (control.get("aria-invalid"), control.get("aria-describedby")) == ("true", "f-a-e f-a-h")
    assert tree.get_element_by_id("f-c").get("aria-describedby") == "f-c-e f-c-h"
    assert tree.get_element_by_id("f-c").get("aria-invalid") == "true"


def test_a_right_control_is_not_called_invalid() -> None:
    bound = forms.bind(EVERYTHING, {}, post=post(line="x"))
    bound.validate()

    assert drawn(bound).xpath("//*[@aria-invalid]") == []
    assert drawn(bound).xpath("//*[contains(@class, 'is-bad')]") == []
    assert drawn(bound).xpath("//*[@role='alert']") == []


def test_what_is_named_as_description_exists() -> None:
    bound = forms.bind(WRONG, {}, post=post())
    bound.validate()
    tree = drawn(bound)

    for attribute in tree.xpath("//@aria-describedby | //@aria-labelledby"):
        for name in attribute.split():
            assert tree.get_element_by_id(name) is not None


def test_the_register_page_offers_autocomplete_and_keyboards() -> None:
    tree = drawn(forms.bind(shipped("apply"), {}))

    tokens = {c.get("name"): c.get("autocomplete") for c in tree.xpath("//input") if c.get("autocomplete")}
    assert tokens["company_name"] == "organization"
    assert tokens["postcode"] == "postal-code"
    assert tokens["contact_email"] == "email"
    assert tree.get_element_by_id("f-tax_id").get("inputmode") == "numeric"
    assert tree.get_element_by_id("f-contact_phone").get("type") == "tel"
    assert tree.get_element_by_id("f-contact_email").get("type") == "email"
    assert tree.xpath("//section/h2/text()") == ["公司基本資料", "聯絡人資料"]


def test_there_is_no_inline_style_script_or_handler() -> None:
    bound = forms.bind(WRONG, {}, post=post())
    bound.validate()

    for tree in (drawn(bound), drawn(forms.bind(EVERYTHING, {}))):
        assert tree.xpath("//@style | //script | //style") == []
        assert [a for a in tree.xpath("//@*") if getattr(a, "attrname", "").startswith("on")] == []


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '" onfocus="x', "{{ 7 * 7 }}", "</textarea><b>", "[x](javascript:x)"]
)
def test_what_was_typed_is_only_ever_text(text: str) -> None:
    tree = drawn(forms.bind(EVERYTHING, {"line": text, "block": text}))

    assert tree.get_element_by_id("f-line").get("value") == text
    assert tree.get_element_by_id("f-block").text.removeprefix("\n") == text
    assert tree.xpath("//script | //b[not(parent::p)] | //@onfocus") == []
    assert tree.xpath("//div[@class='q-prose']//li")[1].text_content() == text


def test_explanatory_texts_know_a_few_marks() -> None:
    (prose,) = drawn(forms.bind(EVERYTHING, {"line": "<i>"})).xpath("//div[@class='q-prose']")

    assert prose.findtext("h3") == "標題"
    assert prose.findtext(".//strong") == "重點"
    assert prose.xpath(".//a/@href") == ["https://example.com"]
    assert [li.text for li in prose.iter("li")] == ["一", "<i>"]


@pytest.mark.parametrize("text", ["[x](javascript:alert(1))", "[x](//evil.example)", "<b>x</b>", "[x](data:text/html,1)"])
def test_explanatory_texts_bring_no_markup_of_their_own(text: str) -> None:
    tree = drawn(forms.bind(schema(component("text", label="t", text=text)), {}))

    assert tree.xpath("//a | //b") == []


def test_computed_values_and_tables_are_shown() -> None:
    tree = drawn(forms.bind(EVERYTHING, {"number": 6300}, context={"rows": [{"n": "甲", "v": 12600}, {"n": "乙"}]}))

    assert tree.get_element_by_id("f-sum").text_content() == "12,600 元"
    assert [cell.text_content() for cell in tree.xpath("//table//td")] == ["甲", "12,600", "乙", ""]
    assert tree.xpath("//table//th/@scope") == ["col", "col"]


@pytest.mark.parametrize(("typed", "kind"), [("", "date"), ("2026-05-19", "date"), ("115/5/19", "text"), ("明天", "text")])
def test_a_date_that_the_browser_could_not_show_stays_readable(typed: str, kind: str) -> None:
    control = drawn(forms.bind(EVERYTHING, {}, post=post(on=typed))).get_element_by_id("f-on")

    assert (control.get("type", "text"), control.get("value")) == (kind, typed)


def test_check_answers_lead_back_to_each_field() -> None:
    rows = forms.summary(shipped("apply"), {"tax_id": "12345675", "company_name": "", "contact_name": "甲\n乙"})

    tree = page("{{ summary(rows, '/register') }}", rows=rows)

    assert tree.xpath("//h2/text()") == ["公司基本資料", "聯絡人資料"]
    assert [d.text_content() for d in tree.xpath("//dt/following-sibling::dd[1]")] == ["12345675", "未填寫", "甲乙"]
    assert tree.xpath("//a/@href") == ["/register#f-tax_id", "/register#f-company_name", "/register#f-contact_name"]
    assert tree.xpath("//a")[0].text_content() == "修改統一編號"


def test_before_and_after_are_marked_letter_by_letter() -> None:
    found = forms.changes(
        shipped("apply"),
        {"company_name": "晨禾雲端公司", "head_name": "許"},
        {"company_name": "晨禾雲端股份有限公司", "contact_title": "經理", "head_name": "許"},
    )

    tree = page("{{ changes(found) }}", found=found)

    assert tree.xpath("//p[@class='q-b']/text()") == ["公司名稱", "聯絡人職稱"]
    assert tree.xpath("//ins/text()") == ["股份有限", "經理"]
    assert tree.xpath("//dt/text()")[:2] == ["修改前", "修改後"]
