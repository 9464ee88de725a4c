"""The office's and the manager's pages in a real browser: accessible, no wider than the window, and usable."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.accounts.models import User
from app.engine import queries
from app.engine.models import Incident, ProcessInstance
from app.extensions import db
from tests.web.staff.office import NOW, Office, review

Open = Callable[..., Any]
Axe = Callable[[Any], list[str]]
MARK = {"field": "address", "label": "公司地址", "opinion": "請填寫樓層"}


@pytest.fixture
def visit(office: Office, live_server: str, new_page: Open) -> Open:
    """``visit(user, size)``: a page on which this person has logged in."""
    def enter(user: User, size: str = "desktop") -> Any:
        page = new_page(live_server, size)
        page.context.add_cookies([{**office.login(user).cookie, "url": live_server}])
        return page
    return enter


def fill(office: Office) -> dict[str, ProcessInstance]:
    """A case in every state that a page shows."""
    cases = {name: office.start(f"{title}股份有限公司", listed=name != "confirm",
                                at=NOW - timedelta(days=9) if name == "late" else None)
             for name, title in (("pool", "遠嶺軟體"), ("late", "瀚川資訊"), ("round", "青田系統整合"),
                                 ("confirm", "北斗資安"), ("done", "晨禾雲端"))}
    office.claim(cases["late"], office.reviewer)
    office.send(cases["done"], office.reviewer, review())
    office.send(cases["confirm"], office.reviewer, review(opinion="已查得登記公文。"))
    office.send(cases["round"], office.reviewer, review("correct", marks=[MARK]))
    corrected = office.values_of(cases["round"]) | {"address": "臺北市大安區復興南路一段390號3樓"}
    office.send(cases["round"], office.vendor, corrected)
    office.claim(cases["round"], office.reviewer)
    office.claim(cases["confirm"], office.approver)
    db.session.add(Incident(instance_id=cases["late"].id, task_id="0" * 36, node_id="check_registry", name="查核商業登記",
                            code="external.failure", message="商業登記系統沒有回應。", detail="timeout", opened_at=NOW))
    db.session.commit()
    return cases


def paths(office: Office) -> dict[str, list[str]]:
    cases = fill(office)
    task = {name: f"/staff/tasks/{office.item(case).id}" for name, case in cases.items() if name != "done"}
    tabs = [f"{task['round']}?tab={tab}" for tab in ("changes", "files", "checks")]
    every_case = [f"/staff/cases/{cases[name].id}" for name in ("round", "late", "done")]
    return {"reviewer": ["/staff/queue", "/staff/queue?tab=pool", "/staff/queue?tab=all&q=none", *tabs, "/staff/cases",
                         *(url for name, url in task.items() if name != "confirm")],
            "approver": [task["confirm"]],
            "manager": ["/manage", "/manage?package=all", "/manage?step=confirm_registration", "/manage/incidents",
                        "/manage/incidents?tab=closed", "/staff/packages", "/staff/packages/1", *every_case]}


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_pages_have_no_faults(office: Office, visit: Open, axe: Axe, size: str) -> None:
    found = []
    for role, urls in paths(office).items():
        page = visit(getattr(office, role), size)
        for url in urls:
            answer = page.goto(url)
            wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
            faults = [f"status {answer.status}"] * (answer.status != 200) + [f"{wide} px too wide"] * (wide > 0)
            found += [f"{size} {url}: {fault}" for fault in [*faults, *axe(page), *page.faults]]

    assert found == []


def test_reviewer_claims_judges_and_asks_for_corrections(office: Office, visit: Open, axe: Axe) -> None:
    case = office.start("晨禾雲端股份有限公司")
    page = visit(office.reviewer, "phone")

    page.goto("/staff/queue?tab=pool")
    page.click("text=領取")
    page.click("label:has([name=judge__address][value=revise])")
    page.click("text=請廠商修改")
    page.click("text=送出審核結果")
    refused = page.title(), axe(page)
    page.fill("[name=opinion__address]", "請填寫樓層")
    page.click("text=送出審核結果")
    page.wait_for_url("**/staff/queue")

    db.session.rollback()
    assert refused[0].startswith("錯誤：") and refused[1] == []
    sent = queries.latest_submission(db.session(), case.id, ["review_registration"])
    assert sent.values["marks"] == [MARK]
    assert queries.case(db.session(), case.id).phase == "註冊資料修改"


def test_manager_ticks_all_and_hands_them_over(office: Office, visit: Open) -> None:
    cases = [office.start(f"第{n}件有限公司") for n in range(3)]
    page = visit(office.manager)

    page.goto("/manage")
    page.check("[data-select-all]")
    counted = page.inner_text(".q-bulk b")
    page.select_option("[name=to]", str(office.second.id))
    page.click(".q-bulk .btn-primary")
    page.wait_for_selector("text=已將 3 件改派給 黃怡安。")

    assert counted == "勾選的 3 件"
    assert {office.item(case).assignee for case in cases} == {"黃怡安"}
