"""Forgotten and changed passwords: the same answer for everybody, links that work once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.extensions import db
from app.notify.models import Message
from tests.web.house import PASSWORD, Visitor

NEW = {"password": "Another-horse-43!", "confirm": "Another-horse-43!"}
ADDRESS = "contact@chenhe.example"


@pytest.fixture
def member(vendor: Visitor) -> Visitor:
    """A vendor with an account, logged out."""
    vendor.register()
    vendor.post("/account/logout")
    return vendor


def ask(visitor: Visitor, address: str) -> str:
    visitor.get("/password/forgot")
    return visitor.post("/password/forgot", {"email": address}).text


def mailed_link(app: Flask) -> str:
    with app.app_context():
        links = db.session.scalars(select(Message.link).where(Message.template.contains("password_reset"))).all()
    return str(links[-1])


def test_known_and_unknown_addresses_get_the_same_answer(member: Visitor) -> None:
    assert ask(member, ADDRESS) == ask(member, "nobody@chenhe.example")
    assert "如果這個電子郵件有帳號" in member.page.text


def test_an_address_that_is_none_is_refused(member: Visitor) -> None:
    assert "電子郵件格式如" in ask(member, "not an address")


def test_the_mailed_link_sets_a_new_password_once(member: Visitor, app: Flask) -> None:
    ask(member, ADDRESS)
    link = mailed_link(app)

    assert f'value="{ADDRESS}" readonly' in member.get(link).text
    done = member.post(link, NEW)

    assert "密碼已重設，請以新密碼登入" in done.text
    assert member.log_in(ADDRESS).status_code == 422
    assert member.log_in(ADDRESS, NEW["password"]).status_code == 200
    assert member.get(link).status_code == 410
    assert "這個連結已失效" in member.page.text


def test_a_link_expires_after_an_hour(member: Visitor, app: Flask) -> None:
    ask(member, ADDRESS)
    link = mailed_link(app)

    with clock.frozen(clock.now() + timedelta(minutes=61)):
        assert member.get(link).status_code == 410
    assert member.get("/password/reset/invented").status_code == 410


def test_a_page_left_open_until_the_link_expired_says_so(member: Visitor, app: Flask) -> None:
    ask(member, ADDRESS)
    link = mailed_link(app)
    member.get(link)

    with clock.frozen(clock.now() + timedelta(minutes=61)):
        assert member.post(link, NEW).status_code == 410


@pytest.mark.parametrize(("values", "message"), [
    ({"password": "weak", "confirm": "weak"}, "密碼須至少 12 碼"),
    ({"password": NEW["password"], "confirm": "x"}, "兩次輸入的密碼不同"),
    ({"password": PASSWORD, "confirm": PASSWORD}, "不可使用最近 3 次用過的密碼"),
])
def test_a_bad_new_password_is_refused_and_the_link_stays_good(member: Visitor, app: Flask, values: dict[str, str],
                                                               message: str) -> None:
    ask(member, ADDRESS)
    link = mailed_link(app)
    member.get(link)

    page = member.post(link, values)

    assert page.status_code == 422
    assert message in page.text
    assert member.get(link).status_code == 200


def test_changing_the_password_needs_the_old_one(vendor: Visitor) -> None:
    vendor.register()
    vendor.get("/account/password")

    page = vendor.post("/account/password", {"old_password": "wrong", **NEW})

    assert page.status_code == 422
    assert 'href="#f-old_password">目前的密碼不正確' in page.text


def test_changing_the_password_ends_the_other_sessions_only(vendor: Visitor, app: Flask) -> None:
    vendor.register()
    elsewhere = Visitor(app)
    elsewhere.log_in(ADDRESS)
    vendor.get("/account/password")

    page = vendor.post("/account/password", {"old_password": PASSWORD, **NEW})

    assert "密碼已變更" in page.text
    assert vendor.path == "/account"
    assert vendor.get("/vendor/").request.path == "/vendor/"
    assert elsewhere.get("/vendor/").request.path == "/"
