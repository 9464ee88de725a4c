"""Forgotten and changed passwords."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import func, select

from app.accounts import commands, queries
from app.accounts.commands import authenticate, change_password, request_reset, reset_password, visitor
from app.accounts.models import PasswordRecord, PasswordReset
from app.audit import list_events
from app.errors import InvalidInput, NotFound
from app.extensions import db
from app.notify.models import Message
from app.outbox.models import OutboxJob
from tests.factories import NOW, PASSWORD, actor_for, make_user

pytestmark = pytest.mark.both_databases
GUEST = visitor("192.0.2.7")
NEW = "Brand-New-Horse-7?"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def person(uow):
    with uow(now=NOW) as work:
        return make_user(work.session, email="wang@example.tw")


def ask(uow, email="wang@example.tw", now=NOW):
    with uow(GUEST, now=now) as work:
        return request_reset(work, email)


def token():
    link = db.session().scalars(select(Message.link).order_by(Message.id.desc())).first()
    return re.fullmatch(r"/password/reset/([\w-]{43})", link)[1]


def reset(link_token, password=NEW, now=NOW):
    return reset_password(link_token, password, actor=GUEST, now=now)


def count(model):
    return db.session().scalar(select(func.count()).select_from(model))


def test_reset_request_mails_a_link_and_keeps_only_the_hash(person, uow):
    ask(uow)

    message = db.session().scalars(select(Message)).one()
    assert (message.email, message.subject, message.is_notice) == (person.email, "重設密碼", False)
    assert db.session().scalars(select(OutboxJob)).one().payload == {"message_id": message.id}
    assert token() not in db.session().scalars(select(PasswordReset.token_hash)).one()
    assert token() not in message.body


def test_link_sets_the_password_ends_sessions_and_tells_the_person(person, uow):
    ask(uow)
    assert queries.reset_owner(db.session(), token(), NOW).email == person.email

    changed = reset(token())

    assert changed.session_epoch == 1
    assert authenticate(person.email, NEW, actor=GUEST, now=NOW).id == person.id
    with pytest.raises(InvalidInput):
        authenticate(person.email, PASSWORD, actor=GUEST, now=NOW)
    assert db.session().scalars(select(Message.subject).order_by(Message.id.desc())).first() == "密碼已變更"


def test_link_works_once_only(person, uow):
    ask(uow)
    link = token()
    reset(link)

    with pytest.raises(NotFound) as refusal:
        reset(link, "Another-Horse-8?")
    assert refusal.value.code == "reset.gone"


def test_link_expires_after_sixty_minutes(person, uow):
    ask(uow)

    with pytest.raises(NotFound):
        reset(token(), now=NOW + 60 * MINUTE)
    assert reset(token(), now=NOW + 59 * MINUTE)


def test_new_link_voids_the_earlier_one(person, uow):
    ask(uow)
    first = token()
    ask(uow, now=NOW + MINUTE)

    with pytest.raises(NotFound):
        reset(first, now=NOW + MINUTE)
    assert reset(token(), now=NOW + MINUTE)


def test_changed_password_voids_links(person, uow):
    ask(uow)
    link = token()
    change_password(person.id, PASSWORD, NEW, actor=actor_for(person), now=NOW)

    with pytest.raises(NotFound):
        reset(link, "Another-Horse-8?")


@pytest.mark.parametrize("link", ["", "x", "x" * 43, "x" * 100_000])
def test_unknown_link_is_refused(person, link):
    with pytest.raises(NotFound):
        reset(link)


def test_request_for_an_unknown_address_answers_alike_and_writes_no_mail(person, uow):
    assert ask(uow, "nobody@example.tw") is ask(uow, "12345678") is None

    assert count(Message) == count(PasswordReset) == 0
    assert [event.action for event in list_events(db.session(), limit=2)] == ["account:reset:requested"] * 2


def test_closed_account_gets_no_link(person, uow):
    with uow(now=NOW) as work:
        queries.get_user(work.session, person.id).is_active = False

    ask(uow)

    assert count(Message) == 0


def test_one_account_gets_five_links_an_hour_at_most(person, uow):
    for minute in range(8):
        ask(uow, now=NOW + minute * MINUTE)
    assert count(Message) == 5

    ask(uow, now=NOW + 61 * MINUTE)

    assert count(Message) == 6


def test_asking_too_often_takes_no_link_away(person, uow):
    for minute in range(8):
        ask(uow, now=NOW + minute * MINUTE)

    assert reset(token(), now=NOW + 8 * MINUTE)


def test_reset_opens_a_locked_account(person, uow):
    for _ in range(5):
        with pytest.raises(InvalidInput):
            authenticate(person.email, "wrong", actor=GUEST, now=NOW)
    ask(uow)
    reset(token())

    assert authenticate(person.email, NEW, actor=GUEST, now=NOW).id == person.id


def test_weak_password_leaves_the_link_usable(person, uow):
    ask(uow)

    with pytest.raises(InvalidInput) as refusal:
        reset(token(), "weak")

    assert list(refusal.value.fields) == ["password"]
    assert reset(token())


def test_change_needs_the_old_password_and_counts_failures(person):
    for _ in range(5):
        with pytest.raises(InvalidInput) as refusal:
            change_password(person.id, "wrong", NEW, actor=actor_for(person), now=NOW)
        assert list(refusal.value.fields) == ["old"]

    with pytest.raises(InvalidInput):
        change_password(person.id, PASSWORD, NEW, actor=actor_for(person), now=NOW)
    with pytest.raises(InvalidInput):
        authenticate(person.email, PASSWORD, actor=GUEST, now=NOW)


def test_change_ends_other_sessions_and_tells_the_person(person):
    changed = change_password(person.id, PASSWORD, NEW, actor=actor_for(person), now=NOW)

    assert changed.session_epoch == 1 and changed.password_changed_at == NOW
    message = db.session().scalars(select(Message)).one()
    assert message.user_id == person.id and "115年5月19日 16:20" in message.body
    assert list_events(db.session())[0].action == "account:password:changed"


def test_last_three_passwords_are_refused(person):
    used = [PASSWORD, "Second-Horse-2?", "Third-Horse-33?", "Fourth-Horse-4?"]
    for old, new in pairwise(used):
        change_password(person.id, old, new, actor=actor_for(person), now=NOW)

    for password in used[1:]:
        with pytest.raises(InvalidInput) as refusal:
            change_password(person.id, used[-1], password, actor=actor_for(person), now=NOW)
        assert refusal.value.fields == {"password": [commands.USED_BEFORE]}
    change_password(person.id, used[-1], PASSWORD, actor=actor_for(person), now=NOW)
    assert count(PasswordRecord) == 3


def test_new_password_with_the_own_address_is_refused(uow):
    with uow(now=NOW) as work:
        person = make_user(work.session, email="horseman@example.tw")

    with pytest.raises(InvalidInput):
        change_password(person.id, PASSWORD, "My-Horseman-42!", actor=actor_for(person), now=NOW)


def test_no_trace_of_passwords_and_links_in_the_audit_trail(person, uow):
    ask(uow)
    link = token()
    reset(link)
    change_password(person.id, NEW, "Third-Horse-33?", actor=actor_for(person), now=NOW)

    trail = str([(e.subject, e.before, e.after) for e in list_events(db.session())])
    assert not any(secret in trail for secret in (link, PASSWORD, NEW, "Third-Horse", "argon2"))
