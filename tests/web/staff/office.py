"""An office with people and real cases of the shipped registration procedure, for the staff and manager pages."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, session
from flask_wtf.csrf import generate_csrf
from werkzeug.test import TestResponse

from app import clock, outbox
from app.accounts.models import User
from app.actor import SYSTEM, Actor
from app.config import ROOT
from app.engine import commands, packages, queries
from app.engine.models import ProcessInstance, WorkItem
from app.extensions import db, unit_of_work
from app.jobs import entry
from app.operations.registration import start_registration
from app.procurement.vendors import commands as vendors
from app.procurement.vendors.models import CompanyRecord
from app.web import session as visits
from tests import factories

NOW = factories.NOW


def company(tax_id: str, name: str) -> dict[str, object]:
    return {"tax_id": tax_id, "company_name": name, "head_name": "許庭瑋", "postcode": "100",
            "address": f"臺北市中正區重慶南路一段{tax_id[-3:]}號", "contact_name": "林芷涵", "contact_title": "專員",
            "contact_phone": f"02-{tax_id[:4]}-{tax_id[4:]}", "contact_mobile": f"09{tax_id}",
            "contact_email": f"contact{tax_id}@example.tw"}


class Browser:
    """A signed-in person without scripts. Each request has a context of its own, as in the server."""

    def __init__(self, app: Flask, user: User) -> None:
        self._client = app.test_client()
        kept, self.token = Context().run(_sign_in, app, user)
        with self._client.session_transaction() as session:
            session.update(kept)

    def get(self, url: str) -> TestResponse:
        return self._ask(self._client.get, url)

    def post(self, url: str, data: dict[str, object] | None = None, *, follow: bool = False) -> TestResponse:
        return self._ask(self._client.post, url, data={**(data or {}), "csrf_token": self.token}, follow_redirects=follow)

    @property
    def cookie(self) -> dict[str, str]:
        """For a real browser."""
        kept = self._client.get_cookie("qiliu")
        assert kept is not None
        return {"name": "qiliu", "value": kept.value}

    @staticmethod
    def _ask(method: Callable[..., TestResponse], url: str, **options: object) -> TestResponse:
        answer = Context().run(method, url, **options)
        db.session.rollback()
        db.session.expire_all()
        return answer


def _sign_in(app: Flask, user: User) -> tuple[dict[str, object], str]:
    with app.test_request_context():
        visits.begin(user, clock.now())
        token = generate_csrf()
        return dict(session), token


@dataclass
class Office:
    """People and their cases. All commands happen at the frozen clock's time."""

    app: Flask
    reviewer: User
    second: User
    approver: User
    both: User
    manager: User
    vendor: User

    def login(self, user: User) -> Browser:
        return Browser(self.app, user)

    def start(self, name: str = "晨禾雲端股份有限公司", *, listed: bool = True,
              at: datetime | None = None) -> ProcessInstance:
        """A company registers. ``listed``: the business registry knows it, so that one reviewer decides alone."""
        values = company(factories.make_tax_id(), name)
        with unit_of_work(SYSTEM, now=at or clock.now()) as uow:
            if listed:
                uow.session.add(CompanyRecord(tax_id=values["tax_id"], name=name, head_name=values["head_name"],
                                              address=values["address"], status="核准設立"))
            made = vendors.register(uow, values, password_hash=factories.password_hash(), consent_version="1")
            case = start_registration(uow, made, values)
        self.run_jobs(at)
        return case

    def run_jobs(self, at: datetime | None = None) -> None:
        """Do what waits in the outbox and concerns the case's way, as a worker would."""
        entry.use(self.app)
        with clock.frozen(at or clock.now()), unit_of_work(SYSTEM) as uow:
            due = [job.id for job in outbox.claim_due(uow.session, uow.now, 50) if job.kind == "operation"]
        with clock.frozen(at or clock.now()):
            for job_id in due:
                Context().run(entry.run, job_id)
        db.session.expire_all()

    def item(self, case: ProcessInstance) -> WorkItem:
        """The one open item of a case."""
        db.session.rollback()
        (found,) = queries.case_items(db.session(), case.id)
        return found

    def claim(self, case: ProcessInstance, user: User) -> WorkItem:
        item_id = self.item(case).id
        with unit_of_work(factories.actor_for(user)) as uow:
            return commands.claim(uow, item_id)

    def send(self, case: ProcessInstance, user: User, values: dict[str, object]) -> None:
        """Complete the open item of a case as this person."""
        item = self.item(case)
        with unit_of_work(self.actor(user, case)) as uow:
            if item.assignee_id is None and item.party is None:
                item = commands.claim(uow, item.id)
            commands.complete(uow, item.id, values, expected=item.version, command_key=f"k-{item.id}")
        self.run_jobs()

    def actor(self, user: User, case: ProcessInstance) -> Actor:
        actor = factories.actor_for(user)
        return Actor(actor.user_id, actor.name, actor.roles, case.party) if "vendor" in actor.roles else actor

    def values_of(self, case: ProcessInstance) -> dict[str, object]:
        return dict(queries.submissions(db.session(), case.id)[0].values)


def open_office(app: Flask) -> Office:
    """People of every kind and the shipped procedures, published."""
    with unit_of_work(SYSTEM) as uow:
        packages.deploy_all(uow, ROOT)
        make = factories.make_user
        people = [make(uow.session, role="reviewer", name="陳冠宇"), make(uow.session, role="reviewer", name="黃怡安"),
                  make(uow.session, role="approver", name="蔡明哲"),
                  make(uow.session, roles=("reviewer", "approver"), name="李承恩"),
                  make(uow.session, role="manager", name="吳佩珊"), factories.make_vendor(uow.session, name="林芷涵")]
    return Office(app, *people)


def review(outcome: str = "approve", **more: object) -> dict[str, object]:
    return {"outcome": outcome, "checked": [], "marks": [], **more}


def text_of(response: TestResponse) -> str:
    return response.get_data(as_text=True)
