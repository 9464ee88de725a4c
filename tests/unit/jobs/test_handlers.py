"""Handlers against a real case: the receipt as PDF, the answer of an asynchronous operation."""

from __future__ import annotations

import io

import pytest
from flask.ctx import AppContext
from pypdf import PdfReader
from sqlalchemy import select

from app import clock, files
from app.accounts import passwords
from app.config import ROOT
from app.demo.companies import CHENHE
from app.documents import pdf
from app.engine import packages
from app.engine.models import Event, Incident
from app.errors import ExternalFailure
from app.extensions import db
from app.files.models import StoredFile
from app.jobs import entry, operations, prepare, rounds
from app.operations.registration import start_registration
from app.outbox.models import OutboxJob
from app.procurement.vendors import commands as vendors
from tests.conftest import UowFactory

pytestmark = pytest.mark.skipif(not pdf.FONTS.exists(), reason="fonts: assets are not built")


@pytest.fixture
def case_id(uow: UowFactory) -> int:
    """A registration that was just sent: a mail, a receipt and a look into the registry are due."""
    prepare.publish()
    with uow() as work:
        registration = vendors.register(work, CHENHE.values(), password_hash=passwords.hash("x"), consent_version="1")
        return start_registration(work, registration, CHENHE.values()).id


def run_all() -> dict[str, str]:
    """Carry out what is due; what became of each kind."""
    kinds = {row.id: row.kind for row in db.session.execute(select(OutboxJob.id, OutboxJob.kind))}
    db.session.rollback()
    return {kinds[job_id]: entry.run(job_id) for job_id in rounds.relay(clock.now(), limit=50)}


def test_the_receipt_is_made_once_with_what_was_sent(case_id: int) -> None:
    assert run_all()["document"] == "done"

    stored = db.session.scalars(select(StoredFile)).one()
    text = PdfReader(io.BytesIO(files.read_file(stored))).pages[0].extract_text()
    assert (stored.kind, stored.instance_id, stored.mime) == ("receipt", case_id, "application/pdf")
    assert CHENHE.name in text and CHENHE.tax_id in text


def test_an_operation_answers_its_case(case_id: int) -> None:
    assert run_all()["operation"] == "done"

    steps = db.session.scalars(select(Event.node_id).where(Event.instance_id == case_id, Event.kind == "step.completed"))
    assert "check_registry" in list(steps)


def test_the_registry_is_asked_with_no_transaction_open(case_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, bool]] = []

    class Slow:
        def lookup(self, tax_id: str) -> None:
            asked.append((tax_id, db.session().in_transaction()))
    monkeypatch.setattr("app.procurement.vendors.registry.open_registry", lambda _session: Slow())

    assert run_all()["operation"] == "done"

    assert asked == [(CHENHE.tax_id, False)]


def test_an_operation_that_fails_for_good_becomes_an_incident(case_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_parameters: object) -> None:
        raise ExternalFailure("registry", "商業登記查不到。", retry=False)
    operation = operations.catalogue.find("vendor.check_registry")
    assert operation is not None
    broken = type(operation)(operation.name, operation.title, fail, "async")
    monkeypatch.setitem(operations.catalogue._operations, operation.name, broken)

    assert run_all()["operation"] == "dead"

    incident = db.session.scalars(select(Incident).where(Incident.instance_id == case_id)).one()
    assert incident.message == "商業登記查不到。" and incident.resolved_at is None


def test_publishing_again_changes_nothing(ctx: AppContext) -> None:
    assert [version.key for version in prepare.publish()] == ["vendor_registration"]

    assert prepare.publish() == []


def test_a_start_does_not_replace_a_newer_publication(uow: UowFactory) -> None:
    prepare.publish()
    key, brought = "vendor_registration", packages.read_folder(ROOT, "vendor_registration")
    path = "templates/mail/vendor_registration/received.txt"
    with uow() as work:
        newer = packages.deploy(work, {**brought, path: brought[path] + b"\n"}, key).id

    prepare.publish()

    assert packages.active(db.session(), key).id == newer
    with uow() as work:
        assert packages.deploy(work, brought, key).version == 1          # a decision: ``flask package deploy``
    assert packages.active(db.session(), key).version == 1
