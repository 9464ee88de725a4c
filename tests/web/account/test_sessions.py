"""120 minutes without a page, and nothing typed is lost when they are over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app import clock
from tests.web.house import PASSWORD, Visitor

TWO_HOURS = timedelta(minutes=121)


def test_a_session_ends_after_two_hours_without_a_page(vendor: Visitor) -> None:
    vendor.register()

    with clock.frozen(clock.now() + TWO_HOURS):
        page = vendor.get("/vendor/")

    assert vendor.path == "/"
    assert "登入時間已到，請重新登入" in page.text


def test_each_page_starts_the_time_again_but_not_beyond_twelve_hours(vendor: Visitor) -> None:
    vendor.register()
    start = clock.now()

    for hours in range(1, 12):
        with clock.frozen(start + timedelta(hours=hours)):
            assert vendor.get("/vendor/").request.path == "/vendor/"
            assert "120 分鐘" in vendor.page.text or hours > 10
    with clock.frozen(start + timedelta(hours=12, seconds=1)):
        assert vendor.get("/vendor/").request.path == "/"


def test_going_on_answers_the_seconds_that_are_left(vendor: Visitor) -> None:
    vendor.register()
    vendor.get("/vendor/")

    with clock.frozen(clock.now() + timedelta(minutes=100)):
        answer = vendor.post("/account/session/renew", follow=False, Accept="text/plain")

    assert 7195 <= int(answer.text) <= 7200


def test_background_saving_does_not_prolong_the_session(correcting: Visitor, task: str) -> None:
    correcting.get(task)
    start = clock.now()

    with clock.frozen(start + timedelta(minutes=70)):
        correcting.post(f"{task}/draft", {"contact_phone": "02"}, follow=False)
    with clock.frozen(start + timedelta(minutes=125)):
        assert correcting.get("/vendor/").request.path == "/"


@pytest.mark.parametrize("part", ["", "/draft"])
def test_what_was_typed_when_the_session_ended_is_kept_as_draft(correcting: Visitor, task: str, part: str) -> None:
    correcting.get(task)

    with clock.frozen(clock.now() + TWO_HOURS):
        correcting.post(task + part, {"contact_phone": "02-7777", "action": "check"})
        assert correcting.path == "/"
        correcting.post("/login", {"account": "contact@chenhe.example", "password": PASSWORD})

        assert correcting.path == ("" if part else task) or correcting.path == "/vendor/"
        assert 'value="02-7777"' in correcting.get(task).text


def test_after_logout_a_late_form_keeps_nothing(correcting: Visitor, task: str) -> None:
    correcting.get(task)
    late = {**correcting.hidden(), "contact_phone": "02-7777"}
    correcting.post("/account/logout")

    assert correcting.client.post(f"{task}/draft", data=late).status_code == 400
    correcting.log_in("contact@chenhe.example")
    assert "02-7777" not in correcting.get(task).text
