"""The login page: one answer for every reason to refuse, and only paths of our own afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from app import clock
from tests.web.house import PASSWORD, House, Visitor

REFUSED = "電子郵件或密碼不正確，或帳號已鎖定"


def test_home_shows_login_first_then_announcements_and_manuals(vendor: Visitor) -> None:
    text = vendor.get("/").text

    assert text.index('id="h-login"') < text.index('id="h-news"') < text.index('id="h-man"')
    for key in ("U", "Z"):
        assert f'accesskey="{key}"' in text
    assert 'class="q-skip" href="#main"' in text


def test_a_vendor_logs_in_by_address_or_by_tax_id(house: House, app: Flask, vendor: Visitor) -> None:
    vendor.register()

    for account in ("contact@chenhe.example", "CONTACT@chenhe.example", "12345675"):
        other = Visitor(app)
        assert other.log_in(account).status_code == 200
        assert other.path == "/vendor/"


def test_wrong_and_unknown_get_the_same_answer(house: House, vendor: Visitor) -> None:
    house.person("reviewer")

    wrong = vendor.log_in("reviewer@office.example", "not-the-one")
    unknown = vendor.log_in("nobody@office.example", "not-the-one")

    assert wrong.status_code == unknown.status_code == 422
    assert REFUSED in wrong.text
    assert wrong.text.replace("reviewer@", "nobody@").split("csrf_token")[0] == unknown.text.split("csrf_token")[0]
    assert "<title>錯誤：登入" in wrong.text


def test_five_wrong_passwords_lock_for_fifteen_minutes(house: House, app: Flask) -> None:
    house.person("reviewer")
    now = clock.now()
    for _ in range(5):
        Visitor(app).log_in("reviewer@office.example", "wrong")

    assert REFUSED in Visitor(app).log_in("reviewer@office.example").text
    with clock.frozen(now + timedelta(minutes=16)):
        assert Visitor(app).log_in("reviewer@office.example").status_code == 200


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)",
                                    "/ok\nLocation: x"])
def test_login_never_leads_to_another_site(house: House, vendor: Visitor, target: str) -> None:
    house.person("reviewer")
    vendor.get("/")

    answer = vendor.post("/login", {"account": "reviewer@office.example", "password": PASSWORD, "next": target}, follow=False)

    assert answer.status_code == 303
    assert "evil" not in answer.headers["Location"]
    assert answer.headers["Location"].startswith("/")


def test_after_login_one_comes_to_the_page_one_wanted(house: House, vendor: Visitor) -> None:
    vendor.register()
    vendor.post("/account/logout")

    vendor.get("/account/password")
    assert vendor.path == "/"
    vendor.post("/login", {"account": "contact@chenhe.example", "password": PASSWORD})

    assert vendor.path == "/account/password"


def test_who_is_in_goes_past_the_login_page(house: House, vendor: Visitor) -> None:
    vendor.register()

    vendor.get("/")

    assert vendor.path == "/vendor/"


def test_the_back_button_to_an_old_login_page_is_harmless(house: House, vendor: Visitor) -> None:
    """Its safety token is of the session before; the person is in already."""
    vendor.get("/register/consent")
    old = vendor.hidden()
    vendor.register()

    answer = vendor.client.post("/login", data={**old, "account": "x", "password": "y"})

    assert answer.status_code == 303


def test_the_cookie_is_for_the_server_only_and_pages_are_kept_by_nobody(house: House, vendor: Visitor) -> None:
    house.person("reviewer")
    vendor.get("/")

    answer = vendor.post("/login", {"account": "reviewer@office.example", "password": PASSWORD}, follow=False)

    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert "SameSite=Lax" in answer.headers["Set-Cookie"]
    assert vendor.get("/account").headers["Cache-Control"] == "no-store"


def test_logout_is_by_post_and_ends_the_session(house: House, vendor: Visitor) -> None:
    vendor.register()

    assert vendor.client.get("/account/logout").status_code == 405
    vendor.post("/account/logout")

    assert vendor.get("/vendor/").request.path == "/"


def test_too_many_logins_from_one_address_must_wait(house: House, vendor: Visitor) -> None:
    answers = [vendor.log_in(f"nobody{n}@office.example", "x").status_code for n in range(21)]

    assert answers[-1] == 429
    assert set(answers[:-1]) == {422}
    assert "嘗試次數過多" in vendor.page.text
