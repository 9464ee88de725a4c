"""What depends on what: visibility, read-only, computed values, and what never is taken from a post."""

from __future__ import annotations

from app import forms
from tests.unit.forms.helpers import component, drawn, group, messages, options, post, schema

KIND = component("radio", "kind", "種類", values=options(("a", "甲"), ("b", "乙")))
DETAIL = component("textfield", "detail", "說明", conditional={"hide": '=kind != "b"'}, validate={"required": True})


def test_a_hidden_field_is_neither_required_nor_kept() -> None:
    bound = forms.bind(schema(KIND, DETAIL), {"detail": "before"}, post=post(kind="a", detail="smuggled"))

    assert bound.validate()
    assert bound.values == {"kind": "a"}


def test_a_visible_field_is_judged() -> None:
    assert messages(schema(KIND, DETAIL), post(kind="b")) == {"detail": ["請填寫說明"]}


def test_what_a_group_hides_is_hidden_with_all_in_it() -> None:
    form = schema(
        KIND,
        group(
            "乙案",
            group("裡面", component("textfield", "deep", "深", validate={"required": True})),
            conditional={"hide": '=kind = "a"'},
        ),
    )

    bound = forms.bind(form, {}, post=post(kind="a", deep="x"))

    assert bound.validate()
    assert bound.values == {"kind": "a"}


def test_a_hidden_value_decides_nothing() -> None:
    last = component("textfield", "last", "末", conditional={"hide": '=detail = "close"'})

    bound = forms.bind(schema(KIND, DETAIL, last), {}, post=post(kind="a", detail="close", last="kept"))

    assert bound.values == {"kind": "a", "last": "kept"}


def test_conditions_that_chase_each_other_come_to_an_end() -> None:
    form = schema(
        component("textfield", "a", conditional={"hide": '=b != ""'}),
        component("textfield", "b", conditional={"hide": '=a != ""'}),
    )

    bound = forms.bind(form, {}, post=post(a="1", b="1"))
    bound.validate()

    assert isinstance(bound.values, dict)


def test_conditions_see_the_context_and_the_callers_data() -> None:
    form = schema(
        component("textfield", "a", conditional={"hide": '=route = "short"'}),
        component("textfield", "b", conditional={"hide": "=subject.capital > 100"}),
    )

    bound = forms.bind(form, {"route": "short"}, post=post(a="x", b="y"), context={"subject": {"capital": 200}})

    assert bound.values == {}


def test_read_only_and_disabled_are_never_taken_from_the_post() -> None:
    form = schema(
        component("textfield", "a", readonly=True),
        component("textfield", "b", disabled=True),
        component("textfield", "c", readonly="=locked"),
        component("textfield", "d", readonly=True, defaultValue="given"),
    )

    bound = forms.bind(form, {"a": "was", "b": "was", "c": "was", "locked": True}, post=post(a="x", b="x", c="x", d="x"))

    assert bound.validate()
    assert bound.values == {"a": "was", "c": "was", "d": "given"}
    assert bound.draft() == {}


def test_read_only_by_condition_opens_when_the_condition_ends() -> None:
    form = schema(component("textfield", "c", readonly="=locked"))

    assert forms.bind(form, {"c": "was", "locked": False}, post=post(c="now")).values == {"c": "now"}


def test_only_editable_fields_take_the_post() -> None:
    form = schema(component("textfield", "a", validate={"required": True}), component("textfield", "b"))

    bound = forms.bind(form, {"a": "", "b": "old"}, post=post(a="tampered", b="new"), editable={"b"})

    assert bound.validate()
    assert bound.values == {"a": "", "b": "new"}
    assert bound.draft() == {"b": "new"}
    assert drawn(bound).xpath("//input[@name='a']") == []


def test_computed_fields_are_worked_out_here() -> None:
    form = schema(
        component("number", "n", "數量"),
        component("number", "price", "單價"),
        component("expression", "sum", "小計", expression="=n * price"),
        component("expression", "tax", "稅", expression="=sum * 0.05"),
        component("textfield", "why", "理由", conditional={"hide": "=sum <= 1000"}, validate={"required": True}),
    )

    bound = forms.bind(form, {}, post=post(n="3", price="1,250", sum="1", tax="1"))

    assert not bound.validate()
    assert bound.errors == {"why": ["請填寫理由"]}
    assert bound.values == {"n": 3, "price": 1250, "sum": 3750, "tax": "187.5", "why": ""}


def test_an_expression_without_an_answer_is_null() -> None:
    assert forms.bind(schema(component("expression", "a", expression="=1 / 0")), {}).values == {"a": None}


def test_a_field_the_page_did_not_show_is_asked_before_sending() -> None:
    optional = component("textfield", "note", "備註", conditional={"hide": '=kind = "a"'})
    form = schema(KIND, optional)

    first = forms.bind(form, {"kind": "a"}, post=post(("_shown", "."), kind="b"))
    second = forms.bind(form, {}, post=post(("_shown", "."), ("_shown", "note"), kind="b", note=""))

    assert not first.validate()
    assert first.errors == {"note": ["依您的選擇，請確認「備註」後再送出"]}
    assert second.validate()


def test_what_stood_in_a_field_the_page_did_not_show_is_not_lost() -> None:
    form = schema(KIND, DETAIL)

    bound = forms.bind(form, {"detail": "typed earlier"}, post=post(("_shown", "."), kind="a"))

    assert bound.draft() == {"kind": "a", "detail": "typed earlier"}


def test_the_page_says_which_conditional_fields_it_showed() -> None:
    page = drawn(forms.bind(schema(KIND, DETAIL), {"kind": "b"}))

    assert page.xpath("//input[@name='_shown']/@value") == [".", "detail"]
    assert page.xpath("//fieldset[@data-hide]/@data-hide") == ['=kind != "b"']


def test_a_hidden_field_waits_inactive_for_the_browser() -> None:
    page = drawn(forms.bind(schema(KIND, DETAIL), {"kind": "a"}))

    assert page.xpath("//fieldset[@hidden and @disabled]//input[@name='detail']")


def test_what_a_condition_over_other_data_hides_is_not_in_the_page() -> None:
    form = schema(component("textfield", "secret", "內部", conditional={"hide": '=viewer != "staff"'}))

    page = drawn(forms.bind(form, {"secret": "leak", "viewer": "vendor"}))

    assert "leak" not in page.text_content()
    assert page.xpath("//input[@name='secret']") == []


def test_unknown_posted_names_are_ignored() -> None:
    assert forms.bind(schema(component("textfield", "a")), {}, post=post(a="1", role="admin")).values == {"a": "1"}


def test_no_key_can_shadow_the_machinery() -> None:
    form = schema(*(component("textfield", key) for key in ("data", "validate", "errors", "process", "meta", "populate_obj")))

    bound = forms.bind(form, {}, post=post(data="1", validate="2"))

    assert bound.validate()
    assert bound.values["validate"] == "2"
