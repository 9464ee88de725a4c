"""What every answer carries, also the refusals; and a queue that hangs instead of refusing."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.config import Config
from tests.web.house import House, Visitor, config_in
from tests.web.house_fixtures import config, house, registered, stages, vendor

__all__ = ["config", "house", "registered", "stages", "vendor"]

CARRIED = ("Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Permissions-Policy",
           "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Cache-Control")


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"])
def test_every_answer_is_hardened(vendor: Visitor, method: str) -> None:
    for path in ("/", "/nothing", "/vendor/", "/login", "/static/dist/nothing.js", "/files/1", "/account/logout"):
        answer = vendor.client.open(path, method=method)
        assert [name for name in CARRIED if name not in answer.headers] == [], (path, answer.status_code)
        assert answer.status_code < 500


def test_what_is_not_there_is_not_kept_by_the_browser(vendor: Visitor) -> None:
    assert vendor.client.get("/static/dist/nothing.js").headers["Cache-Control"] == "no-store"


def test_too_many_tries_are_told_when_to_come_back(vendor: Visitor) -> None:
    for _ in range(21):
        answer = vendor.log_in("nobody@nowhere.example", "Wrong-horse-42!")

    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 62
    assert "分鐘後再試" in answer.text


def test_cookies_of_a_secure_site_stay_on_it(tmp_path: Path) -> None:
    app = create_app(config_in(tmp_path, base_url="https://qiliu.example"))

    assert app.config["SESSION_COOKIE_NAME"].startswith("__Host-") and app.config["SESSION_COOKIE_SECURE"]


@pytest.fixture
def deaf_queue() -> Iterator[str]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


@pytest.fixture
def app_with_deaf_queue(config: Config, deaf_queue: str) -> Flask:
    return create_app(config.with_changes(redis_url=deaf_queue))


def test_a_queue_that_hangs_does_not_hold_up_a_login(app_with_deaf_queue: Flask) -> None:
    House(app_with_deaf_queue).person("reviewer")
    began = time.monotonic()

    answer = Visitor(app_with_deaf_queue).log_in("reviewer@office.example")

    assert answer.request.path == "/staff/queue"
    assert time.monotonic() - began < 10
