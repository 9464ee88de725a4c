"""帳號管理 and notices."""

from __future__ import annotations

from flask import Flask

from tests.web.house import COMPANY, House, Visitor


def test_the_company_as_the_office_knows_it(house: House, vendor: Visitor) -> None:
    vendor.register()

    text = vendor.get("/account").text

    assert all(value in text for key, value in COMPANY.items())
    assert "審核期間不能自行修改" in text


def test_an_open_correction_is_named_first(house: House, correcting: Visitor) -> None:
    text = correcting.get("/account").text

    assert f"/tasks/{house.items('correct_registration')[0].id}" in text
    assert "前往修改" in text


def test_staff_see_their_account_in_their_own_frame(house: House, vendor: Visitor) -> None:
    house.person("reviewer")
    vendor.log_in("reviewer@office.example")

    text = vendor.get("/account").text

    assert 'class="q-dense"' in text
    assert "審核人員" in text


def test_notices_are_listed_opened_and_read(house: House, vendor: Visitor) -> None:
    vendor.register()
    house.run_jobs()

    page = vendor.get("/account/notices")
    assert "未讀" in page.text
    assert "q-icobtn__n" in page.text
    vendor.post("/account/notices/1")
    assert vendor.path.startswith("/vendor/cases/R-")
    vendor.get("/account/notices")
    assert "q-icobtn__n" not in vendor.page.text


def test_all_notices_are_read_at_once(house: House, vendor: Visitor) -> None:
    vendor.register()
    vendor.get("/account/notices")

    vendor.post("/account/notices")

    assert "全部標為已讀" not in vendor.page.text


def test_another_persons_notice_does_not_exist(house: House, vendor: Visitor, app: Flask) -> None:
    vendor.register()
    house.person("reviewer")
    other = Visitor(app)
    other.log_in("reviewer@office.example")
    other.get("/account/notices")

    assert other.post("/account/notices/1").status_code == 404
