"""The tools that page tests stand on: a real browser, a real port, axe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_the_first_page_opens_without_a_fault(live_server: str, new_page: Callable[..., Any],
                                              axe: Callable[[Any], list[str]]) -> None:
    page = new_page(live_server, size="phone")

    page.goto("/")

    assert page.faults == []
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_policy_stops_inline_script(live_server: str, new_page: Callable[..., Any]) -> None:
    page = new_page(live_server)
    page.goto("/")

    page.evaluate("() => { const s = document.createElement('script'); s.textContent = 'window.ran = 1';"
                  " document.body.append(s) }")

    assert page.evaluate("window.ran") is None
    assert any("Content Security Policy" in fault for fault in page.faults)
