"""Laws that hold for any input."""

from __future__ import annotations

import json
import time

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import html
from werkzeug.datastructures import MultiDict

from app import forms
from app.forms.rules import is_tax_id
from tests.unit.forms.helpers import component, drawn, options, post, schema, shipped

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
#: What HTML and browsers carry unchanged: no control characters, no line breaks in a line.
TYPEABLE = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cf", "Co", "Cn")), max_size=40)

FORM = schema(
    component("textfield", "line", "行"),
    component("textarea", "block", "段", validate={"required": True}),
    component("number", "number", "數", validate={"max": 10}),
    component("datetime", "on", "日", subtype="date"),
    component("checkbox", "tick", "勾"),
    component("radio", "one", "單", values=options(("a", "甲"), ("b", "乙"))),
    component("checklist", "some", "複", values=options(("a", "甲"), ("b", "乙"))),
    component("textfield", "secret", "密", conditional={"hide": '=one != "b"'}),
    component("textfield", "inner", "內", conditional={"hide": '=secret = "" or secret = null'}),
    component("expression", "sum", "和", expression="=number + 1"),
)
KEYS = ["line", "block", "number", "on", "tick", "one", "some", "secret", "inner", "sum", "_shown", "csrf_token", "other"]

posts = st.lists(
    st.tuples(st.sampled_from(KEYS), st.text(max_size=30) | st.sampled_from(["a", "b", "1", "12,600", "115/5/19", "."])),
    max_size=25,
).map(MultiDict)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@QUICK
@given(posts, st.dictionaries(st.sampled_from(KEYS), values, max_size=8))
def test_no_post_and_no_data_ever_raise(sent: MultiDict[str, str], data: dict[str, object]) -> None:
    bound = forms.bind(FORM, data, post=sent)

    bound.validate()

    json.dumps([bound.values, bound.draft()])
    drawn(bound)
    assert all(isinstance(row.text, str) for row in forms.summary(FORM, bound.values))


@QUICK
@given(posts)
def test_hidden_values_never_leave(sent: MultiDict[str, str]) -> None:
    bound = forms.bind(FORM, {"secret": "from data", "inner": "from data"}, post=sent)

    found = bound.values

    assert ("secret" in found) == (found["one"] == "b")
    assert ("inner" in found) == bool(found.get("secret"))


@QUICK
@given(TYPEABLE, TYPEABLE, TYPEABLE, TYPEABLE, st.booleans(), st.lists(st.sampled_from("ab"), unique=True))
@example(" 空白 ", "\n第一行空", "12,6oo", "115/13/45", False, [])
def test_a_draft_shows_again_exactly_what_was_typed(
    line: str, block: str, number: str, on: str, tick: bool, some: list[str]
) -> None:
    sent = post(
        *[("some", key) for key in some],
        *([("tick", "1")] if tick else []),
        line=line,
        block=block,
        number=number,
        on=on,
        one="b",
        secret=line,
    )

    draft = json.loads(json.dumps(forms.bind(FORM, {}, post=sent).draft()))
    again = forms.bind(FORM, draft)

    assert again.draft() == draft
    page = drawn(again)
    assert page.get_element_by_id("f-line").get("value") == line
    assert page.get_element_by_id("f-secret").get("value") == line
    assert page.get_element_by_id("f-number").get("value") == number
    assert page.get_element_by_id("f-on").get("value") == on
    assert _textarea(page, "f-block") == block
    assert sorted(page.xpath("//input[@name='some' and @checked]/@value")) == sorted(some)
    assert bool(page.xpath("//input[@name='tick' and @checked]")) is tick


def _textarea(page: html.HtmlElement, name: str) -> str:
    """A browser drops the first line break of a text area; lxml keeps it."""
    return (page.get_element_by_id(name).text or "").removeprefix("\n")


@QUICK
@given(posts)
def test_a_form_with_errors_shows_what_was_typed(sent: MultiDict[str, str]) -> None:
    bound = forms.bind(FORM, {}, post=sent)
    bound.validate()

    again = forms.bind(FORM, bound.draft())

    assert again.draft() == bound.draft()


@QUICK
@given(posts)
def test_values_bound_again_are_the_same_values(sent: MultiDict[str, str]) -> None:
    bound = forms.bind(FORM, {}, post=sent)
    if bound.validate():
        assert forms.bind(FORM, bound.values).values == bound.values


@given(st.integers(1, 99_999_999), st.integers(0, 7), st.integers(1, 9))
def test_one_wrong_digit_changes_the_checksum_unless_the_rule_forgives_it(number: int, place: int, step: int) -> None:
    """Independent formulation: add digits of products one by one, with the 2023 modulus."""

    def sums(text: str) -> set[int]:
        products = [int(d) * w for d, w in zip(text, (1, 2, 1, 2, 1, 2, 4, 1), strict=True)]
        total = sum(int(digit) for product in products for digit in str(product))
        return {total - 9, total - 10} if text[6] == "7" and products[6] == 28 else {total}

    text = f"{number:08d}"
    changed = text[:place] + str((int(text[place]) + step) % 10) + text[place + 1 :]

    for one in (text, changed):
        assert is_tax_id(one) == (one != "00000000" and any(total % 5 == 0 for total in sums(one)))


def test_a_megabyte_is_refused_by_its_own_field_and_not_lost() -> None:
    text = "字" * 1_000_000
    bound = forms.bind(shipped("apply"), {}, post=post(company_name=text))

    bound.validate()

    assert bound.errors["company_name"] == ["公司名稱超過 100 字，請刪減 999,900 字"]
    assert drawn(bound).get_element_by_id("f-company_name").get("value") == text
    assert len(str(bound.draft()["company_name"])) == 100_000


def test_a_form_is_bound_and_judged_within_two_milliseconds() -> None:
    form = schema(
        *(
            component("textfield", f"f{n}", validate={"required": True, "maxLength": 100, "pattern": "^[a-z]+$"})
            for n in range(12)
        ),
        *(component("textfield", f"g{n}", conditional={"hide": f'=f{n} = "hide"'}) for n in range(3)),
    )
    sent = post(**{f"f{n}": "abc" for n in range(12)})

    best = min(_timed(form, sent) for _ in range(30))

    assert best < 0.002


def _timed(form: forms.FormSchema, sent: MultiDict[str, str]) -> float:
    begin = time.perf_counter()
    bound = forms.bind(form, {}, post=sent)
    bound.validate()
    _ = bound.values
    return time.perf_counter() - begin
