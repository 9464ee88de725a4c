"""Small things that lists share: numbers out of addresses, and addresses with one part changed."""

from __future__ import annotations

from flask import request, url_for

from app.web.asked import page_arg

__all__ = ["here", "here_page", "page_arg", "text_arg"]

_LONGEST = 100


def text_arg(name: str, allowed: frozenset[str] | None = None) -> str:
    """A filter from the address, trimmed; empty when it is missing or not ``allowed``."""
    value = request.args.get(name, "").strip()[:_LONGEST]
    return value if allowed is None or value in allowed else ""


def here(**changes: object) -> str:
    """This list's address with some filters changed; the page starts at 1 again unless it is given."""
    kept = {key: value for key, value in request.args.items() if value and key != "page"}
    return url_for(str(request.endpoint), **{**(request.view_args or {}), **kept, **changes})


def here_page(number: int) -> str:
    """This list's address on another page."""
    return here(page=number)
