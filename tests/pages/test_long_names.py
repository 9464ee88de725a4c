"""Names without a space, as long as the form allows, and signs that read from the right: no page gets wider for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.pages.conftest import overflow
from tests.web.house import PASSWORD, House, Visitor

Open = Callable[..., Any]
LONG = {"company_name": "Supercalifragilisticexpialidocious" * 2 + "股份有限公司🎉مرحبا", "head_name": "W" * 50,
        "contact_name": "W" * 50, "contact_title": "T" * 50, "address": "A" * 200,
        "contact_email": f"{'long' * 15}@{'sub' * 15}.example.tw"}


@pytest.fixture
def watch(app: Flask, live_server: str, new_page: Open) -> Callable[[str], Any]:
    """``watch(account)``: a narrow phone on which this account has logged in."""
    def on_phone(account: str) -> Any:
        visitor = Visitor(app)
        visitor.log_in(account, PASSWORD)
        page = new_page(live_server, "phone")
        page.set_viewport_size({"width": 320, "height": 640})
        cookie = visitor.client.get_cookie("qiliu")
        page.context.add_cookies([{"name": "qiliu", "value": cookie.value if cookie else "", "url": live_server}])
        return page
    return on_phone


def widths(page: Any, *paths: str) -> dict[str, int]:
    found = {}
    for path in paths:
        page.goto(path)
        found[path] = overflow(page)
    return {path: wide for path, wide in found.items() if wide > 0}


def test_no_page_is_wider_than_a_phone(app: Flask, enter: Callable[[str], House], watch: Callable[[str], Any]) -> None:
    house = enter("published")
    house.person("reviewer")
    house.person("manager")
    Visitor(app).register(**LONG)
    house.run_jobs()
    item = house.items("review_registration")[0]
    case = f"/vendor/cases/{item.business_key}"

    vendor = watch(LONG["contact_email"])
    assert widths(vendor, "/vendor/", "/vendor/cases", case, f"{case}/withdraw", "/account", "/account/notices") == {}
    reviewer = watch("reviewer@office.example")
    assert widths(reviewer, "/staff/queue?tab=pool", f"/staff/tasks/{item.id}", f"/staff/cases/{item.instance_id}",
                  "/account/notices") == {}
    assert widths(watch("manager@office.example"), "/manage?step=review_registration", "/staff/cases") == {}
