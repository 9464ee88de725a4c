"""Registering: consent first, every refusal beside its field, one company from any number of clicks."""

from __future__ import annotations

import pytest
from flask import Flask

from app.accounts.models import Consent, Organisation, User
from app.engine.models import ProcessInstance
from app.extensions import db
from app.procurement.vendors import consent
from tests.web.house import COMPANY, PASSWORD, SECRETS, House, Visitor


def test_the_form_opens_only_after_the_consent(house: House, vendor: Visitor) -> None:
    vendor.get("/register")
    assert vendor.path == "/register/consent"

    vendor.post("/register/consent", {"version": "an older one"})
    assert vendor.path == "/register/consent"

    vendor.accept_consent()
    assert vendor.path == "/register"


def test_without_the_consent_nothing_is_registered(house: House, vendor: Visitor) -> None:
    vendor.get("/register/consent")
    page = vendor.post("/register", {**COMPANY, **SECRETS})

    assert page.status_code == 422
    assert "請先閱讀同意書" in page.text
    assert house.count(Organisation) == 0


def test_the_consent_is_kept_with_version_and_time(house: House, vendor: Visitor, app: Flask) -> None:
    vendor.register()

    with app.app_context():
        kept = db.session.scalars(db.select(Consent)).one()
    assert (kept.document, kept.version) == (consent.DOCUMENT, consent.VERSION)


def test_a_company_is_logged_in_at_once_and_finds_nothing_else_open(house: House, vendor: Visitor) -> None:
    page = vendor.register()
    house.run_jobs()

    assert vendor.path == "/vendor/"
    assert "註冊資料尚在審核中" in page.text
    assert "R-" in page.text
    assert "/vendor/tenders" not in page.text
    assert vendor.get("/vendor/tenders").request.path == "/vendor/"
    assert vendor.get("/vendor/cases").status_code == 200


def test_an_empty_form_names_every_field(house: House, vendor: Visitor) -> None:
    vendor.accept_consent()
    page = vendor.post("/register", dict.fromkeys(COMPANY, ""))

    assert page.status_code == 422
    assert "<title>錯誤：註冊廠商" in page.text
    assert "有 13 個地方要修正" in page.text
    assert 'href="#f-tax_id">請填寫統一編號' in page.text


@pytest.mark.parametrize(("changes", "message"), [
    ({"tax_id": "12345678"}, "統一編號檢查碼不符"),
    ({"tax_id": "1234"}, "統一編號須為 8 碼數字"),
    ({"contact_phone": "12"}, "格式如"),
    ({"contact_email": "not an address"}, "電子郵件"),
    ({"password": "short", "confirm": "short"}, "密碼須至少 12 碼"),
    ({"confirm": "Other-horse-42!"}, "兩次輸入的密碼不同"),
    ({"password": "Contact-horse-42!", "confirm": "Contact-horse-42!"}, "密碼不可包含"),
    ({"consent": ""}, "請勾選同意"),
    ({"company_name": "名" * 101}, "公司名稱超過 100 字，請刪減 1 字"),
])
def test_bad_input_is_refused_beside_its_field(house: House, vendor: Visitor, changes: dict[str, str], message: str) -> None:
    page = vendor.register(**changes)

    assert page.status_code == 422
    assert message in page.text
    assert house.count(Organisation) == 0
    assert COMPANY["address"] in page.text          # nothing typed is lost
    assert PASSWORD not in page.text                # but passwords are never sent back


def test_a_known_tax_id_is_refused_with_a_hint(house: House, vendor: Visitor, app: Flask) -> None:
    vendor.register()

    page = Visitor(app).register(contact_email="other@chenhe.example")

    assert page.status_code == 422
    assert 'href="#f-tax_id"' in page.text
    assert "忘記密碼" in page.text
    assert house.count(Organisation) == 1


def test_a_known_address_is_refused(house: House, vendor: Visitor, app: Flask) -> None:
    vendor.register()

    page = Visitor(app).register(tax_id="16578128")

    assert page.status_code == 422
    assert 'href="#f-contact_email"' in page.text


def test_a_double_click_makes_one_company(house: House, vendor: Visitor) -> None:
    vendor.accept_consent()
    data = {**vendor.hidden(), **COMPANY, **SECRETS}
    cookie = vendor.client.get_cookie("qiliu")
    assert cookie is not None

    first = vendor.client.post("/register", data=data)
    vendor.client.set_cookie("qiliu", cookie.value)           # the second click left before the first answer came
    second = vendor.client.post("/register", data=data)

    assert first.status_code == second.status_code == 303
    assert first.headers["Location"] == second.headers["Location"]
    assert (house.count(User), house.count(ProcessInstance)) == (1, 1)
    assert vendor.get("/vendor/").status_code == 200


def test_the_back_button_after_registering_makes_no_second_company(house: House, vendor: Visitor) -> None:
    vendor.accept_consent()
    data = {**vendor.hidden(), **COMPANY, **SECRETS}
    vendor.client.post("/register", data=data)

    again = vendor.client.post("/register", data=data, follow_redirects=True)

    assert "註冊資料尚在審核中" in again.text
    assert house.count(Organisation) == 1


def test_scripts_in_a_company_name_are_text_everywhere(house: House, vendor: Visitor) -> None:
    evil = "<script>alert(1)</script>公司"
    vendor.register(company_name=evil)
    house.run_jobs()

    for path in ("/vendor/", "/vendor/cases", "/account", "/account/notices", "/vendor/tasks"):
        text = vendor.get(path).text
        assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in vendor.get("/account").text


def test_a_megabyte_of_text_is_refused_politely(house: House, vendor: Visitor) -> None:
    page = vendor.register(address="路" * 350_000)

    assert page.status_code == 422
    assert "公司地址超過 200 字" in page.text


def test_registering_is_limited(house: House, vendor: Visitor) -> None:
    vendor.accept_consent()
    answers = [vendor.post("/register", {"tax_id": "x"}).status_code for _ in range(31)]

    assert answers[-1] == 429
