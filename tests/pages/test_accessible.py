"""Every page of the public and of vendors at both sizes: no fault of axe, no sideways scrolling, no console error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.pages.conftest import overflow
from tests.web.house import House

PUBLIC = ("/", "/announcements", "/announcements/1", "/privacy", "/accessibility", "/manuals", "/manuals/tasks",
          "/register/consent", "/password/forgot", "/password/forgot/sent")
ACCOUNT = ("/account", "/account/password", "/account/notices")
STAGES = {
    "registered": ("/vendor/", "/vendor/cases", "/vendor/tasks", *ACCOUNT),
    "correcting": ("/vendor/", "/vendor/tasks", "/account"),
    "approved": ("/vendor/", "/vendor/tenders", "/vendor/tasks", "/vendor/cases", *ACCOUNT),
}
REFUSED = "Failed to load resource"          # what a browser says of a 404 or 422 it shows

Axe = Callable[[Any], list[str]]
Open = Callable[..., Any]


def faults(page: Any, axe: Axe) -> list[str]:
    found = [*axe(page), *(fault for fault in page.faults if not fault.startswith(REFUSED))]
    if overflow(page) > 0:
        found.append(f"wider than the window by {overflow(page)} px")
    return [f"{page.url}: {fault}" for fault in found]


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_public_pages_have_no_faults(enter: Callable[[str], House], live_server: str, new_page: Open, axe: Axe,
                                     size: str) -> None:
    enter("published")
    page = new_page(live_server, size)
    found = []
    for path in (*PUBLIC, "/nothing", "/password/reset/used"):
        page.goto(path)
        found += faults(page, axe)

    assert found == []


@pytest.mark.parametrize("size", ["desktop", "phone"])
@pytest.mark.parametrize("stage", list(STAGES))
def test_vendor_pages_have_no_faults(enter: Callable[[str], House], open_as_vendor: Open, axe: Axe, stage: str,
                                     size: str) -> None:
    enter(stage)
    page = open_as_vendor(size)
    found = []
    for path in STAGES[stage]:
        page.goto(path)
        found += faults(page, axe)
    page.goto("/vendor/cases")
    page.click("tbody a")
    found += faults(page, axe)

    assert found == []


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_forms_with_errors_have_no_faults_and_take_the_focus(enter: Callable[[str], House], live_server: str, new_page: Open,
                                                              axe: Axe, size: str) -> None:
    enter("published")
    page = new_page(live_server, size)
    page.goto("/register/consent")
    page.locator("[data-consent]").evaluate("box => box.scrollTop = box.scrollHeight")
    page.click("[data-consent-button]:not([aria-disabled])")
    found = faults(page, axe)
    page.click("text=送出註冊")

    page.wait_for_selector(".q-errsum:focus")
    assert page.title().startswith("錯誤：")
    assert found + faults(page, axe) == []
    page.click(".q-errsum a >> nth=0")
    page.wait_for_selector("#f-tax_id:focus")


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_task_from_form_to_receipt_has_no_faults(enter: Callable[[str], House], open_as_vendor: Open, axe: Axe,
                                                   size: str) -> None:
    house = enter("correcting")
    page = open_as_vendor(size)
    page.goto(f"/tasks/{house.items('correct_registration')[0].id}")
    found = faults(page, axe)
    page.fill("[name=contact_phone]", "1")
    page.click("text=檢查並送出")
    found += faults(page, axe)
    page.fill("[name=contact_phone]", "02-1234-5678#9")
    page.click("text=檢查並送出")
    page.wait_for_url("**/check")
    found += faults(page, axe)
    page.click("text=確認送出")
    page.wait_for_url("**/receipt")
    found += faults(page, axe)
    page.goto(page.url.removesuffix("/receipt"))
    found += faults(page, axe)

    assert found == []


def test_the_bar_is_reached_and_left_by_keyboard(enter: Callable[[str], House], open_as_vendor: Open) -> None:
    enter("approved")
    page = open_as_vendor()
    page.keyboard.press("Tab")

    assert page.evaluate("() => document.activeElement.textContent") == "跳到主要內容"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")


def test_the_phone_menu_leads_everywhere_and_out(enter: Callable[[str], House], open_as_vendor: Open) -> None:
    enter("approved")
    page = open_as_vendor("phone")

    page.click("details.q-menu > summary")
    assert page.locator(".q-menu__box a").all_inner_texts() == ["首頁", "標案管理", "待辦事項", "申請案件", "帳號管理"]
    page.click(".q-menu__box button:has-text('登出')")

    page.wait_for_url("**/")
    assert page.locator("h2:has-text('登入')").is_visible()


@pytest.mark.parametrize("path", ["/vendor/", "/vendor/tasks", "/account"])
def test_twice_the_text_size_loses_nothing(enter: Callable[[str], House], open_as_vendor: Open, path: str) -> None:
    enter("approved")
    page = open_as_vendor()
    page.set_viewport_size({"width": 720, "height": 450})         # 1440 x 900 at 200 %
    page.goto(path)

    assert overflow(page) <= 0
