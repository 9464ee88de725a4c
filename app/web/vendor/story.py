"""What a vendor sees of one case: steps, history in words, what was sent, papers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app import files, forms
from app.accounts import policy
from app.accounts.roles import VENDOR
from app.actor import Actor
from app.engine import packages, queries
from app.engine.models import RUNNING, Event, ProcessInstance, Submission, WorkItem
from app.engine.packages import LoadedPackage
from app.files.models import StoredFile
from app.web import timeline
from app.web.format import roc_datetime
from app.web.taskflow import form_of

MOST_STEPS = 6               # ui/UI.md §4: q-flow is for 2 to 6 steps


@dataclass(frozen=True, slots=True)
class Step:
    """One station of ``q-flow``; ``kind`` is done, now or next."""

    text: str
    sub: str
    kind: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case on the vendor's page."""

    case: ProcessInstance
    title: str
    tasks: list[WorkItem]
    timeline: list[timeline.Row]
    steps: list[Step]
    sent: list[forms.Row]
    sent_at: datetime | None
    files: list[StoredFile]
    may_withdraw: bool


def case_view(session: Session, case: ProcessInstance, actor: Actor, now: datetime) -> CaseView:
    """Everything the page needs, in a fixed number of queries."""
    package = packages.get(session, case.version_id)
    items, submissions = queries.case_items(session, case.id), queries.submissions(session, case.id)
    sent = [s for s in submissions if _lane(package, s.node_id) == VENDOR]
    last = sent[-1] if sent else None
    events = queries.history(session, case.id)
    rows = timeline.for_vendor(timeline.Story(case, package, events, submissions, items), now)
    return CaseView(
        case, package.title, [item for item in items if item.role == VENDOR], rows, steps(case, events, now),
        _rows(package, last), last.at if last else None, files.list_files(session, case.id, party=case.party),
        case.status == RUNNING and policy.may(actor, "case.withdraw", case)
        and queries.can_withdraw(session, case.id))


def steps(case: ProcessInstance, events: Sequence[Event], now: datetime) -> list[Step]:
    """Sent, the phases since, and the present one: the way so far, then what is still to come in one word."""
    phases = [event for event in events if event.kind == "phase.changed" and (event.data or {}).get("to")]
    done = [Step("送出申請", roc_datetime(case.started_at, now), "done")]
    done += [Step(str((event.data or {})["to"]), roc_datetime(event.at, now), "done") for event in phases]
    if case.status != RUNNING or len(done) < 2:
        return done[-MOST_STEPS:]
    present = done.pop()
    return [*done[-(MOST_STEPS - 2):], Step(present.text, f"{present.sub} 起", "now"), Step("審核結果", "尚未開始", "next")]


def _lane(package: LoadedPackage, node_id: str) -> str | None:
    node = package.manifest["nodes"].get(node_id)
    return node["role"] if node else None


def _rows(package: LoadedPackage, sent: Submission | None) -> list[forms.Row]:
    return forms.summary(form_of(package, sent.form_key), sent.values) if sent and sent.form_key else []


