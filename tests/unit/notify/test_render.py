"""Message templates: what they may say, and that they stay bounded."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from app.errors import DefinitionError
from app.notify.render import check, render, roc_date, roc_datetime

TEMPLATES = sorted((Path(__file__).resolve().parents[3] / "templates" / "mail").rglob("*.txt"))


def body_of(body, **context):
    return render(f"主旨：測試\n\n{body}", context, template="t")[1]


def refused(source, **context):
    with pytest.raises(DefinitionError) as refusal:
        render(source, context, template="vendor/approved")
    assert (refusal.value.file, refusal.value.rule) == ("vendor/approved", "mail.template")
    return refusal.value.message


def test_subject_and_body_are_filled():
    source = "主旨：請修改註冊資料（{{ number }}）\n\n{{ name }} 您好：\n{% for m in marks %}\n・{{ m.label }}{% endfor %}\n"

    subject, body = render(source, {"number": "R-1", "name": "王小明", "marks": [{"label": "電話"}]}, template="t")

    assert (subject, body) == ("請修改註冊資料（R-1）", "王小明 您好：\n\n・電話\n")


def test_plain_text_is_not_escaped_and_values_are_not_templates():
    assert body_of("{{ name }}", name="<b>{{ 7 * 7 }}&") == "<b>{{ 7 * 7 }}&\n"


def test_line_breaks_in_a_value_cannot_reach_the_headers():
    subject, _body = render("主旨：{{ company }}\r\n\r\n內文", {"company": "甲\r\nBcc: evil@example.tw\x00"}, template="t")

    assert subject == "甲 Bcc: evil@example.tw"


def test_subject_is_cut_at_200():
    assert len(render("主旨：{{ x }}\n\n內文", {"x": "長" * 900}, template="t")[0]) == 200


@pytest.mark.parametrize(("text", "filled"), [
    ("{{ day|roc_date }}", "115年5月19日"), ("{{ at|roc_datetime }}", "115年5月20日 00:30"),
    ("{{ at|roc_date }}", "115年5月20日"), ("{{ iso|roc_datetime }}", "115年5月20日 00:30"),
    ("{{ money|number }} 元", "12,600 元"), ("{{ names|join('、') }}", "甲、乙"), ("{{ names|length }}", "2"),
    ("{{ none or '無' }}", "無"), ("{{ missing|default('無') }}", "無"), ("{% if names %}有{% endif %}", "有")])
def test_filters(text, filled):
    at = datetime(2026, 5, 19, 16, 30, tzinfo=UTC)
    values = {"day": date(2026, 5, 19), "at": at, "iso": at.isoformat(), "money": 12600, "names": ["甲", "乙"], "none": None}

    assert body_of(text, **values) == filled + "\n"


def test_dates_of_iso_text():
    assert (roc_date("2026-05-19"), roc_datetime("2026-05-19T16:30:00+08:00")) == ("115年5月19日", "115年5月19日 16:30")


@pytest.mark.parametrize("source", ["", "內文", "主旨：只有主旨", "主旨：\n\n內文", "主旨：x\n內文",
                                    "主旨：x\n\n" + "長" * 20_001])
def test_source_without_the_form_is_refused(source):
    refused(source)


@pytest.mark.parametrize("body", [
    "{{ missing }}", "{{ name.first }}", "{{ name", "{% if %}", "{{ name|upper }}", "{{ 1 / 0 }}", "{{ name|number }}",
    "{{ name|roc_date }}", "{{ 'a' ~ missing }}"])
def test_fault_in_a_template_names_it(body):
    assert "vendor/approved" in refused(f"主旨：x\n\n{body}", name="王")


@pytest.mark.parametrize("body", [
    "{{ name.__class__ }}", "{{ name.__class__.__mro__[1].__subclasses__() }}", "{{ cycler.__init__.__globals__ }}",
    "{{ name.format(1) }}", "{{ range(9) }}", "{{ self._TemplateReference__context }}", "{% include '/etc/passwd' %}",
    "{% import 'x' as y %}", "{% extends 'x' %}", "{{ lipsum() }}", "{% set x = 1 %}", "{% macro f() %}{% endmacro %}",
    "{{ name|attr('__class__') }}", "{{ '%999999999d' % 1 }}", "{{ 'a' * 999999999 }}", "{{ 9 ** 9 ** 9 }}",
    "{% for a in l %}{% for b in l %}{% for c in l %}{% endfor %}{% endfor %}{% endfor %}",
    "{{ name|replace('a', 'b') }}", "{{ name|center(999999999) }}", "{% filter trim %}x{% endfilter %}",
    "{{ l|join(big)|join(big)|join(big) }}", "{% for a in l %}{% for b in l %}{{ big }}{% endfor %}{% endfor %}",
    "{% for a in l recursive %}{{ loop(l) }}{% endfor %}", "{{ '(' * 5000 }}", "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}"])
def test_hostile_template_is_refused_at_once(body):
    began = time.perf_counter()

    refused(f"主旨：x\n\n{body}", name="王", l=["a"] * 500, big="b" * 2000)

    assert time.perf_counter() - began < 2


def test_check_needs_no_values():
    check("主旨：{{ number }}\n\n{{ name }}", template="t")
    with pytest.raises(DefinitionError):
        check("主旨：{{ number }}\n\n{{ name() }}", template="t")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_shipped_templates_are_good(path):
    check(path.read_text(encoding="utf-8"), template=path.name)
