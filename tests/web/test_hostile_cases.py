"""Cases that change under the hands of people: cancelled by a manager, corrected, taken over by a colleague."""

from __future__ import annotations

import pytest
from flask import Flask

from app.engine.models import WorkItem
from app.extensions import db, unit_of_work
from app.notify.models import Message
from tests.web.house import COMPANY, MARKS, PASSWORD, House, Visitor
from tests.web.house_fixtures import config, correcting, house, registered, stages, task, vendor

__all__ = ["config", "correcting", "house", "registered", "stages", "task", "vendor"]


def office(house: House, role: str) -> Visitor:
    house.person(role, f"{role}.two@office.example")
    visitor = Visitor(house.app)
    visitor.log_in(f"{role}.two@office.example", PASSWORD)
    return visitor


def cancel(house: House, reason: str) -> None:
    manager = office(house, "manager")
    manager.get("/staff/cases/1")
    manager.post("/staff/cases/1/cancel", {"reason": reason})


def test_a_company_whose_case_was_cancelled_is_told_and_may_apply_again(house: House, registered: Visitor) -> None:
    cancel(house, "與 R-1 重複")

    home = registered.get("/vendor/").text
    assert "註冊申請已取消" in home and "與 R-1 重複" in home and "審核中</span>" not in home
    registered.get("/vendor/reapply")
    registered.post("/vendor/reapply", COMPANY)
    assert "註冊資料尚在審核中" in registered.get("/vendor/").text
    with house.app.app_context():
        letters = [m for m in db.session.query(Message) if m.template == "cases/cancelled.txt"]
    assert [m.email for m in letters] == [COMPANY["contact_email"]] and "與 R-1 重複" in letters[0].body


def test_a_cancelled_correction_can_be_applied_for_again(house: House, correcting: Visitor, task: str) -> None:
    page = correcting.get(task)
    cancel(house, "資料過期")

    assert correcting.post(task, {"contact_phone": "02-5555-6666"}, follow=False).status_code == 409
    assert page.status_code == 200
    assert correcting.get("/vendor/reapply").request.path == "/vendor/reapply"


def test_a_case_goes_on_under_the_corrected_name(house: House, correcting: Visitor, task: str) -> None:
    correcting.get(task)
    correcting.post(task, {"company_name": "晨禾雲端科技股份有限公司", "contact_phone": "02-5555-6666"})
    correcting.post(f"{task}/send")
    house.run_jobs()

    assert house.items("review_registration")[-1].title == "晨禾雲端科技股份有限公司"
    assert "晨禾雲端科技股份有限公司" in correcting.get("/vendor/cases").text


@pytest.mark.parametrize("action", ["send", "save"])
def test_what_a_reviewer_typed_stays_on_the_page_when_a_colleague_was_faster(
        app: Flask, house: House, registered: Visitor, action: str) -> None:
    late, other = office(house, "reviewer"), house.person("reviewer")
    item = house.items("review_registration")[0]
    late.get(f"/staff/tasks/{item.id}")
    late.post(f"/staff/tasks/{item.id}/claim")
    form = late.hidden()
    with app.app_context(), unit_of_work(_actor(other)) as uow:
        found = uow.session.get(WorkItem, item.id)
        found.assignee_id, found.assignee, found.version = other.id, "林承辦", found.version + 1

    answer = late.post(f"/staff/tasks/{item.id}", {**form, "do": action, "outcome": "correct", "opinion": "說明" * 400,
                                                   f"judge__{MARKS[0]['field']}": "revise",
                                                   f"opinion__{MARKS[0]['field']}": "請補分機，並確認總機號碼。"})

    assert answer.status_code == 409
    assert "林承辦" in answer.text
    assert "請補分機，並確認總機號碼。" in answer.text and "說明" * 400 in answer.text


def _actor(user: object) -> object:
    from app.accounts.queries import actor_of
    return actor_of(user)


def test_a_draft_that_is_cut_says_so(correcting: Visitor, task: str) -> None:
    correcting.get(task)
    megabyte = {"contact_phone": "長" * 350_000}

    assert "超過 100,000 字的部分沒有保留" in correcting.post(f"{task}/draft", megabyte, follow=False).text
    assert "超過 100,000 字的部分沒有保留" in correcting.post(task, {**megabyte, "action": "save"}).text
    assert "超過 40 字，請刪減" in correcting.post(task, megabyte).text


def test_a_form_whose_token_is_gone_shows_what_was_typed_in_words(correcting: Visitor, task: str) -> None:
    correcting.get(task)

    page = correcting.post(task, {"csrf_token": "old", "contact_phone": "02-5555-6666", "key": "machine"}, follow=False)

    assert page.status_code == 400
    assert "聯絡人電話" in page.text and "02-5555-6666" in page.text
    assert "contact_phone" not in page.text and "machine" not in page.text
