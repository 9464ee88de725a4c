"""What the queue page reads: two statements on partial indexes, whatever the number of open items.

No state of a case is opened. Totals are counted up to ``COUNT_LIMIT`` and shown as 以上 beyond it,
so that the page costs the same at a thousand open items and at a hundred thousand. The word open is
written into the statement, not bound: only then do both databases use the partial indexes for sure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, literal_column, or_, select, union_all
from sqlalchemy.orm import Session

from app.actor import Actor
from app.engine.models import OPEN, WorkItem

PAGE_SIZE = 25
COUNT_LIMIT = 300
MINE, POOL, ALL = "mine", "pool", "all"
LATE, SOON = "late", "soon"
Conditions = Sequence[ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What a person asked for. ``due`` is late, soon or empty; ``soon_until`` an instant, the end of soon."""

    tab: str = MINE
    package: str = ""
    step: str = ""
    due: str = ""
    text: str = ""
    page: int = 1

    @property
    def narrowed(self) -> bool:
        return bool(self.package or self.step or self.due or self.text)


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One open item as the table shows it."""

    id: str
    instance_id: int
    package_key: str
    business_key: str
    title: str
    node_id: str
    name: str
    assignee_id: int | None
    assignee: str | None
    opened_at: datetime
    due_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Count:
    """``value`` at most COUNT_LIMIT; ``more`` says that there are others."""

    value: int

    @property
    def more(self) -> bool:
        return self.value > COUNT_LIMIT

    def __str__(self) -> str:
        return f"{COUNT_LIMIT:,}+" if self.more else f"{self.value:,}"


@dataclass(frozen=True, slots=True)
class Queue:
    rows: list[QueueRow]
    total: Count
    tabs: dict[str, Count]
    has_next: bool


_OPEN: ColumnElement[str] = literal_column(f"'{OPEN}'")
_COLUMNS = tuple(getattr(WorkItem, name) for name in QueueRow.__slots__)


def read_queue(session: Session, actor: Actor, wanted: QueueFilter, *, now: datetime, soon: datetime) -> Queue:
    """The page of open items a member of the office may work on, late first.

    now, soon   instants: what is due before now is late, before soon is due soon
    """
    roles, me = tuple(sorted(actor.roles)), {"me": actor.user_id}
    if wanted.narrowed:
        conditions = _conditions(wanted, now, soon)
        queries = _rows(roles, wanted, conditions), _counts(roles, wanted, conditions)
    else:
        queries = _plain(roles, wanted)
    rows = [QueueRow(*row[:-1]) for row in session.execute(queries[0], me)]
    counts = {name: Count(int(value)) for name, value in session.execute(queries[1], me).one()._mapping.items()}
    total = counts.pop("shown", counts[wanted.tab])
    return Queue(rows[:PAGE_SIZE], total, counts, len(rows) > PAGE_SIZE)


@lru_cache(maxsize=256)
def _plain(roles: tuple[str, ...], wanted: QueueFilter) -> tuple[Select[Any], Select[Any]]:
    """Without filters the two statements differ by roles, tab and page only: built once, they cost half."""
    return _rows(roles, wanted, ()), _counts(roles, wanted, ())


def _rows(roles: tuple[str, ...], wanted: QueueFilter, conditions: Conditions) -> Select[Any]:
    offset = (wanted.page - 1) * PAGE_SIZE
    parts = [query.order_by(WorkItem.sort_at, WorkItem.id).limit(offset + PAGE_SIZE + 1)
             for query in _scans(roles, wanted.tab, [*_COLUMNS, WorkItem.sort_at], conditions)]
    if len(parts) == 1:
        return parts[0].offset(offset)
    merged = union_all(*(part.subquery().select() for part in parts)).subquery()
    return select(merged).order_by(merged.c.sort_at, merged.c.id).offset(offset).limit(PAGE_SIZE + 1)


def _counts(roles: tuple[str, ...], wanted: QueueFilter, conditions: Conditions) -> Select[Any]:
    """One statement: each tab as a whole, and the shown tab with its filters."""
    columns = [_capped(roles, tab, ()).label(tab) for tab in (MINE, POOL, ALL)]
    if wanted.narrowed:
        columns.append(_capped(roles, wanted.tab, conditions).label("shown"))
    return select(*columns)


def _capped(roles: tuple[str, ...], tab: str, conditions: Conditions) -> Any:
    parts = [select(func.count()).select_from(query.limit(COUNT_LIMIT + 1).subquery()).scalar_subquery()
             for query in _scans(roles, tab, [WorkItem.id], conditions)]
    return sum(parts[1:], parts[0])


def _scans(roles: tuple[str, ...], tab: str, columns: list[Any], conditions: Conditions) -> list[Select[Any]]:
    """One index scan a role: the queue index is ordered inside a role only. ``me`` is bound at the end."""
    opened = select(*columns).where(WorkItem.status == _OPEN, *conditions)
    if tab == MINE:
        return [opened.where(WorkItem.assignee_id == bindparam("me"))]
    office = opened.where(WorkItem.party.is_(None))
    if tab == POOL:
        office = office.where(WorkItem.assignee_id.is_(None))
    return [office.where(WorkItem.role == role) for role in roles or ("",)]


def _conditions(wanted: QueueFilter, now: datetime, soon: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.package:
        found.append(WorkItem.package_key == wanted.package)
    if wanted.step:
        found.append(WorkItem.node_id == wanted.step)
    if wanted.due == LATE:
        found.append(WorkItem.sort_at < now)
    if wanted.due == SOON:
        found += [WorkItem.sort_at >= now, WorkItem.sort_at < soon]
    if wanted.text:
        found.append(or_(WorkItem.business_key.icontains(wanted.text, autoescape=True),
                         WorkItem.title.icontains(wanted.text, autoescape=True)))
    return found
