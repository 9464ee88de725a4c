"""What the list of cases reads: one page of rows and a capped total, two statements, never a state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from app.engine.models import ProcessInstance
from app.web.staff.queue_rows import COUNT_LIMIT, PAGE_SIZE, Count

WEEK = "week"


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """``phase`` the word people see; ``ended`` WEEK: finished since Monday; all empty: every case."""

    package: str = ""
    status: str = ""
    phase: str = ""
    ended: str = ""
    text: str = ""
    page: int = 1

    @property
    def narrowed(self) -> bool:
        return bool(self.package or self.status or self.phase or self.ended or self.text)


@dataclass(frozen=True, slots=True)
class CaseRow:
    id: int
    package_key: str
    business_key: str
    title: str
    phase: str
    phase_kind: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class CaseList:
    rows: list[CaseRow]
    total: Count
    has_next: bool


_COLUMNS = tuple(getattr(ProcessInstance, name) for name in CaseRow.__slots__)


def read_cases(session: Session, wanted: CaseFilter, *, week: datetime) -> CaseList:
    """One page of the office's cases, the newest first. ``week`` is the instant this week began."""
    conditions = _conditions(wanted, week)
    rows = session.execute(select(*_COLUMNS).where(*conditions).order_by(ProcessInstance.id.desc())
                           .offset((wanted.page - 1) * PAGE_SIZE).limit(PAGE_SIZE + 1)).all()
    counted = select(ProcessInstance.id).where(*conditions).limit(COUNT_LIMIT + 1).subquery()
    total = session.scalar(select(func.count()).select_from(counted)) or 0
    return CaseList([CaseRow(*row) for row in rows[:PAGE_SIZE]], Count(total), len(rows) > PAGE_SIZE)


def _conditions(wanted: CaseFilter, week: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.package:
        found.append(ProcessInstance.package_key == wanted.package)
    if wanted.status:
        found.append(ProcessInstance.status == wanted.status)
    if wanted.phase:
        found.append(ProcessInstance.phase == wanted.phase)
    if wanted.ended == WEEK:
        found.append(ProcessInstance.ended_at >= week)
    if wanted.text:
        found.append(or_(ProcessInstance.business_key.icontains(wanted.text, autoescape=True),
                         ProcessInstance.title.icontains(wanted.text, autoescape=True)))
    return found
