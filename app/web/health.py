"""Two answers for machines: alive, and able to work."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app import clock, outbox
from app.config import Config
from app.extensions import db
from app.outbox.models import Beat
from app.web.guard import public_route

blueprint = Blueprint("health", __name__)
SILENCE = timedelta(seconds=30)                 # a scheduler that is quiet for longer counts as gone


@blueprint.get("/healthz")
@public_route
def healthz() -> ResponseReturnValue:
    """Alive. Asks nothing, so that a database that is away does not restart the web server."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public_route
def readyz() -> ResponseReturnValue:
    """Database, queue and scheduler, each ``ok`` or what is wrong; 503 unless all are.

    ``outbox_dead``: effects that were given up and wait for a person; they do not make the system unready.
    """
    checks = {"database": _database(), "queue": _queue(), "scheduler": _scheduler()}
    is_ready = all(answer == "ok" for answer in checks.values())
    return jsonify(status="ok" if is_ready else "unavailable", checks=checks,
                   outbox_dead=_outbox_dead()), 200 if is_ready else 503


def _database() -> str:
    try:
        db.session.execute(select(1))
    except SQLAlchemyError:
        db.session.rollback()
        return "unreachable"
    return "ok"


def _queue() -> str:
    config: Config = current_app.extensions["qiliu"]
    if not config.redis_url:                    # jobs are taken from the database itself
        return "ok"
    from redis import Redis, RedisError  # 11 MB, only where there is a queue
    try:
        with Redis.from_url(config.redis_url, socket_timeout=1, socket_connect_timeout=1) as connection:
            connection.ping()
    except RedisError:
        return "unreachable"
    return "ok"


def _outbox_dead() -> int | None:
    try:
        return outbox.stats(db.session()).dead
    except SQLAlchemyError:
        db.session.rollback()
        return None


def _scheduler() -> str:
    try:
        beat = db.session.get(Beat, "scheduler")
    except SQLAlchemyError:
        db.session.rollback()
        return "unknown"
    if beat is None:
        return "never seen"
    return "ok" if clock.now() - beat.at <= SILENCE else "silent"
