"""One task in the browser: drafts that nothing refuses, checks, one sending, and readable conflicts."""

from __future__ import annotations

import pytest
from flask import Flask

from app.engine.models import Submission
from tests.web.house import House, Visitor

RIGHT = {"contact_phone": "02-1234-5678#9", "company_name": "晨禾雲端股份有限公司臺北分公司"}


def fill(visitor: Visitor, task: str, **values: str) -> None:
    """Open, fill in, and come to the check page."""
    visitor.get(task)
    visitor.post(task, {**RIGHT, **values, "action": "check"})


def test_only_marked_fields_are_open_and_carry_their_opinion(correcting: Visitor, task: str) -> None:
    text = correcting.get(task).text

    assert 'name="contact_phone"' in text
    assert 'name="tax_id"' not in text
    assert "請補分機。" in text
    assert 'value="02-1234-5678#123"' in text


def test_a_closed_field_cannot_be_changed_by_a_forged_form(house: House, correcting: Visitor, task: str) -> None:
    fill(correcting, task, tax_id="16578128", head_name="別人")

    assert "16578128" not in correcting.page.text
    assert "別人" not in correcting.page.text


def test_a_draft_is_kept_as_typed_and_never_refused(correcting: Visitor, task: str) -> None:
    correcting.get(task)
    page = correcting.post(task, {"contact_phone": "還沒想好 <b>", "company_name": "", "action": "save"})

    assert page.status_code == 200
    assert 'value="還沒想好 &lt;b&gt;"' in page.text
    assert "已儲存" in page.text
    assert "個地方要修正" not in page.text


def test_background_saving_answers_the_time(correcting: Visitor, task: str) -> None:
    correcting.get(task)
    answer = correcting.post(f"{task}/draft", {"contact_phone": "02"}, follow=False)

    assert answer.mimetype == "text/plain"
    assert answer.text.startswith("已儲存 ")
    assert 'value="02"' in correcting.get(task).text


def test_errors_are_listed_and_the_text_is_kept(correcting: Visitor, task: str) -> None:
    fill(correcting, task, contact_phone="1234")

    assert correcting.page.status_code == 422
    assert "有 1 個地方要修正" in correcting.page.text
    assert 'value="1234"' in correcting.page.text
    assert "<title>錯誤：修改註冊資料" in correcting.page.text
    assert RIGHT["company_name"] in correcting.get(task).text


def test_the_check_page_shows_what_changed_and_sends_it(house: House, correcting: Visitor, task: str) -> None:
    fill(correcting, task)
    assert correcting.path == f"{task}/check"
    assert RIGHT["company_name"] in correcting.page.text
    assert "<ins>" in correcting.page.text

    correcting.post(f"{task}/send")

    assert correcting.path == f"{task}/receipt"
    assert "R-" in correcting.page.text
    assert house.items("correct_registration")[0].status == "done"


def test_the_receipt_offers_the_pdf_when_it_is_ready(house: House, correcting: Visitor, task: str) -> None:
    fill(correcting, task)
    correcting.post(f"{task}/send")
    assert "製作中" in correcting.page.text

    house.run_jobs()

    assert "下載送出內容 PDF" in correcting.get(f"{task}/receipt").text


def test_a_double_click_sends_once_and_ends_at_the_receipt(house: House, correcting: Visitor, task: str) -> None:
    fill(correcting, task)
    data = correcting.hidden()

    answers = [correcting.client.post(f"{task}/send", data=data) for _ in range(2)]

    assert [answer.headers["Location"] for answer in answers] == [f"{task}/receipt"] * 2
    assert house.count(Submission) == 3            # registration, review, correction


def test_the_back_button_after_sending_says_that_it_was_sent(correcting: Visitor, task: str) -> None:
    fill(correcting, task)
    correcting.post(f"{task}/send")

    assert "林芷涵 已在" in correcting.get(task).text
    assert correcting.get(f"{task}/check").request.path == task


def test_a_second_tab_is_told_who_sent_and_keeps_its_text(house: House, correcting: Visitor, task: str, app: Flask) -> None:
    correcting.get(task)
    second_tab = {**correcting.hidden(), "contact_phone": "02-9999-9999", "company_name": "第二個分頁", "action": "check"}
    fill(correcting, task)
    correcting.post(f"{task}/send")

    page = correcting.client.post(task, data=second_tab)

    assert page.status_code == 409
    assert "林芷涵 已在" in page.text
    assert "第二個分頁" in page.text


def test_a_late_background_save_is_refused_in_words(correcting: Visitor, task: str) -> None:
    correcting.get(task)
    late = {**correcting.hidden(), "contact_phone": "02"}
    fill(correcting, task)
    correcting.post(f"{task}/send")

    answer = correcting.client.post(f"{task}/draft", data=late)

    assert answer.status_code == 409
    assert answer.mimetype == "text/plain"


def test_what_another_tab_changed_after_the_check_is_not_sent(house: House, correcting: Visitor, task: str) -> None:
    fill(correcting, task)
    shown = correcting.hidden()
    fill(correcting, task, company_name="另一個分頁的名稱")

    answer = correcting.client.post(f"{task}/send", data=shown, follow_redirects=True)

    assert answer.request.path == f"{task}/check"
    assert "內容在另一個分頁改過，還沒有送出" in answer.text
    assert house.items("correct_registration")[0].status == "open"


def test_an_old_page_of_a_task_that_moved_on_is_refused(house: House, correcting: Visitor, task: str) -> None:
    fill(correcting, task)
    old = {**correcting.hidden(), "version": "0"}

    answer = correcting.client.post(f"{task}/send", data=old)

    assert answer.status_code == 409
    assert house.items("correct_registration")[0].status == "open"


def test_another_companys_task_does_not_exist(correcting: Visitor, task: str, app: Flask) -> None:
    other = Visitor(app)
    other.register(tax_id="16578128", contact_email="other@example.com")

    for path in (task, f"{task}/check", f"{task}/receipt"):
        assert other.get(path).status_code == 404
    other.get("/vendor/")
    for path in (task, f"{task}/draft", f"{task}/send"):
        assert other.post(path, {"version": "1"}).status_code == 404


def test_a_receipt_exists_only_for_what_was_sent(correcting: Visitor, task: str) -> None:
    assert correcting.get(f"{task}/receipt").status_code == 404


def test_tasks_are_listed_with_their_deadline(correcting: Visitor, task: str) -> None:
    assert task in correcting.get("/vendor/tasks").text
    assert "個工作天" in correcting.page.text
    fill(correcting, task)
    correcting.post(f"{task}/send")
    assert f"{task}/receipt" in correcting.get("/vendor/tasks").text


@pytest.mark.parametrize("size", [60_000, 1_000_000])
def test_long_text_is_refused_with_its_length_and_kept(correcting: Visitor, task: str, size: int) -> None:
    fill(correcting, task, company_name="長" * (size // 3))

    assert correcting.page.status_code == 422
    assert "公司名稱超過 100 字" in correcting.page.text
    assert correcting.get(task).status_code == 200


def test_office_people_are_led_to_their_own_page(house: House, registered: Visitor, app: Flask) -> None:
    house.person("reviewer")
    officer = Visitor(app)
    officer.log_in("reviewer@office.example")

    officer.get(f"/tasks/{house.items('review_registration')[0].id}")

    assert officer.path.startswith("/staff/tasks/")
