"""Writing and reading the trail."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from app import audit
from app.actor import Actor
from app.audit.models import AuditEvent
from app.audit.tags import PATTERN, Tag, title
from app.audit.trail import NOT_RECORDED
from app.extensions import db
from tests.factories import NOW

REVIEWER = Actor(3, "陳冠宇", frozenset({"reviewer"}), None, "192.0.2.7")


@pytest.fixture
def trail(uow):
    """Three lines, a minute apart."""
    for minute, (action, subject) in enumerate([(Tag.ACCOUNT_LOGIN, "user:1"), (Tag.ACCOUNT_LOGIN_FAILED, "user:12"),
                                                (Tag.VENDOR_CHANGED, "vendor:1")]):
        with uow(REVIEWER, now=NOW + timedelta(minutes=minute)) as work:
            audit.record(work, action, subject, before={"電話": "1"}, after={"電話": "2"})
    return db.session


def found(**filters):
    return [event.subject for event in audit.list_events(db.session(), **filters)]


def test_line_holds_who_when_where_what(trail):
    line = audit.list_events(trail())[0]

    assert (line.actor_id, line.actor, line.address) == (3, "陳冠宇", "192.0.2.7")
    assert (line.at, line.action, line.subject) == (NOW + timedelta(minutes=2), "vendor:data:changed", "vendor:1")
    assert (line.before, line.after) == ({"電話": "1"}, {"電話": "2"})


def test_bare_session_needs_actor_and_time(ctx):
    with pytest.raises(ValueError, match="actor and now"):
        audit.record(db.session(), Tag.FILE_READ, "file:1")

    assert audit.record(db.session(), Tag.FILE_READ, "file:1", actor=REVIEWER, now=NOW).at == NOW


def test_secrets_are_left_out_at_any_depth(uow):
    values = {"password": "p1", "New_Password": "p2", "csrf_token": "p3", "資料": {"token_hash": "p4", "kept": "k1"},
              "rows": [{"secret": "p5", "kept": "k2"}], "密碼": "p6"}
    with uow(now=NOW) as work:
        line = audit.record(work, Tag.VENDOR_CHANGED, "vendor:1", before=values, after=values)

    text = json.dumps([line.before, line.after])
    assert not any(f"p{n}" in text for n in range(1, 7)) and "k1" in text and "k2" in text
    assert line.after["password"] == NOT_RECORDED


@pytest.mark.parametrize("action", ["", "login", "Account:Login", "a:b:c:d", "account:login; drop", "a" * 40 + ":" + "b" * 40])
def test_action_of_another_pattern_is_refused(ctx, action):
    with pytest.raises(ValueError, match="action"):
        audit.record(db.session(), action, "user:1", actor=REVIEWER, now=NOW)


def test_every_tag_has_the_pattern_and_words():
    assert all(PATTERN.fullmatch(tag) and title(tag) != tag for tag in Tag)
    assert title("bond:refund:requested") == "bond:refund:requested"


def test_overlong_names_are_cut(uow):
    with uow(Actor(1, "名" * 200, address="a" * 200), now=NOW) as work:
        line = audit.record(work, Tag.ACCESS_DENIED, "s" * 200)

    assert (len(line.actor), len(line.address), len(line.subject)) == (80, 64, 80)


@pytest.mark.parametrize(("filters", "subjects"), [
    ({}, ["vendor:1", "user:12", "user:1"]),
    ({"action": "account:login"}, ["user:12", "user:1"]),
    ({"action": "account:login:ok"}, ["user:1"]),
    ({"action": "account:log"}, []),
    ({"subject": "user:1"}, ["user:1"]),
    ({"subject": "user"}, ["user:12", "user:1"]),
    ({"since": NOW + timedelta(minutes=1)}, ["vendor:1", "user:12"]),
    ({"until": NOW + timedelta(minutes=1)}, ["user:1"]),
    ({"actor_id": 4}, []),
    ({"limit": 1}, ["vendor:1"]),
    ({"action": "%"}, []),
])
def test_list_events(trail, filters, subjects):
    assert found(**filters) == subjects


def test_list_events_pages_by_id(trail):
    last = audit.list_events(trail(), limit=1)[0].id

    assert found(before_id=last) == ["user:12", "user:1"]


@pytest.mark.parametrize("change", [lambda line: setattr(line, "subject", "user:2"), lambda line: db.session.delete(line)])
def test_trail_is_append_only(trail, change):
    change(trail().query(AuditEvent).first())

    with pytest.raises(RuntimeError, match="append-only"):
        trail().flush()


def test_rolled_back_work_leaves_no_line(uow):
    with pytest.raises(ZeroDivisionError), uow(now=NOW) as work:
        audit.record(work, Tag.FILE_READ, "file:1")
        _ = 1 / 0

    assert found() == []
