"""R1, R2 with the real processes: gunicorn over HTTP, worker and scheduler, all killed with SIGKILL."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

import pytest
from flask import Flask
from flask.ctx import AppContext
from sqlalchemy import func, select

from app.accounts import queries as accounts
from app.actor import Actor
from app.config import Config
from app.demo.companies import CHENHE, HEGUANG, QINGTIAN, Company
from app.engine.models import Command, ProcessInstance, Submission, WorkItem
from app.engine.reconcile import reconcile
from app.extensions import db, unit_of_work
from app.files.models import StoredFile
from app.jobs import queue
from app.notify.models import Message
from app.operations.registration import start_registration
from app.outbox.models import OutboxJob
from app.procurement.vendors import commands as vendors
from app.procurement.vendors.consent import VERSION
from tests import factories
from tests.faults import batch
from tests.faults.browser import Browser, Form, Page
from tests.flows.driver import Flow
from tests.support.stack import Stack

REVIEW = "review_registration"
SOON_S = 120                                   # R2: by itself within this time


@pytest.fixture
def flow(app: Flask, ctx: AppContext) -> Flow:
    return Flow(app)


def count(model: type[object], *where: object) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0  # type: ignore[arg-type]


def wait_until(holds: Callable[[], bool], timeout_s: float) -> bool:
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.2)
    return holds()


def all_done() -> bool:
    return count(OutboxJob) > 0 and count(OutboxJob, OutboxJob.status != "done") == 0


def registration(browser: Browser, company: Company) -> Form:
    """The registration form, filled in and not yet sent."""
    page = browser.send(browser.get("/register/consent").form("/register/consent").filled(version=VERSION))
    assert page is not None
    return page.form("/register").filled(**company.values(), password=factories.PASSWORD, confirm=factories.PASSWORD, consent="y")


def start_in_place(flow: Flow, company: Company) -> int:
    """A company registers in this process; its effects wait in the outbox."""
    with unit_of_work(Actor(None, company.contact)) as uow:
        made = vendors.register(uow, company.values(), password_hash=factories.password_hash(), consent_version=VERSION)
        uow.actor = accounts.actor_of(made.user)
        flow.case_id = start_registration(uow, made, company.values()).id
    return flow.case_id


def review(browser: Browser, item_id: str) -> Form:
    """The judgement of a claimed task, filled in and not yet sent."""
    page = browser.get(f"/staff/tasks/{item_id}")
    if "command_key" not in page.text:
        claimed = browser.send(page.form("/claim"))
        assert claimed is not None
        page = browser.get(f"/staff/tasks/{item_id}")
    return page.form(f"/staff/tasks/{item_id}").filled(do="send", outcome="approve", opinion="資料相符。")


def reviewer(flow: Flow, browser: Browser) -> None:
    with unit_of_work(Actor(None, "系統")) as uow:
        email = factories.make_user(uow.session, roles=("reviewer",), name="陳冠宇").email
    browser.log_in(email, factories.PASSWORD)


def answered(page: Page | None) -> Page:
    assert page is not None and page.status == 200, page and page.text[:500]
    return page


POINTS = ("engine.after_step", "uow.before_commit", "uow.after_commit", "web.before_response")


def kill_the_web_server(stack: Stack, flow: Flow, point: str) -> None:
    """Two people click, the server dies both times; it comes back and they click again."""
    flow.registry_knows(QINGTIAN)
    flow.register(QINGTIAN)
    item = flow.open_item(REVIEW)
    item_id = item.id
    company, office = Browser(stack.url), Browser(stack.url)
    stack.start("web")
    reviewer(flow, office)
    wish, judgement = registration(company, CHENHE), review(office, item_id)
    stack.kill("web")

    stack.start("web", environ={"QILIU_FAULT": point})
    assert company.send(wish) is None and office.send(judgement) is None
    stack.kill("web")
    was_kept = point in ("uow.after_commit", "web.before_response")
    assert count(ProcessInstance) == 1 + was_kept and count(Submission, Submission.item_id == item_id) == was_kept

    stack.start("web")
    assert "/vendor/" in answered(company.send(wish)).address
    assert "/staff" in answered(office.send(judgement)).address
    assert count(ProcessInstance) == 2 and count(Submission, Submission.item_id == item_id) == 1
    assert count(Command, Command.name == "complete") == 1
    assert count(WorkItem, WorkItem.id == item_id, WorkItem.status == "done") == 1
    assert reconcile(db.session()) == []


@pytest.mark.parametrize("point", ["uow.before_commit", "web.before_response"])
def test_a_killed_web_server_loses_no_click_and_doubles_none(stack: Stack, flow: Flow, point: str) -> None:
    kill_the_web_server(stack, flow, point)


@pytest.mark.chaos
@pytest.mark.both_databases
@pytest.mark.parametrize("point", POINTS)
def test_a_killed_web_server_at_every_point(stack: Stack, flow: Flow, point: str) -> None:
    kill_the_web_server(stack, flow, point)


def effects_are_whole(companies: int) -> None:
    """Each company's receipt letter and PDF once; nothing waits."""
    assert count(Message, Message.template == "vendor_registration/received") == companies
    assert count(Message, Message.sent_at.is_(None)) == 0 and count(StoredFile) == companies
    assert count(WorkItem, WorkItem.status == "open", WorkItem.node_id == REVIEW) == companies
    assert reconcile(db.session()) == []


def kill_the_background(stack: Stack, flow: Flow, point: str) -> None:
    """Worker and scheduler die at fault points while three registrations are on their way."""
    stack.config = stack.config.with_changes(job_seconds=2)
    for company in (CHENHE, QINGTIAN, HEGUANG):
        start_in_place(flow, company)
    stack.start("worker", environ={"QILIU_FAULT": point})
    stack.start("scheduler", environ={"QILIU_FAULT": "uow.after_commit:8"})
    assert stack.wait_dead("scheduler", 60) == -9
    assert wait_until(lambda: count(OutboxJob, OutboxJob.status == "running") + count(OutboxJob, OutboxJob.attempts > 0) > 0, 60)
    stack.kill("worker")

    began = time.monotonic()
    stack.start("worker", "scheduler")

    assert wait_until(all_done, SOON_S), db.session.query(OutboxJob.kind, OutboxJob.status, OutboxJob.last_error).all()
    assert time.monotonic() - began < SOON_S
    effects_are_whole(3)
    assert len(list(stack.config.mail_dir.glob("*.eml"))) == count(Message)


@pytest.mark.both_databases
def test_killed_background_processes_go_on_by_themselves(stack: Stack, flow: Flow) -> None:
    kill_the_background(stack, flow, "outbox.after_effect")


@pytest.mark.chaos
@pytest.mark.both_databases
@pytest.mark.parametrize("point", ["outbox.claimed", "outbox.before_effect", "outbox.before_done", "engine.after_step",
                                   "uow.after_commit"])
def test_killed_background_processes_at_every_point(stack: Stack, flow: Flow, valkey: str, point: str) -> None:
    stack.config = stack.config.with_changes(redis_url=f"{valkey}?db=5")
    kill_the_background(stack, flow, point)


@pytest.mark.chaos
@pytest.mark.both_databases
def test_a_queue_that_is_emptied_again_and_again_loses_nothing(stack: Stack, flow: Flow, valkey: str) -> None:
    """R4: no submission fails; what was queued comes back when its lease of 60 s is over."""
    stack.config = stack.config.with_changes(redis_url=f"{valkey}?db=6", job_seconds=2)
    stack.start("scheduler")
    for company in (CHENHE, QINGTIAN, HEGUANG):
        start_in_place(flow, company)
        assert wait_until(lambda: count(OutboxJob, OutboxJob.status == "pending") == 0, 20)
        with queue.connect(stack.config) as connection:
            assert queue.open_queue(connection).count > 0
            connection.flushdb()

    stack.start("worker")

    assert wait_until(all_done, SOON_S + 60)
    effects_are_whole(3)


class Applicant(threading.Thread):
    """A company that registers and does not give up before it is told."""

    def __init__(self, url: str, company: Company) -> None:
        super().__init__(daemon=True)
        self._browser, self._company, self.problem = Browser(url, 20), company, ""

    def run(self) -> None:
        wish = None
        for _ in range(200):
            try:
                wish = wish or registration(self._browser, self._company)
                page = self._browser.send(wish)
            except (AssertionError, LookupError):
                page = None                              # the server is away
            if page is not None and "/vendor/" in page.address:
                return
            time.sleep(0.3)
        self.problem = page.text[:500] if page else "no answer"


@pytest.mark.chaos
@pytest.mark.both_databases
def test_everything_killed_at_once_goes_on(config: Config, flow: Flow, valkey: str, record_property: batch.Note) -> None:
    seed = batch.seed()
    rng = random.Random(seed)
    companies = [Company(factories.make_tax_id(), f"測試{n}股份有限公司", "許庭瑋", "104", f"臺北市中山區民生東路三段{n}號",
                         "林芷涵", "產品經理", f"02-5550-{1000 + n}", f"0900-000-{100 + n}", f"all{n}") for n in range(8)]
    with Stack(config.with_changes(redis_url=f"{valkey}?db=7", job_seconds=3)) as stack:
        stack.start("web", "worker", "scheduler")
        people = [Applicant(stack.url, company) for company in companies]
        for number, person in enumerate(people):
            person.start()
            time.sleep(rng.random())
            if number % 2:
                for name in ("web", "worker", "scheduler"):
                    stack.kill(name)
                with queue.connect(stack.config) as connection:
                    connection.flushdb()
                stack.start("web", "worker", "scheduler")
        for person in people:
            person.join(120)
        assert wait_until(all_done, SOON_S + 60), db.session.query(OutboxJob.kind, OutboxJob.status, OutboxJob.last_error).all()
    record_property("note", f"everything killed at once {len(companies) // 2} times: seed {seed}")
    assert [person.problem for person in people] == [""] * len(people)
    assert count(ProcessInstance) == len(companies)
    effects_are_whole(len(companies))
