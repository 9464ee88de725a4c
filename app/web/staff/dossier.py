"""What lies beside the judgement: what the applicant sent, what changed, the documents, the automatic checks."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import forms
from app.accounts.roles import STAFF_ROLES
from app.engine import queries
from app.engine.models import Event, Submission
from app.engine.packages import LoadedPackage
from app.files.models import StoredFile
from app.forms import Row
from app.forms.show import Change
from app.web import taskflow
from app.web.staff import decisions
from app.web.staff.case_page import applicant_of
from app.web.taskflow import TaskPage

DATA, CHANGES, FILES, CHECKS = "data", "changes", "files", "checks"


@dataclass(frozen=True, slots=True)
class Dossier:
    """The left side of a review. ``rounds`` how often the applicant has sent this form."""

    applicant: str
    subject: Submission | None
    rounds: int
    rows: list[Row]
    changes: list[Change]
    files: list[StoredFile]
    checks: list[decisions.Made]
    findings: list[tuple[str, str]]
    events: list[Event]
    submissions: list[Submission]

    @property
    def tabs(self) -> list[tuple[str, str]]:
        """Key and words of each tab that has something to show; the data always stands first."""
        found = [(DATA, "填報資料")]
        if self.changes:
            found.append((CHANGES, f"本次修改 {len(self.changes)}"))
        return [*found, (FILES, f"文件 {len(self.files)}"), (CHECKS, "查核結果")]


def read_dossier(session: Session, page: TaskPage) -> Dossier:
    """Projections only: submissions, events and files of the case."""
    case = page.case
    events = queries.history(session, case.id)
    submissions = list(queries.submissions(session, case.id))
    sent = _from_applicant(page, submissions)
    subject = sent[-1] if sent else None
    files = session.scalars(select(StoredFile).where(StoredFile.instance_id == case.id).order_by(StoredFile.id))
    return Dossier(applicant_of(session, case.party), subject, len(sent), _rows(page.package, subject),
                   _changes(page.package, sent), list(files), decisions.made(page.package, events)[:1],
                   findings_of(events), events, submissions)


def findings_of(events: list[Event]) -> list[tuple[str, str]]:
    """(step, sentence): what the automatic steps found out last. Names that end in ``_note`` are sentences for people."""
    latest: dict[str, str] = {}
    for event in events:
        for name, value in ((event.data or {}).get("wrote") or {}).items():
            if name.endswith("_note"):
                latest[event.name or name] = str(value)
    return list(latest.items())


def _from_applicant(page: TaskPage, submissions: list[Submission]) -> list[Submission]:
    """The rounds of the form under review; without a reviewed form, of the last form that the other side sent."""
    if page.schema.review_of:
        return [s for s in submissions if s.form_key == page.schema.review_of]
    nodes = page.package.manifest["nodes"]
    office = {node_id for node_id, node in nodes.items() if node["role"] in STAFF_ROLES}
    outside = [s for s in submissions if s.form_key and s.node_id not in office]
    return [s for s in outside if s.form_key == outside[-1].form_key]


def _rows(package: LoadedPackage, sent: Submission | None) -> list[Row]:
    return forms.summary(taskflow.form_of(package, sent.form_key), sent.values) if sent else []


def _changes(package: LoadedPackage, sent: list[Submission]) -> list[Change]:
    if len(sent) < 2:
        return []
    return forms.changes(taskflow.form_of(package, sent[-1].form_key), sent[-2].values, sent[-1].values)
