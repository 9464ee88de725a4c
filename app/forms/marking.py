"""The few marks of Markdown that explanatory texts in a form may use. Everything is escaped first."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from app.forms.logic import Scope, fill, holes

_BOLD = re.compile(r"\*\*([^*\n]+)\*\*")
_LINK = re.compile(r"\[([^\]\n]+)\]\((https?://[^\s()<>]+|/[^\s()<>/][^\s()<>]*)\)")
_BLOCK = re.compile(r"\n\s*\n")
_HEADING = re.compile(r"#{1,6}\s+(.+)")
_ITEM = re.compile(r"[-*]\s+(.+)")
_GAP = "\ue000{}\ue001"


def render(text: str, scope: Scope) -> Markup:
    """Headings, lists, bold and links as HTML.

    ``{{…}}`` is put in as plain text after the marks are read, so that no value brings marks or tags of its own.
    """
    fillings = []
    text = text.replace("\ue000", "").replace("\ue001", "").replace("\r\n", "\n")
    for number, hole in enumerate(holes(text)):
        whole = re.compile(r"\{\{\s*" + re.escape(hole) + r"\s*\}\}", re.DOTALL)
        text = whole.sub(_GAP.format(number), text, count=1)
        fillings.append(escape(fill("{{" + hole + "}}", scope)))
    html = "".join(_block(block.strip()) for block in _BLOCK.split(text) if block.strip())
    for number, filling in enumerate(fillings):
        html = html.replace(_GAP.format(number), filling)
    return Markup(html)  # noqa: S704  every part was escaped above


def _block(block: str) -> str:
    lines = block.split("\n")
    if len(lines) == 1 and (heading := _HEADING.fullmatch(block)):
        return f"<h3>{_inline(heading[1])}</h3>"
    items = [_ITEM.fullmatch(line.strip()) for line in lines]
    if all(items):
        return "<ul>" + "".join(f"<li>{_inline(item[1])}</li>" for item in items if item) + "</ul>"
    return "<p>" + "<br>".join(_inline(line) for line in lines) + "</p>"


def _inline(text: str) -> str:
    html = str(escape(text))
    html = _LINK.sub(lambda found: f'<a href="{found[2]}">{found[1]}</a>', html)
    return _BOLD.sub(r"<strong>\1</strong>", html)
