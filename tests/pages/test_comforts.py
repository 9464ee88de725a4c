"""What scripts add: drafts that save themselves, the end of a session, single clicks. And that nothing needs them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from app import clock
from app.engine.models import Submission
from tests.web.house import COMPANY, SECRETS, House

Open = Callable[..., Any]


def task_of(house: House) -> str:
    return f"/tasks/{house.items('correct_registration')[0].id}"


def test_leaving_a_field_saves_the_draft_and_says_so(enter: Callable[[str], House], open_as_vendor: Open) -> None:
    house = enter("correcting")
    page = open_as_vendor()
    page.goto(task_of(house))
    assert page.locator("[data-saved] >> nth=0").is_hidden()

    page.fill("[name=contact_phone]", "02-5555-6666")
    page.press("[name=contact_phone]", "Tab")
    page.wait_for_selector("[data-saved]:has-text('已儲存')")

    page.reload()
    assert page.input_value("[name=contact_phone]") == "02-5555-6666"
    assert page.faults == []


def test_closing_the_page_keeps_what_was_typed(enter: Callable[[str], House], open_as_vendor: Open) -> None:
    house = enter("correcting")
    page = open_as_vendor()
    page.goto(task_of(house))

    page.locator("[name=contact_phone]").press_sequentially("9")
    page.goto("/vendor/")

    page.goto(task_of(house))
    assert page.input_value("[name=contact_phone]").startswith("9")


def test_a_double_click_sends_once(enter: Callable[[str], House], open_as_vendor: Open) -> None:
    house = enter("correcting")
    page = open_as_vendor()
    page.goto(task_of(house))
    page.click("text=檢查並送出")
    page.wait_for_url("**/check")

    page.dblclick("text=確認送出")

    page.wait_for_url("**/receipt")
    assert house.count(Submission) == 3            # registration, review, correction


def test_five_minutes_before_the_end_the_page_asks_and_goes_on(enter: Callable[[str], House], open_as_vendor: Open) -> None:
    enter("registered")
    page = open_as_vendor()
    page.clock.install()
    page.goto("/account")

    page.clock.fast_forward(115 * 60 * 1000 + 2000)
    dialog = page.locator("dialog#q-session")
    dialog.wait_for(state="visible")
    assert "登入時間剩" in dialog.inner_text()
    dialog.get_by_role("button", name="繼續作業").click()

    dialog.wait_for(state="hidden")
    assert page.locator("[data-session-seconds] >> nth=0").inner_text() == "120 分鐘"


def test_at_the_end_the_page_goes_to_the_login(enter: Callable[[str], House], open_as_vendor: Open,
                                               monkeypatch: Any) -> None:
    enter("registered")
    page = open_as_vendor()
    page.clock.install()
    page.goto("/account")

    monkeypatch.setattr(clock, "_frozen", clock.now() + timedelta(minutes=121))
    page.clock.fast_forward(121 * 60 * 1000)
    page.clock.run_for(2000)

    page.wait_for_selector("text=登入時間已到")


def test_the_consent_opens_when_its_end_was_read(enter: Callable[[str], House], live_server: str, new_page: Open) -> None:
    enter("published")
    page = new_page(live_server, "phone")
    page.goto("/register/consent")

    page.click("[data-consent-button]", force=True)
    assert page.url.endswith("/register/consent")
    page.locator("[data-consent]").press("End")
    page.wait_for_selector("[data-consent-button]:not([aria-disabled])")
    page.click("[data-consent-button]")

    page.wait_for_url("**/register")


def test_a_company_registers_without_scripts(enter: Callable[[str], House], live_server: str, new_page: Open) -> None:
    enter("published")
    page = new_page(live_server, java_script_enabled=False)
    page.goto("/")
    page.click("text=尚無帳號，註冊廠商")
    page.click("button:has-text('我已閱讀並同意')")
    for name, value in {**COMPANY, "password": SECRETS["password"], "confirm": SECRETS["confirm"]}.items():
        page.fill(f"[name={name}]", value)
    page.check("[name=consent]")
    page.click("text=送出註冊")

    assert page.url.endswith("/vendor/")
    assert page.inner_text("h1") == "註冊資料尚在審核中"


def test_a_correction_is_made_without_scripts(enter: Callable[[str], House], open_as_vendor: Open) -> None:
    house = enter("correcting")
    page = open_as_vendor("phone", java_script_enabled=False)
    page.goto(task_of(house))
    page.fill("[name=contact_phone]", "02-5555-6666")
    page.click("text=暫存")
    page.click("text=檢查並送出")
    page.click("text=確認送出")

    assert page.url.endswith("/receipt")
