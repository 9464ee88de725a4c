"""The application as a whole: headers, cookies, limits."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.ctx import AppContext
from flask.testing import FlaskClient
from sqlalchemy import text

from app import create_app
from app.config import Config
from app.extensions import db


def test_every_answer_carries_a_strict_policy(client: FlaskClient) -> None:
    answer = client.get("/healthz")

    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


def test_healthz_answers_without_a_database(tmp_path: Path) -> None:
    app = create_app(Config(secret_key="k" * 40, data_dir=tmp_path, database_url=f"sqlite:///{tmp_path}/no/such.db"))

    assert app.test_client().get("/healthz").json == {"status": "ok"}


def test_readyz_says_what_is_missing(client: FlaskClient) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json == {"status": "unavailable", "outbox_dead": 0,
                           "checks": {"database": "ok", "queue": "ok", "scheduler": "never seen"}}


def test_readyz_says_when_the_queue_is_away(config: Config) -> None:
    app = create_app(config.with_changes(redis_url="unix:///nowhere.sock"))

    assert app.test_client().get("/readyz").json["checks"]["queue"] == "unreachable"


def test_https_makes_cookies_secure(config: Config) -> None:
    app = create_app(config.with_changes(base_url="https://example.gov.tw"))

    assert app.config["SESSION_COOKIE_SECURE"] is True
    assert "Strict-Transport-Security" in app.test_client().get("/healthz").headers


def test_cookies_are_out_of_reach_of_scripts(app: Flask) -> None:
    assert app.config["SESSION_COOKIE_HTTPONLY"] is True
    assert app.config["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert app.config["SESSION_COOKIE_SECURE"] is False


@pytest.mark.both_databases
def test_the_tables_stand_in_both_databases(client: FlaskClient) -> None:
    assert client.get("/readyz").json["checks"]["database"] == "ok"


@pytest.mark.both_databases
def test_no_transaction_waits_for_a_lock_without_a_limit(ctx: AppContext) -> None:
    is_sqlite = db.engine.dialect.name == "sqlite"

    limit = db.session.scalar(text("PRAGMA busy_timeout" if is_sqlite else "SHOW lock_timeout"))

    assert limit == (15000 if is_sqlite else "10s")
