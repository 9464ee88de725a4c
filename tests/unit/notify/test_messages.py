"""Messages as rows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import notify
from app.errors import DefinitionError, NotFound
from app.extensions import db
from app.notify import Recipient
from app.notify.models import Message
from app.outbox.models import OutboxJob
from tests.factories import NOW, make_user

SOURCE = "主旨：測試 {{ n }}\n\n內文 {{ n }}"


@pytest.fixture
def people(uow):
    with uow(now=NOW) as work:
        return make_user(work.session), make_user(work.session)


@pytest.fixture
def send(uow):
    def run(user=None, n=1, **options):
        to = Recipient(user.email, user.name, user.id) if user else Recipient("guest@example.tw", "來賓")
        with uow(now=NOW + timedelta(minutes=n)) as work:
            return notify.send(work.session, SOURCE, template="t", to=to, context={"n": n}, now=work.now,
                               key=options.pop("key", f"k{n}"), **options)
    return run


def test_message_asks_for_its_mail_once(people, send):
    first = send(people[0], link="/vendor/cases/R-1")
    again = send(people[0], n=1, link="/elsewhere")

    assert first.id == again.id and again.link == "/vendor/cases/R-1"
    job = db.session.scalars(select(OutboxJob)).one()
    assert (job.kind, job.key, job.payload) == ("mail", "k1", {"message_id": first.id})


def test_faulty_template_writes_nothing(people, uow):
    with pytest.raises(DefinitionError), uow(now=NOW) as work:
        notify.send(work.session, "主旨：x\n\n{{ missing }}", template="t", to=Recipient("a@example.tw", "甲"), context={},
                    key="k", now=NOW)

    assert db.session.scalar(select(func.count()).select_from(Message)) == 0


@pytest.mark.parametrize("link", ["https://evil.example", "//evil.example", "cases/1", ""])
def test_link_is_a_path_of_this_site(people, send, link):
    with pytest.raises(ValueError, match="path"):
        send(people[0], link=link)


def test_notices_are_listed_newest_first_and_read_by_their_owner_only(people, send):
    mine, others = people
    ids = [send(mine, n=n).id for n in range(1, 4)]
    foreign = send(others, n=9).id
    send(mine, n=5, is_notice=False), send(n=6)

    assert notify.unread(db.session(), mine.id) == notify.count_notices(db.session(), mine.id) == 3
    assert [m.id for m in notify.list_notices(db.session(), mine.id, size=2)] == ids[:0:-1]
    assert [m.id for m in notify.list_notices(db.session(), mine.id, page=2, size=2)] == ids[:1]
    assert notify.mark_read(db.session(), mine.id, NOW, [ids[0], foreign]) == 1
    assert notify.mark_read(db.session(), mine.id, NOW) == 2
    assert (notify.unread(db.session(), mine.id), notify.unread(db.session(), others.id)) == (0, 1)


def test_link_of_a_mail_that_is_no_notice_is_forgotten_when_it_has_left(people, send):
    secret = send(people[0], n=1, link="/password/reset/abc", is_notice=False).id
    notice = send(people[0], n=2, link="/vendor/cases/R-1").id

    for message_id in (secret, notice):
        notify.mark_sent(db.session(), message_id, NOW)

    kept = [notify.get_message(db.session(), message_id) for message_id in (secret, notice)]
    assert [(m.link, m.sent_at) for m in kept] == [(None, NOW), ("/vendor/cases/R-1", NOW)]


def test_unknown_message_is_not_found(ctx):
    with pytest.raises(NotFound):
        notify.get_message(db.session(), 404)
