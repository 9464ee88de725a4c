"""The vendor's cases, papers and tenders; nothing of another company can be seen."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from app.actor import SYSTEM
from app.demo.notices import load_notices
from app.extensions import unit_of_work
from app.files.models import StoredFile
from tests.web.house import COMPANY, House, Visitor


def number_of(visitor: Visitor) -> str:
    found = re.search(r"R-\d{7}-\d{3}", visitor.get("/vendor/").text)
    assert found is not None
    return found[0]


def test_a_case_tells_its_state_history_and_what_was_sent(registered: Visitor) -> None:
    number = number_of(registered)

    text = registered.get(f"/vendor/cases/{number}").text

    assert "目前狀態<b>「審核中」</b>" in text
    assert "送出註冊" in text
    assert COMPANY["address"] in text
    assert f"註冊資料_{number}.pdf" in text
    assert number in registered.get("/vendor/cases").text


def test_the_vendors_history_has_no_machinery_and_no_officers_name(house: House, correcting: Visitor) -> None:
    text = correcting.get(f"/vendor/cases/{number_of(correcting)}").text

    assert "初審：註冊資料修改" in text
    assert "聯絡人電話：請補分機。" in text
    assert "軟體採購辦公室" in text
    for inside in ("審核人員甲", "比對重複註冊", "系統判定", "通知審核人員"):
        assert inside not in text


def test_a_paper_is_downloaded_under_our_name_with_safe_headers(registered: Visitor) -> None:
    number = number_of(registered)
    link = re.search(r'href="(/files/\d+)"', registered.get(f"/vendor/cases/{number}").text)
    assert link is not None

    saved, shown = registered.get(link[1]), registered.get(f"{link[1]}?view=1")

    assert saved.data.startswith(b"%PDF")
    assert saved.headers["Content-Disposition"].startswith("attachment;")
    assert number in saved.headers["Content-Disposition"]
    assert saved.headers["X-Content-Type-Options"] == "nosniff"
    assert saved.headers["Cache-Control"] == "no-store"
    assert shown.headers["Content-Disposition"].startswith("inline;")


def test_another_companys_case_and_papers_do_not_exist(house: House, registered: Visitor, app: Flask) -> None:
    number = number_of(registered)
    other = Visitor(app)
    other.register(tax_id="16578128", contact_email="other@example.com")

    assert house.count(StoredFile) == 1
    for path in (f"/vendor/cases/{number}", f"/vendor/cases/{number}/withdraw", "/files/1", "/vendor/cases/R-0000000-000"):
        assert other.get(path).status_code == 404
    assert number not in other.get("/vendor/cases").text


def test_an_applicant_withdraws_before_the_review_and_applies_again(house: House, registered: Visitor) -> None:
    number = number_of(registered)

    registered.get(f"/vendor/cases/{number}/withdraw")
    registered.post(f"/vendor/cases/{number}/withdraw")
    house.run_jobs()

    assert "案件已撤回" in registered.page.text
    assert "註冊申請已撤回" in registered.get("/vendor/").text
    registered.get("/vendor/reapply")
    assert f'value="{COMPANY["company_name"]}"' in registered.page.text
    page = registered.post("/vendor/reapply", COMPANY)
    house.run_jobs()
    assert "註冊資料尚在審核中" in page.text
    assert number_of(registered) != number


def test_withdrawing_twice_is_once(registered: Visitor) -> None:
    number = number_of(registered)
    registered.get(f"/vendor/cases/{number}/withdraw")
    data = registered.hidden()

    answers = [registered.client.post(f"/vendor/cases/{number}/withdraw", data=data).status_code for _ in range(2)]

    assert answers == [303, 303]


def test_after_the_review_nothing_is_withdrawn(correcting: Visitor) -> None:
    number = number_of(correcting)

    page = correcting.get(f"/vendor/cases/{number}/withdraw")

    assert "現在不能撤回" in page.text
    assert correcting.path == f"/vendor/cases/{number}"


def test_a_bad_reapplication_is_refused_beside_its_field(house: House, registered: Visitor) -> None:
    registered.get(f"/vendor/cases/{number_of(registered)}/withdraw")
    registered.post(registered.path)
    registered.get("/vendor/reapply")

    page = registered.post("/vendor/reapply", {**COMPANY, "contact_mobile": "1"})

    assert page.status_code == 422
    assert 'href="#f-contact_mobile"' in page.text


def test_reapplying_is_not_open_while_under_review(registered: Visitor) -> None:
    assert registered.get("/vendor/reapply").request.path == "/vendor/"


def test_a_rejection_shows_its_reason(house: House, registered: Visitor) -> None:
    house.office_completes("review_registration", {"outcome": "reject", "marks": [], "opinion": "統一編號已解散。"},
                           house.person("reviewer"))
    if house.items("confirm_registration"):
        house.office_completes("confirm_registration", {"agree": "agree"}, house.person("approver"))
    house.run_jobs()

    text = registered.get("/vendor/").text

    assert "註冊申請已駁回" in text
    assert "統一編號已解散。" in text
    assert "修改資料並重新申請" in text


def test_an_approved_vendor_sees_the_whole_menu(approved: Visitor) -> None:
    text = approved.get("/vendor/").text

    assert "林芷涵，您好" in text
    assert "沒有待辦事項" in text
    assert "/vendor/tenders" in text


@pytest.fixture
def tenders(app: Flask, approved: Visitor) -> None:
    with app.app_context(), unit_of_work(SYSTEM) as uow:
        load_notices(uow.session, uow.now)


def test_tenders_say_whether_they_are_open_and_one_is_the_present_one(tenders: None, approved: Visitor) -> None:
    page = approved.get("/vendor/tenders")
    assert "填寫中" in page.text
    assert "已截止" in page.text
    assert "<b>1150202</b> · 雲端服務" in page.text

    approved.post("/vendor/tenders/9/select")

    assert "目前標案改為" in approved.page.text
    assert "<b>1150202</b>" not in approved.page.text
    assert approved.post("/vendor/tenders/999/select").status_code == 404


def test_people_of_the_office_find_nothing_behind_the_vendors_door(house: House, vendor: Visitor) -> None:
    house.person("reviewer")
    vendor.log_in("reviewer@office.example")

    assert vendor.get("/vendor/").status_code == 404
    assert vendor.get("/vendor/tenders").status_code == 404
