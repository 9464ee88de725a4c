"""A house to visit: the shipped procedure published, people of the office, and a browser-like vendor."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app import clock, forms, outbox
from app.accounts import commands as accounts
from app.accounts import passwords
from app.accounts.models import User
from app.accounts.queries import actor_of
from app.accounts.roles import ROLES
from app.actor import SYSTEM
from app.config import ROOT
from app.engine import commands, packages
from app.engine.models import OPEN, WorkItem
from app.extensions import db, unit_of_work
from app.jobs import entry
from app.procurement.vendors import consent

PASSWORD = "Right-horse-42!"
COMPANY = {
    "tax_id": "12345675", "company_name": "晨禾雲端股份有限公司", "head_name": "林大年", "postcode": "100006",
    "address": "臺北市中正區忠孝西路一段 1 號", "contact_name": "林芷涵", "contact_title": "專案經理",
    "contact_phone": "02-1234-5678#123", "contact_mobile": "0912-345-678", "contact_email": "contact@chenhe.example",
}
SECRETS = {"password": PASSWORD, "confirm": PASSWORD, "consent": "y"}
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


class House:
    """Does behind the doors what the vendor's tests need of the others."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context(), unit_of_work(SYSTEM) as uow:
            packages.deploy_all(uow, ROOT, forms_checker=_field_keys, roles=sorted({*ROLES, "system"}))

    def person(self, role: str, email: str | None = None) -> User:
        with self.app.app_context(), unit_of_work(SYSTEM) as uow:
            return accounts.create_user(uow, email=email or f"{role}@office.example", name=f"{ROLES[role]}甲",
                                        password_hash=passwords.hash(PASSWORD), roles=[role])

    def run_jobs(self) -> None:
        """Carry out what is due, as the worker does, until nothing is."""
        entry.use(self.app)
        for _ in range(20):
            with self.app.app_context(), unit_of_work(SYSTEM) as uow:
                ids = [job.id for job in outbox.claim_due(uow.session, clock.now(), 50)]
            if not ids:
                return
            for job_id in ids:
                entry.run(job_id)

    def office_completes(self, node_id: str, values: dict[str, Any], by: User, now: datetime | None = None) -> None:
        """Somebody of the office claims the open task of a node and sends it."""
        with self.app.app_context(), unit_of_work(actor_of(by), now=now) as uow:
            item = uow.session.scalars(select(WorkItem).where(WorkItem.node_id == node_id, WorkItem.status == OPEN)).one()
            item = commands.claim(uow, item.id)
            commands.complete(uow, item.id, values, expected=item.version, command_key=f"test:{item.id}")

    def items(self, node_id: str) -> list[WorkItem]:
        with self.app.app_context():
            return list(db.session.scalars(select(WorkItem).where(WorkItem.node_id == node_id)))

    def count(self, model: type[Any]) -> int:
        with self.app.app_context():
            return len(list(db.session.scalars(select(model.__table__.primary_key.columns.values()[0]))))


def _field_keys(content: bytes, file: str) -> list[str]:
    return [field.key for field in forms.load(content, file).fields()]


class Visitor:
    """A browser without scripts: sends the hidden fields of the page it is on, follows redirects."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self.page: TestResponse = self.client.get("/announcements")

    def get(self, path: str) -> TestResponse:
        self.page = self.client.get(path, follow_redirects=True)
        return self.page

    def hidden(self) -> dict[str, str]:
        return dict(_HIDDEN.findall(self.page.text))

    def post(self, path: str, data: dict[str, Any] | None = None, *, follow: bool = True, **headers: str) -> TestResponse:
        answer = self.client.post(path, data={**self.hidden(), **(data or {})}, follow_redirects=follow, headers=headers)
        if follow:
            self.page = answer
        return answer

    def accept_consent(self) -> None:
        self.get("/register/consent")
        self.post("/register/consent", {"version": consent.VERSION})

    def register(self, **changes: str) -> TestResponse:
        self.accept_consent()
        return self.post("/register", {**COMPANY, **SECRETS, **changes})

    def log_in(self, account: str, password: str = PASSWORD, **more: str) -> TestResponse:
        self.get("/")
        return self.post("/login", {"account": account, "password": password, **more})

    @property
    def path(self) -> str:
        return self.page.request.path
