"""Addresses of built assets. The build writes ``static/dist/manifest.json`` (entry → file and its integrity)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from flask import current_app, url_for
from markupsafe import Markup


@cache
def _manifest(folder: str) -> dict[str, dict[str, str]]:
    path = Path(folder) / "dist" / "manifest.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def asset(name: str) -> str:
    """The address of the entry ``name`` (``main.css``) under its hashed file name."""
    entry = _manifest(current_app.static_folder or "").get(name, {})
    return url_for("static", filename=f"dist/{entry.get('file', name)}")


def integrity(name: str) -> Markup:
    """The ``integrity`` attribute of an entry, or nothing when it was not built."""
    entry = _manifest(current_app.static_folder or "").get(name, {})
    return Markup(' integrity="{}"').format(entry["integrity"]) if entry.get("integrity") else Markup("")
