"""A house in a state, behind a real port, for a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.actor import SYSTEM
from app.demo.notices import load_notices
from app.extensions import unit_of_work
from tests.web.house import COMPANY, PASSWORD, House, Stages
from tests.web.house_fixtures import config, stages

__all__ = ["config", "stages"]

Open = Callable[..., Any]


@pytest.fixture
def enter(app: Flask, stages: Stages) -> Callable[[str], House]:
    """``enter("registered")``: put the house into a state, with tenders and announcements."""
    def into(stage: str) -> House:
        stages.enter(stage, app)
        with app.app_context(), unit_of_work(SYSTEM) as uow:
            load_notices(uow.session, uow.now)
        return House(app)
    return into


@pytest.fixture
def open_as_vendor(live_server: str, new_page: Open) -> Open:
    """A page on which the vendor has logged in."""
    def log_in(size: str = "desktop", **options: Any) -> Any:
        page = new_page(live_server, size, **options)
        page.goto("/")
        page.fill("[name=account]", COMPANY["contact_email"])
        page.fill("[name=password]", PASSWORD)
        page.click("main button:has-text('登入')")
        page.wait_for_url("**/vendor/")
        return page
    return log_in


def overflow(page: Any) -> int:
    """By how many pixels the page is wider than its window."""
    return int(page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"))
