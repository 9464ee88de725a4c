"""Logins that somebody else tries to use: copied cookies, replayed forms, keys that leaked."""

from __future__ import annotations

import pytest
from flask import Flask

from app.accounts.models import User
from tests.web.house import COMPANY, PASSWORD, SECRETS, House, Visitor
from tests.web.house_fixtures import approved, config, house, registered, stages, vendor

__all__ = ["approved", "config", "house", "registered", "stages", "vendor"]


def copy_of(visitor: Visitor) -> Visitor:
    """Somebody else's browser with the same cookie."""
    thief = Visitor(visitor.client.application)
    cookie = visitor.client.get_cookie("qiliu")
    assert cookie is not None
    thief.client.set_cookie("qiliu", cookie.value)
    return thief


def test_logging_out_ends_copies_of_the_cookie(approved: Visitor) -> None:
    thief = copy_of(approved)
    assert thief.get("/vendor/").request.path == "/vendor/"

    approved.get("/account")
    approved.post("/account/logout")

    assert thief.get("/vendor/").request.path == "/"


def test_logging_out_leaves_the_other_devices_alone(app: Flask, approved: Visitor) -> None:
    phone = Visitor(app).log_in_as_vendor()

    approved.get("/account")
    approved.post("/account/logout")

    assert phone.get("/vendor/").request.path == "/vendor/"


@pytest.mark.parametrize("password", ["", "Wrong-horse-42!"])
def test_the_key_of_a_registration_is_no_way_in(vendor: Visitor, app: Flask, house: House, password: str) -> None:
    vendor.accept_consent()
    key = vendor.hidden()["submission_key"]
    assert vendor.post("/register", {**COMPANY, **SECRETS}).request.path == "/vendor/"

    thief = Visitor(app)
    thief.accept_consent()
    thief.post("/register", {**COMPANY, **SECRETS, "submission_key": key, "password": password, "confirm": password})

    assert thief.get("/account").request.path == "/"
    assert house.count(User) == 1


def test_the_same_form_sent_again_is_the_same_registration(vendor: Visitor, house: House) -> None:
    vendor.accept_consent()
    form = {**vendor.hidden(), **COMPANY, **SECRETS}
    vendor.post("/register", form)
    second = Visitor(vendor.client.application)
    second.accept_consent()

    answer = second.post("/register", {**form, "csrf_token": second.hidden()["csrf_token"]})

    assert answer.request.path == "/vendor/"
    assert house.count(User) == 1


def test_a_wrong_password_is_never_shown_again(vendor: Visitor) -> None:
    answer = vendor.log_in(COMPANY["contact_email"], f"{PASSWORD}x")

    assert answer.status_code == 422
    assert f"{PASSWORD}x" not in answer.text
