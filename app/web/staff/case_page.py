"""One case as a person reads it: where it stands in one sentence, the way it went, what waits, what went wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Organisation
from app.accounts.roles import ROLES
from app.engine import catalogue, packages, queries
from app.engine.models import (
    CANCELLED,
    OPEN,
    RUNNING,
    WHOLE_CASE,
    Event,
    Incident,
    ProcessInstance,
    Submission,
    Timer,
    WorkItem,
)
from app.engine.packages import LoadedPackage
from app.files.models import StoredFile
from app.web import format as words
from app.web.timeline import Story

# Events that say a token has passed a node.
_PASSED = frozenset(("case.started", "task.completed", "step.completed", "decision.made", "timer.fired",
                     "message.received", "case.ended", "incident.resolved"))


@dataclass(frozen=True, slots=True)
class Path:
    """Node and flow ids for the picture. ``now`` are nodes where a token rests."""

    done: set[str]
    flows: set[str]
    now: set[str]


@dataclass(frozen=True, slots=True)
class CasePage:
    """Everything of a case that its page shows, read in one go."""

    case: ProcessInstance
    package: LoadedPackage
    events: list[Event]
    submissions: list[Submission]
    items: list[WorkItem]
    incidents: list[Incident]
    timers: list[Timer]
    files: list[StoredFile]
    applicant: str

    @property
    def open_incidents(self) -> list[Incident]:
        return [incident for incident in self.incidents if incident.resolved_at is None]

    @property
    def story(self) -> Story:
        return Story(self.case, self.package, self.events, self.submissions, self.items, self.timers)

    @property
    def path(self) -> Path:
        done = {e.node_id for e in self.events if e.node_id and e.kind in _PASSED}
        flows = {flow for e in self.events for flow in (e.data or {}).get("flows", [])}
        now = {item.node_id for item in self.items} | {incident.node_id for incident in self.open_incidents}
        now |= {timer.node_id for timer in self.timers if not self._on_boundary(timer.node_id)}
        return Path(done | {self.package.manifest["start"]}, flows, now)

    def may_skip(self, incident: Incident) -> bool:
        """Whether the case can go on without the failed step."""
        node = self.package.manifest["nodes"].get(incident.node_id)
        return self.may_edit(incident) and catalogue.is_skippable(node.get("operation") if node else None)

    def may_edit(self, incident: Incident) -> bool:
        """Whether there is a failed step with data that could be corrected."""
        return incident.task_id != WHOLE_CASE

    def _on_boundary(self, node_id: str) -> bool:
        node = self.package.manifest["nodes"].get(node_id)
        return node is not None and bool(node["attached_to"])


def read_case(session: Session, case: ProcessInstance) -> CasePage:
    """Projections and history of one case; its state stays closed."""
    items = session.scalars(select(WorkItem).where(WorkItem.instance_id == case.id, WorkItem.status == OPEN)
                            .order_by(WorkItem.sort_at))
    incidents = session.scalars(select(Incident).where(Incident.instance_id == case.id).order_by(Incident.id.desc()))
    files = session.scalars(select(StoredFile).where(StoredFile.instance_id == case.id).order_by(StoredFile.id))
    return CasePage(case, packages.get(session, case.version_id), queries.history(session, case.id),
                    list(queries.submissions(session, case.id)), list(items), list(incidents),
                    list(queries.timers(session, case.id)), list(files), applicant_of(session, case.party))


def applicant_of(session: Session, party: str | None) -> str:
    """The name of the side a case belongs to; empty for the office's own cases."""
    number = (party or "").removeprefix("org:")
    found = session.get(Organisation, int(number)) if number.isdecimal() else None
    return f"{found.name}（統一編號 {found.tax_id}）" if found else ""


def sentence(page: CasePage, now: datetime) -> str:
    """Who does what by when, or how it ended."""
    case = page.case
    if case.status == CANCELLED:
        return f"已於 {words.roc_datetime(case.ended_at, now)} 取消。"
    if case.status != RUNNING:
        return f"已於 {words.roc_datetime(case.ended_at, now)} 結束，結果為「{case.phase or '完成'}」。"
    if page.open_incidents:
        return "".join(_stuck(incident, now) for incident in page.open_incidents[:2])
    if page.items:
        return "".join(_waiting(item) for item in page.items[:3])
    waits = [f"等候「{timer.name}」，{words.roc_datetime(timer.due_at, now)} 自動繼續。" for timer in page.timers[:2]]
    return "".join(waits) or "系統處理中。"


def _waiting(item: WorkItem) -> str:
    who = item.assignee or ROLES.get(item.role, item.role)
    verb = "辦理" if item.assignee or item.party else "領取辦理"
    due = f"，應於 {words.roc_full(item.due_at)} 前完成" if item.due_at else ""
    return f"目前在「{item.name}」，等候{' ' if item.assignee else ''}{who}{' ' if item.assignee else ''}{verb}{due}。"


def _stuck(incident: Incident, now: datetime) -> str:
    then = f"將於 {words.roc_datetime(incident.retry_at, now)} 自動重試" if incident.retry_at else "請主管處理"
    return f"「{incident.name}」沒有成功，資料都已保留，{then}。"


def first_due(items: Iterable[WorkItem]) -> WorkItem | None:
    """The open item whose deadline comes first; it carries the page's deadline chip."""
    return min((item for item in items if item.due_at), key=lambda item: item.sort_at, default=None)
