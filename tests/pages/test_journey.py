"""The whole way of a registration in a real browser, with real web, worker and scheduler processes.

A company registers (first with a mistake), a reviewer asks for a correction, the company corrects, the
reviewer approves, an approver confirms because the registry does not know the company, and the company
works. Every page on the way is judged at both sizes and photographed (``QILIU_TEST_SHOTS`` keeps the pictures).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.config import Config
from tests.conftest import SIZES
from tests.web.house import COMPANY, PASSWORD, SECRETS, House

Axe = Callable[[Any], list[str]]
Open = Callable[..., Any]
REFUSED = "Failed to load resource"          # what a browser says of a 422 it shows
OPINION = "請補分機號碼。"


class Person:
    """Somebody at a browser, with a camera: ``look`` judges and photographs the page they are on."""

    def __init__(self, page: Any, axe: Axe, folder: Path) -> None:
        self.page, self._axe, self._folder = page, axe, folder
        self.faults: list[str] = []

    def look(self, name: str) -> None:
        for size, (width, height) in SIZES.items():
            self.page.set_viewport_size({"width": width, "height": height})
            found = [*self._axe(self.page), *self._console()]
            if self._overflow() > 0:
                found.append(f"{self._overflow()} px wider than the window")
            self.faults += [f"{name} {size}: {fault}" for fault in found]
            self.page.screenshot(path=self._folder / f"{name}-{size}.png", full_page=True)
        self.page.set_viewport_size(dict(zip(("width", "height"), SIZES["desktop"], strict=True)))

    def log_in(self, account: str) -> None:
        self.page.goto("/")
        self.page.fill("[name=account]", account)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("main button:has-text('登入')")
        self.page.wait_for_url(re.compile("/(staff/queue|vendor/)$"))

    def press(self, words: str) -> None:
        self.page.click(f"main button:has-text('{words}')")

    def follow(self, words: str) -> None:
        self.page.click(f"main a:has-text('{words}')")

    def wait_for(self, words: str) -> None:
        """Reload until the background processes have done their part."""
        for _ in range(60):
            if self.page.locator(f"main >> text={words}").count():
                return
            self.page.wait_for_timeout(250)
            self.page.reload()
        raise TimeoutError(words)

    def _console(self) -> list[str]:
        found = [fault for fault in self.page.faults if not fault.startswith(REFUSED)]
        self.page.faults.clear()
        return found

    def _overflow(self) -> int:
        return int(self.page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    folder = Path(os.environ.get("QILIU_TEST_SHOTS", tmp_path / "shots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def people(enter: Callable[[str], House], config: Config, stack: Any, new_page: Open, axe: Axe, shots: Path) -> Any:
    """``people()``: a person at a browser of their own; the house is open for business."""
    house = enter("published")
    for role in ("reviewer", "approver", "manager"):
        house.person(role)
    stack.start("web", "worker", "scheduler")
    return lambda: Person(new_page(stack.url), axe, shots)


def test_a_company_registers_corrects_is_approved_and_works(people: Callable[[], Person], config: Config) -> None:
    vendor, reviewer, approver, manager = (people() for _ in range(4))

    register(vendor)
    ask_for_correction(reviewer)
    correct(vendor)
    approve(reviewer)
    look_after(manager)
    confirm(approver)
    work(vendor)

    assert vendor.faults + reviewer.faults + approver.faults + manager.faults == []
    letters = sorted(path.name.split("-vendor-registration-")[-1] for path in config.mail_dir.glob("*.eml"))
    assert [sum(letter.startswith(kind) for letter in letters) for kind in ("received", "correction", "approved")] == [2, 1, 1]


def register(vendor: Person) -> None:
    page = vendor.page
    page.goto("/")
    vendor.look("01-login")
    vendor.follow("尚無帳號，註冊廠商")
    page.locator("[data-consent]").evaluate("box => box.scrollTop = box.scrollHeight")
    page.wait_for_selector("[data-consent-button]:not([aria-disabled])")
    vendor.look("02-consent")
    vendor.press("我已閱讀並同意")
    for name, value in {**COMPANY, "tax_id": "12345678"}.items():
        page.fill(f"[name={name}]", value)
    page.fill("[name=password]", "too-weak")
    page.fill("[name=confirm]", "too-weak")
    page.check("[name=consent]")
    vendor.press("送出註冊")
    page.wait_for_selector(".q-errsum:focus")
    assert page.title().startswith("錯誤：") and "統一編號檢查碼不符" in page.inner_text(".q-errsum")
    assert page.input_value("[name=company_name]") == COMPANY["company_name"]
    vendor.look("03-register-refused")
    page.fill("[name=tax_id]", COMPANY["tax_id"])
    page.fill("[name=password]", SECRETS["password"])
    page.fill("[name=confirm]", SECRETS["confirm"])
    vendor.press("送出註冊")
    page.wait_for_url("**/vendor/")
    assert page.inner_text("h1") == "註冊資料尚在審核中"
    vendor.wait_for("註冊資料_")
    vendor.look("04-pending")


def ask_for_correction(reviewer: Person) -> None:
    page = reviewer.page
    reviewer.log_in("reviewer@office.example")
    page.goto("/staff/queue?tab=pool")
    reviewer.wait_for(COMPANY["company_name"])
    reviewer.look("05-pool")
    reviewer.press("領取")
    page.wait_for_url("**/staff/tasks/*")
    reviewer.look("06-review")
    page.check("[name=judge__contact_phone][value=revise]", force=True)
    page.fill("[name=opinion__contact_phone]", OPINION)
    page.check("[name=outcome][value=approve]")
    reviewer.press("送出審核結果")
    page.wait_for_selector(".q-errsum")
    reviewer.look("07-review-refused")
    page.check("[name=outcome][value=correct]")
    reviewer.press("送出審核結果")
    page.wait_for_url("**/staff/queue")
    reviewer.look("08-queue-empty")


def correct(vendor: Person) -> None:
    page = vendor.page
    page.goto("/vendor/")
    vendor.wait_for("前往修改")
    vendor.look("09-correction-asked")
    vendor.follow("前往修改")
    assert OPINION in page.inner_text("main") and not page.locator("[name=company_name]").count()
    page.fill("[name=contact_phone]", "02-5555-6666#7")
    vendor.look("10-correct")
    vendor.press("檢查並送出")
    page.wait_for_url("**/check")
    vendor.look("11-check")
    page.dblclick("main button:has-text('確認送出')")
    page.wait_for_url("**/receipt")
    vendor.look("12-receipt")


def approve(reviewer: Person) -> None:
    page = reviewer.page
    page.goto("/staff/queue?tab=pool")
    reviewer.wait_for(COMPANY["company_name"])
    reviewer.press("領取")
    page.wait_for_url("**/staff/tasks/*")
    assert "02-5555-6666#7" in page.inner_text("main")
    reviewer.look("13-second-review")
    page.check("[name=outcome][value=approve]")
    for box in page.locator("[name=checked]").all():
        box.check()
    reviewer.press("送出審核結果")
    page.wait_for_url("**/staff/queue")


def look_after(manager: Person) -> None:
    page = manager.page
    manager.log_in("manager@office.example")
    page.goto("/manage?step=confirm_registration")
    manager.wait_for(COMPANY["company_name"])
    manager.look("14-board")
    page.goto("/staff/cases")
    manager.look("15-cases")
    manager.follow(COMPANY["company_name"])
    page.wait_for_url("**/staff/cases/*")
    manager.look("16-case")


def confirm(approver: Person) -> None:
    page = approver.page
    approver.log_in("approver@office.example")
    page.goto("/staff/queue?tab=pool")
    approver.wait_for(COMPANY["company_name"])
    approver.press("領取")
    page.wait_for_url("**/staff/tasks/*")
    page.check("[name=agree][value=agree]")
    approver.look("17-confirm")
    approver.press("確認送出")
    page.wait_for_url("**/staff/queue")


def work(vendor: Person) -> None:
    page = vendor.page
    page.goto("/vendor/")
    vendor.wait_for("您好")
    vendor.look("18-home")
    page.goto("/vendor/tenders")
    page.click("main button:has-text('切換標案') >> nth=0")
    page.wait_for_selector("text=目前標案改為")
    vendor.look("19-tenders")
    page.goto("/account/notices")
    vendor.wait_for("通過")
    vendor.look("20-notices")
    page.goto("/vendor/cases")
    page.click("tbody a")
    page.wait_for_selector("text=歷程")
    vendor.look("21-case")
