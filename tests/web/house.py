"""A house to visit: the shipped procedure published, people of the office, and a browser-like vendor."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from app import clock, create_app, files, forms, outbox
from app.accounts import commands as accounts
from app.accounts import passwords
from app.accounts.models import User
from app.accounts.queries import actor_of
from app.accounts.roles import ROLES
from app.actor import SYSTEM
from app.config import ROOT, Config
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
MARKS = [{"field": "contact_phone", "label": "聯絡人電話", "opinion": "請補分機。"},
         {"field": "company_name", "label": "公司名稱", "opinion": "與商業登記不符。"}]
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


class House:
    """Does behind the doors what the vendor's tests need of the others."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def publish(self) -> None:
        with self.app.app_context(), unit_of_work(SYSTEM) as uow:
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


class Stages:
    """States a house can be in, each played once in a test process and then copied: database and files."""

    def __init__(self, folder: Path, empty: Path) -> None:
        self._folder, self._empty = folder, empty
        self._plays: dict[str, tuple[str, Callable[[House], None]]] = {
            "published": ("", House.publish), "registered": ("published", _register),
            "correcting": ("registered", _ask_for_correction), "approved": ("registered", _approve)}

    def enter(self, name: str, app: Flask) -> None:
        """Put ``app`` into a state; what it held before is gone."""
        _copy(self._made(name), app)

    def _made(self, name: str) -> Path:
        target = self._folder / name
        if target.exists():
            return target
        before, play = self._plays[name]
        draft = self._folder / f"{name}.next"
        draft.mkdir()
        app = create_app(config_in(draft))
        if before:
            _copy(self._made(before), app)
        else:
            shutil.copy(self._empty, draft / "qiliu.db")
        play(House(app))
        with app.app_context():
            db.session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
            db.session.remove()
            db.engine.dispose()
        draft.rename(target)
        return target


def config_in(folder: Path, **changes: Any) -> Config:
    """The settings of a test house that lives in ``folder``."""
    return Config(secret_key="test-key-" * 5, data_dir=folder, database_url=f"sqlite:///{folder / 'qiliu.db'}",
                  base_url="http://localhost", fast_passwords=True).with_changes(**changes)


def _copy(stage: Path, app: Flask) -> None:
    config: Config = app.extensions["qiliu"]
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    for left in config.data_dir.glob("qiliu.db*"):
        left.unlink()
    shutil.copytree(stage, config.data_dir, dirs_exist_ok=True)
    files.use_store(files.FileStore(config.files_dir))        # other houses of this process chose theirs


def _register(house: House) -> None:
    Visitor(house.app).register()
    house.run_jobs()


def _ask_for_correction(house: House) -> None:
    house.office_completes("review_registration", {"outcome": "correct", "marks": MARKS}, house.person("reviewer"))
    house.run_jobs()


def _approve(house: House) -> None:
    house.office_completes("review_registration", {"outcome": "approve", "marks": []}, house.person("reviewer"))
    if house.items("confirm_registration"):
        house.office_completes("confirm_registration", {"agree": "agree"}, house.person("approver"))
    house.run_jobs()


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

    def log_in_as_vendor(self) -> Visitor:
        self.log_in(COMPANY["contact_email"])
        return self

    @property
    def path(self) -> str:
        return self.page.request.path
