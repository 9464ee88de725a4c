"""120 minutes without a page, and nothing typed is lost when they are over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app import clock
from tests.web.house import PASSWORD, House, Visitor

TWO_HOURS = timedelta(minutes=121)
MARKS = [{"field": "contact_phone", "label": "聯絡人電話", "opinion": "請補分機。"}]


@pytest.fixture
def correcting(house: House, vendor: Visitor) -> str:
    """The address of a vendor's open correction task."""
    vendor.register()
    house.run_jobs()
    house.office_completes("review_registration", {"outcome": "correct", "marks": MARKS}, house.person("reviewer"))
    house.run_jobs()
    return f"/tasks/{house.items('correct_registration')[0].id}"


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


def test_background_saving_does_not_prolong_the_session(vendor: Visitor, correcting: str) -> None:
    vendor.get(correcting)
    start = clock.now()

    with clock.frozen(start + timedelta(minutes=70)):
        vendor.post(f"{correcting}/draft", {"contact_phone": "02"}, follow=False)
    with clock.frozen(start + timedelta(minutes=125)):
        assert vendor.get("/vendor/").request.path == "/"


@pytest.mark.parametrize("part", ["", "/draft"])
def test_what_was_typed_when_the_session_ended_is_kept_as_draft(vendor: Visitor, correcting: str, part: str) -> None:
    vendor.get(correcting)

    with clock.frozen(clock.now() + TWO_HOURS):
        vendor.post(correcting + part, {"contact_phone": "02-7777", "action": "check"})
        assert vendor.path == "/"
        vendor.post("/login", {"account": "contact@chenhe.example", "password": PASSWORD})

        assert vendor.path == ("" if part else correcting) or vendor.path == "/vendor/"
        assert 'value="02-7777"' in vendor.get(correcting).text


def test_after_logout_a_late_form_keeps_nothing(vendor: Visitor, correcting: str) -> None:
    vendor.get(correcting)
    late = {**vendor.hidden(), "contact_phone": "02-7777"}
    vendor.post("/account/logout")

    assert vendor.client.post(f"{correcting}/draft", data=late).status_code == 400
    vendor.log_in("contact@chenhe.example")
    assert "02-7777" not in vendor.get(correcting).text
