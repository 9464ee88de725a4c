"""Small forms for tests, and pages drawn from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jinja2
from lxml import html
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from app import forms

ROOT = Path(__file__).resolve().parents[3]
_ENV = jinja2.Environment(loader=jinja2.FileSystemLoader(ROOT / "templates"), autoescape=True, undefined=jinja2.StrictUndefined)
_ENV.globals["icon"] = lambda name: Markup(f'<svg class="icon" data-icon="{name}" aria-hidden="true"></svg>')


def component(type_: str, key: str = "", label: str = "", **more: Any) -> dict[str, Any]:
    item = {"type": type_, "id": f"Id_{key or label or type_}", "label": label or key, **more}
    return item | ({"key": key} if key else {})


def group(label: str, *components: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "group", "id": f"Group_{label}", "label": label, "components": list(components), **more}


def options(*pairs: tuple[Any, str]) -> list[dict[str, Any]]:
    return [{"value": value, "label": label} for value, label in pairs]


def schema(*components: dict[str, Any], **root: Any) -> forms.FormSchema:
    content = {"type": "default", "id": "a_form", "schemaVersion": 19, "components": list(components), **root}
    return forms.load(json.dumps(content, ensure_ascii=False).encode(), "forms/a/b.form")


def shipped(name: str) -> forms.FormSchema:
    path = f"forms/vendor_registration/{name}.form"
    return forms.load((ROOT / path).read_bytes(), path)


def post(*pairs: tuple[str, str], **values: str) -> MultiDict[str, str]:
    return MultiDict([*pairs, *values.items()])


def page(source: str, **context: Any) -> html.HtmlElement:
    """A template that may use every macro of forms/fields.html, parsed."""
    macros = "render_form, error_summary, summary, changes"
    text = _ENV.from_string('{% from "forms/fields.html" import ' + macros + " %}<div>" + source + "</div>").render(**context)
    return html.fromstring(text)


def drawn(bound: Any) -> html.HtmlElement:
    return page("{{ error_summary(b) }}<form novalidate>{{ render_form(b) }}</form>", b=bound)


def messages(form: forms.FormSchema, sent: MultiDict[str, str], **more: Any) -> dict[str, list[str]]:
    bound = forms.bind(form, {}, post=sent, **more)
    bound.validate()
    return bound.errors
