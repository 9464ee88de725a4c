"""Logging in: one answer for all refusals, five failures lock for fifteen minutes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts import commands, passwords, queries
from app.accounts.commands import LOGIN_REFUSED, authenticate, visitor
from app.audit import list_events
from app.audit.models import AuditEvent
from app.errors import InvalidInput
from app.extensions import db
from tests.factories import NOW, PASSWORD, actor_for, make_user, make_vendor

GUEST = visitor("192.0.2.7")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def person(uow):
    with uow(now=NOW) as work:
        return make_user(work.session, email="Wang@Example.tw")


def attempt(login="wang@example.tw", password=PASSWORD, now=NOW):
    return authenticate(login, password, actor=GUEST, now=now)


def refuse(**given):
    with pytest.raises(InvalidInput) as refusal:
        attempt(**given)
    assert (refusal.value.code, refusal.value.message, refusal.value.fields) == ("login.refused", LOGIN_REFUSED, {})


def fail(times, now=NOW):
    for _ in range(times):
        refuse(password="wrong", now=now)


def tags():
    return [event.action for event in reversed(list_events(db.session()))]


def test_login_by_address_in_any_case_and_with_spaces(person):
    assert attempt(" WANG@example.tw ").id == person.id
    assert queries.get_user(db.session(), person.id).last_login_at == NOW


def test_login_by_tax_id_is_for_the_first_account_of_a_vendor(uow):
    with uow(now=NOW) as work:
        first = make_vendor(work.session)
        make_user(work.session, role="vendor", organisation=first.organisation)

    assert attempt(first.organisation.tax_id).id == first.id


def test_login_by_tax_id_of_an_agency_is_refused(uow):
    with uow(now=NOW) as work:
        user = make_vendor(work.session)
        user.organisation.kind = "agency"

    refuse(login=user.organisation.tax_id)


def test_all_refusals_are_alike(person, uow):
    refuse(login="nobody@example.tw")
    refuse(login="12345678")
    refuse(login="")
    refuse(password="wrong")
    refuse(password="x" * 1_000_000)
    with uow(now=NOW) as work:
        queries.get_user(work.session, person.id).is_active = False
    refuse()


def test_unknown_account_is_hashed_too(person, monkeypatch):
    seen = []
    monkeypatch.setattr(passwords, "verify", lambda known, password: bool(seen.append(known)))

    refuse(login="nobody@example.tw")
    refuse()

    assert seen == [None, person.password_hash]


def test_no_transaction_is_open_while_hashing(person, monkeypatch):
    seen = []
    monkeypatch.setattr(passwords, "verify", lambda *_: bool(seen.append(db.session().in_transaction())))

    refuse()

    assert seen == [False]


def test_fifth_failure_locks_for_fifteen_minutes(person):
    fail(4)
    assert attempt().failed_logins == 0
    fail(5)

    refuse()
    refuse(now=NOW + 15 * MINUTE - timedelta(seconds=1))
    assert attempt(now=NOW + 15 * MINUTE).id == person.id


def test_failures_while_locked_do_not_prolong_the_lock(person):
    fail(5)
    fail(7, now=NOW + 14 * MINUTE)

    assert attempt(now=NOW + 16 * MINUTE).id == person.id


def test_counting_starts_anew_after_a_lock(person):
    fail(5)
    fail(4, now=NOW + 20 * MINUTE)

    assert attempt(now=NOW + 20 * MINUTE).id == person.id


def test_password_that_changed_while_it_was_compared_is_refused(person, uow):
    before = queries.read_credentials(db.session(), person.email)
    with uow(now=NOW) as work:
        queries.get_user(work.session, person.id).password_hash = "changed"

    with uow(GUEST, now=NOW) as work:
        assert commands.attempts.record_success(work, before) is None


def test_hash_of_another_cost_is_renewed_at_login(person, monkeypatch):
    monkeypatch.setattr(passwords, "_cost", passwords.Cost(1, 16, 1))

    attempt()

    renewed = queries.get_user(db.session(), person.id).password_hash
    assert "m=16,t=1" in renewed and passwords.verify(renewed, PASSWORD)


def test_logins_are_audited_without_what_was_typed(person):
    attempt()
    refuse(login="My-Secret-Typed-Here1!", password="wrong-one")
    fail(5)

    assert tags()[1:] == ["account:login:ok", *["account:login:failed"] * 6, "account:locked"]
    rows = db.session().scalars(select(AuditEvent)).all()
    assert {row.actor for row in rows[1:2]} == {person.name} and rows[1].address == "192.0.2.7"
    assert not any("Secret" in str((row.subject, row.before, row.after)) for row in rows)


def test_logout_is_audited(person, uow):
    with uow(actor_for(person), now=NOW) as work:
        commands.record_logout(work, "login-1")

    assert (tags()[-1], list_events(db.session())[0].subject) == ("account:logout", f"user:{person.id}")
