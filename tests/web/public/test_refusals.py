"""Errors in the look: what happened, what was kept, how to go on. And every route names its policy."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.accounts import policy
from app.audit import list_events
from app.extensions import db
from tests.web.house import House, Visitor

NOT_PAGES = {"static", "health.healthz", "health.readyz"}


def test_every_route_names_its_policy(app: Flask) -> None:
    nameless = [rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint not in NOT_PAGES
                and getattr(app.view_functions[rule.endpoint], "policy", None) not in policy.RULES]

    assert nameless == []


def test_every_guarded_page_asks_a_visitor_to_log_in(app: Flask) -> None:
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        if rule.endpoint in NOT_PAGES or getattr(app.view_functions[rule.endpoint], "policy", "public") == "public":
            continue
        path = re.sub(r"<int:[^>]+>", "1", rule.rule)
        path = re.sub(r"<[^>]+>", "x", path)
        if "GET" in (rule.methods or ()):
            answer = client.get(path)
            assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (303, "/"), rule.endpoint
        else:
            assert client.post(path).status_code == 400, rule.endpoint          # no safety token


def test_an_unknown_address_and_a_wrong_method_are_said_in_words(app: Flask) -> None:
    visitor = Visitor(app)

    missing, wrong = visitor.get("/nothing"), visitor.client.put("/announcements")

    assert (missing.status_code, wrong.status_code) == (404, 405)
    assert "找不到這一頁" in missing.text
    assert "這一頁不能這樣使用" in wrong.text
    assert "GET" in wrong.headers["Allow"]


def test_a_fault_shows_a_code_and_nothing_else(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr("app.web.public.pages.announcements.current", lambda *_a, **_k: 1 / 0)

    page = app.test_client().get("/announcements")

    assert page.status_code == 500
    assert re.search(r"QL-[0-9A-F]{6}", page.text)
    assert "ZeroDivisionError" not in page.text
    assert "Traceback" not in page.text


def test_too_large_a_body_is_said_in_words(app: Flask) -> None:
    visitor = Visitor(app)
    visitor.get("/")

    page = visitor.post("/login", {"account": "x" * 13_000_000})

    assert page.status_code == 413
    assert "送出的內容太大" in page.text


def test_a_form_without_its_token_loses_nothing(app: Flask) -> None:
    visitor = Visitor(app)
    typed = {"address": "臺北市 <1 號>", "password": "Secret-horse-42!", "csrf_token": "stale"}

    page = visitor.client.post("/register", data=typed)

    assert page.status_code == 400
    assert "這份表單已過期，還沒有送出" in page.text
    assert "臺北市 &lt;1 號&gt;" in page.text
    assert "Secret-horse" not in page.text


def test_an_expired_form_is_sent_on_only_from_this_very_site(app: Flask) -> None:
    client = app.test_client()

    from_elsewhere = client.post("/register/consent", data={"version": "1"})
    from_here = client.post("/register/consent", data={"version": "1"}, headers={"Sec-Fetch-Site": "same-origin"})

    assert "繼續送出" not in from_elsewhere.text
    assert "繼續送出" in from_here.text


def test_what_policy_refuses_is_written_to_the_audit_trail(house: House, app: Flask) -> None:
    house.person("designer")
    visitor = Visitor(app)
    visitor.log_in("designer@office.example")

    answer = visitor.get("/manage")

    assert answer.status_code == 403
    with app.app_context():
        line = list_events(db.session(), action="access:denied")[0]
    assert line.actor == "流程設計人員甲"
    assert line.after is not None
    assert line.after["path"] == "/manage"


class _Lost(Exception):
    pass


@pytest.mark.parametrize(("error", "status"), [
    (OperationalError("select 1", {}, _Lost("deadlock detected")), 503),
    (DBAPIError("select 1", {}, _Lost("terminating connection"), connection_invalidated=True), 503),
    (PoolTimeout("no connection within 20 s"), 503),
    (IntegrityError("insert", {}, _Lost("unique")), 500)])
def test_a_database_that_is_away_is_said_in_words_with_a_time_to_come_back(
        app: Flask, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int) -> None:
    def fail(*_a: object, **_k: object) -> None:
        raise error
    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr("app.web.public.pages.announcements.current", fail)

    page = app.test_client().get("/announcements")

    assert page.status_code == status and re.search(r"QL-[0-9A-F]{6}", page.text)
    assert ("沒有遺失" in page.text, page.headers.get("Retry-After")) == ((True, "30") if status == 503 else (False, None))
