"""Makes the document of a case from the template of its own package version and what was sent."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock, files, forms, outbox
from app.actor import SYSTEM
from app.config import Config
from app.documents import pdf, sheets
from app.engine import packages
from app.engine.models import ProcessInstance, Submission
from app.errors import NotFound
from app.extensions import UnitOfWork, db, release
from app.notify.render import roc_datetime

MIME = "application/pdf"


def make_document(job: outbox.Job, _config: Config) -> Callable[[UnitOfWork], object]:
    """Payload {"template", "instance_id", "submission_id", "key", "name", "kind"}; the same key is one file."""
    wanted = job.payload
    session = db.session()
    case = session.get(ProcessInstance, wanted["instance_id"])
    submission = session.get(Submission, wanted["submission_id"])
    if case is None or submission is None:
        raise NotFound(job_id=job.id)
    html = _fill(session, case, submission, str(wanted["template"]))
    case_id, party = case.id, case.party
    release()
    content = pdf.render(html)
    return lambda uow: files.add(uow.session, key=str(wanted["key"]), data=content, name=str(wanted["name"]), mime=MIME,
                                 kind=str(wanted["kind"]), by=SYSTEM, now=uow.now, instance_id=case_id, party=party)


def _fill(session: Session, case: ProcessInstance, submission: Submission, template: str) -> str:
    package = packages.get(session, case.version_id)
    source = package.file(template).decode()
    return sheets.fill(source, {
        "number": case.business_key, "title": case.title, "at": roc_datetime(submission.at), "by": submission.by,
        "round": _round(session, submission), "sections": _sections(package, submission),
        "printed_at": roc_datetime(clock.now())}, file=template)


def _sections(package: packages.LoadedPackage, submission: Submission) -> list[tuple[str, list[forms.Row]]]:
    """What was entered, in words, under the headings of the form."""
    path = package.manifest["forms"][submission.form_key or ""]
    rows = forms.summary(forms.load(package.file(path), path), submission.values)
    return [(name, list(part)) for name, part in groupby(rows, key=lambda row: row.section)]


def _round(session: Session, submission: Submission) -> int:
    """How often this form was sent in the case, this time included."""
    return session.scalar(select(func.count()).select_from(Submission).where(
        Submission.instance_id == submission.instance_id, Submission.form_key == submission.form_key,
        Submission.id <= submission.id)) or 1
