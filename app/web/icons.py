"""Inline icons. ``assets/icons.txt`` names them; the build writes ``static/dist/icons.json`` (name → inner SVG)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from flask import current_app
from markupsafe import Markup

_SVG = ('<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round" '
        'stroke-linejoin="round" aria-hidden="true" focusable="false">%s</svg>')


@cache
def _load(folder: str) -> dict[str, str]:
    path = Path(folder) / "dist" / "icons.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def icon(name: str) -> Markup:
    """The icon ``name`` as markup that screen readers skip. Unknown names give an empty picture."""
    drawn = _load(current_app.static_folder or "").get(name, "")
    return Markup(drawn if drawn.startswith("<svg") else _SVG % drawn)  # noqa: S704 - our own build output
