"""Addresses and fields that nobody types: numbers no row can have, NUL, pages beyond the last."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.web.house import PASSWORD, House, Visitor
from tests.web.house_fixtures import approved, config, house, registered, stages, vendor

__all__ = ["approved", "config", "house", "registered", "stages", "vendor"]

HUGE = ("2147483648", "9223372036854775808", "9" * 30)


@pytest.fixture
def manager(app: Flask, house: House) -> Visitor:
    house.person("manager")
    visitor = Visitor(app)
    visitor.log_in("manager@office.example", PASSWORD)
    return visitor


def answers(visitor: Visitor, paths: list[str], numbers: tuple[str, ...]) -> set[int]:
    return {visitor.get(path.format(number)).status_code for path in paths for number in numbers}


def test_a_number_no_row_can_have_is_not_found(manager: Visitor) -> None:
    paths = ["/announcements/{}", "/files/{}", "/staff/cases/{}", "/staff/packages/{}", "/staff/packages/{}/files/x"]

    assert answers(manager, paths, HUGE) == {404}


def test_nothing_is_done_to_such_a_number(manager: Visitor) -> None:
    paths = ["/account/notices/{}", "/staff/cases/{}/cancel", "/staff/incidents/{}/retry", "/staff/incidents/{}/skip",
             "/staff/incidents/{}/edit", "/staff/timers/{}"]
    manager.get("/account")

    assert {manager.post(path.format(n), {"reason": "x"}).status_code for path in paths for n in HUGE} == {404}


def test_a_page_that_makes_no_sense_is_still_a_page(manager: Visitor) -> None:
    paths = ["/staff/queue?page={}", "/staff/cases?page={}", "/manage?page={}", "/manage?person={}",
             "/manage/incidents?page={}", "/account/notices?page={}"]

    assert answers(manager, paths, (*HUGE, "-1", "0", "٣", "1e5", "x", "")) == {200}


def test_the_vendors_lists_end_as_well(approved: Visitor) -> None:
    assert answers(approved, ["/vendor/tasks?page={}", "/vendor/cases?page={}"], (*HUGE, "-1", "x")) == {200}


def test_nul_in_an_address_is_not_found(manager: Visitor) -> None:
    assert answers(manager, ["/staff/tasks/{}", "/tasks/a{}", "/manuals/{}", "/staff/packages/1/files/{}"], ("%00",)) == {404}


def test_nul_in_fields_is_taken_out(manager: Visitor) -> None:
    assert manager.get("/staff/cases?q=%00R-1&phase=%00").status_code == 200
    manager.get("/manage")
    assert manager.post("/manage/assign", {"item": "\0", "to": "\0pool", "back": "/\0manage"}).status_code == 200


def test_nul_in_a_name_does_not_reach_the_company(vendor: Visitor, house: House) -> None:
    vendor.register(company_name="晨禾\0雲端")

    assert "晨禾雲端" in vendor.get("/account").text
