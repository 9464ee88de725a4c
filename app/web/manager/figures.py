"""The board's numbers: open items by step and by person, from the projections only, never from a state.

Every number here is the length of a list that ``find_items`` gives with the same filter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal_column, select
from sqlalchemy.orm import Session

from app.engine.models import DONE, OPEN, ProcessInstance, WorkItem

PAGE_SIZE = 25
LATE, SOON = "late", "soon"
UNASSIGNED = "none"
OLDEST = "oldest"
_OPEN: ColumnElement[str] = literal_column(f"'{OPEN}'")
# Items of a vendor belong to the vendor's side: nobody in the office can be given them.
_IN_POOL = and_(WorkItem.assignee_id.is_(None), WorkItem.party.is_(None))


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """``package`` a key or empty for all; ``person`` a user id, UNASSIGNED or empty; ``due`` late, soon or empty;

    ``sort`` OLDEST: the longest wait first, else by deadline.
    """

    package: str = ""
    person: str = ""
    due: str = ""
    step: str = ""
    sort: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Marks:
    """The instants a board is counted at: before ``now`` is late, before ``soon`` is due soon; ``week`` began at."""

    now: datetime
    soon: datetime
    week: datetime


@dataclass(frozen=True, slots=True)
class StepFigure:
    """Open items of one step of one procedure."""

    package_key: str
    node_id: str
    name: str
    role: str
    open: int
    overdue: int
    soon: int
    unassigned: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True)
class Totals:
    """The six numbers at the top. ``oldest_at`` None when nothing is open."""

    open: int
    overdue: int
    soon: int
    unassigned: int
    oldest_at: datetime | None
    done_this_week: int


@dataclass(frozen=True, slots=True)
class Load:
    """What one person has open, and how much of it is late."""

    user_id: int
    name: str
    open: int
    overdue: int


def step_figures(session: Session, wanted: BoardFilter, marks: Marks) -> list[StepFigure]:
    """One row a step that has open items; one statement."""
    late = WorkItem.sort_at < marks.now
    soon = and_(WorkItem.sort_at >= marks.now, WorkItem.sort_at < marks.soon)
    rows = session.execute(
        select(WorkItem.package_key, WorkItem.node_id, func.max(WorkItem.name), func.max(WorkItem.role), func.count(),
               _sum(late), _sum(soon), _sum(_IN_POOL), func.min(WorkItem.opened_at))
        .where(*_conditions(wanted, marks, step=False)).group_by(WorkItem.package_key, WorkItem.node_id))
    return [StepFigure(*row) for row in rows]


def totals(session: Session, figures: list[StepFigure], wanted: BoardFilter, marks: Marks) -> Totals:
    """The sums of the strip, and the cases that were finished this week; one statement."""
    finished = select(func.count()).select_from(ProcessInstance).where(
        ProcessInstance.status == DONE, ProcessInstance.ended_at >= marks.week)
    if wanted.package:
        finished = finished.where(ProcessInstance.package_key == wanted.package)
    return Totals(sum(f.open for f in figures), sum(f.overdue for f in figures), sum(f.soon for f in figures),
                  sum(f.unassigned for f in figures), min((f.oldest_at for f in figures), default=None),
                  session.scalar(finished) or 0)


def workload(session: Session, wanted: BoardFilter, marks: Marks) -> list[Load]:
    """Who has how much of the procedure, the busiest first; one statement."""
    rows = session.execute(
        select(WorkItem.assignee_id, func.max(WorkItem.assignee), func.count(), _sum(WorkItem.sort_at < marks.now))
        .where(WorkItem.status == _OPEN, WorkItem.party.is_(None), WorkItem.assignee_id.is_not(None),
               *([WorkItem.package_key == wanted.package] if wanted.package else []))
        .group_by(WorkItem.assignee_id))
    return sorted((Load(*row) for row in rows), key=lambda load: (-load.open, load.name))


def find_items(session: Session, wanted: BoardFilter, marks: Marks) -> list[WorkItem]:
    """One page of the chosen step's open items, late first unless asked otherwise; one statement."""
    first = WorkItem.opened_at if wanted.sort == OLDEST else WorkItem.sort_at
    return list(session.scalars(
        select(WorkItem).where(*_conditions(wanted, marks, step=True)).order_by(first, WorkItem.id)
        .offset((wanted.page - 1) * PAGE_SIZE).limit(PAGE_SIZE)))


def _conditions(wanted: BoardFilter, marks: Marks, *, step: bool) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [WorkItem.status == _OPEN]
    if wanted.package:
        found.append(WorkItem.package_key == wanted.package)
    if wanted.person == UNASSIGNED:
        found.append(_IN_POOL)
    elif wanted.person:
        found.append(WorkItem.assignee_id == int(wanted.person))
    if wanted.due == LATE:
        found.append(WorkItem.sort_at < marks.now)
    if wanted.due == SOON:
        found += [WorkItem.sort_at >= marks.now, WorkItem.sort_at < marks.soon]
    if step and wanted.step:
        found.append(WorkItem.node_id == wanted.step)
    return found


def _sum(condition: ColumnElement[bool]) -> Any:
    return func.sum(case((condition, 1), else_=0))
