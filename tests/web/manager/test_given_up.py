"""Effects that were given up are seen by a person: on the page, by a command, and by whoever watches the machine."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from flask import Flask

from app import clock, outbox
from app.actor import SYSTEM
from app.audit.queries import list_events
from app.cli.outbox import group
from app.extensions import db, unit_of_work
from app.outbox.models import OutboxJob
from tests.web.staff.office import Office, text_of


@pytest.fixture
def dead_id() -> str:
    with unit_of_work(SYSTEM, now=clock.now()) as uow:
        job = outbox.add(uow.session, "mail", "m1", {"message_id": 1}, now=uow.now)
        job.status, job.attempts, job.finished_at, job.last_error = "dead", 5, uow.now, "SMTPException: <away>"
        return job.id


def status(job_id: str) -> str:
    db.session.rollback()
    return db.session.get_one(OutboxJob, job_id, populate_existing=True).status


def test_the_page_shows_them_and_tries_again(office: Office, dead_id: str) -> None:
    client = office.login(office.manager)

    page = text_of(client.get("/manage/incidents"))
    assert "已放棄的背景工作" in page and "寄送信件" in page and "&lt;away&gt;" in page
    said = text_of(client.post(f"/manage/outbox/{dead_id}/retry", follow=True))

    assert "已重新排入" in said and status(dead_id) == "pending"
    [trace] = list_events(db.session(), action="outbox:retried")
    assert (trace.actor, trace.subject) == ("吳佩珊", f"job:{dead_id}")
    assert "已由其他人處理" in text_of(client.post(f"/manage/outbox/{dead_id}/retry", follow=True))
    assert "已放棄的背景工作" not in text_of(client.get("/manage/incidents"))


def test_others_may_not(office: Office, dead_id: str) -> None:
    assert office.login(office.reviewer).post(f"/manage/outbox/{dead_id}/retry").status_code == 403
    assert office.login(office.manager).post(f"/manage/outbox/{uuid4()}/retry").status_code == 404
    assert status(dead_id) == "dead"


def test_the_commands(office: Office, app: Flask, dead_id: str) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        result = app.test_cli_runner().invoke(group, arguments)
        return result.exit_code, result.output

    assert json.loads(run("list", "--json")[1])["last_error"] == "SMTPException: <away>"
    assert run("retry")[0] == 2 and run("retry", "nobody")[0] == 1
    assert run("retry", dead_id) == (0, "已重送 1 筆。\n")
    assert status(dead_id) == "pending" and run("list") == (0, "沒有已放棄的背景工作。\n")
    assert run("retry", "--all") == (0, "已重送 0 筆。\n")
    assert list_events(db.session(), action="outbox:retried")[0].actor == "系統"


def test_readyz_counts_them_and_stays_ready(office: Office, app: Flask, dead_id: str) -> None:
    with unit_of_work(SYSTEM, now=clock.now()) as uow:
        outbox.beat(uow.session, "scheduler", uow.now)

    answer = app.test_client().get("/readyz")

    assert answer.status_code == 200 and answer.json["outbox_dead"] == 1
