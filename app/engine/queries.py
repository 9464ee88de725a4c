"""Reading cases and work. Nothing here opens a state: queues, lists and figures read the projections."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from app.engine import statements
from app.engine.models import (
    DONE,
    OPEN,
    Draft,
    Event,
    Incident,
    ProcessInstance,
    Submission,
    Subscription,
    Timer,
    WorkItem,
)
from app.errors import NotFound

PAGE_SIZE = 25
COUNT_LIMIT = 1000           # a total above this is shown as 「1,000 件以上」
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list. ``total`` stops counting at ``COUNT_LIMIT`` + 1, so that a page costs the same at any size."""

    rows: list[T]
    total: int
    page: int = 1
    size: int = PAGE_SIZE

    @property
    def is_total_exact(self) -> bool:
        return self.total <= COUNT_LIMIT


def get_item(session: Session, item_id: str) -> WorkItem:
    """Raises NotFound."""
    item: WorkItem | None = session.scalar(statements.READ_ITEM, {"id": item_id})
    if item is None:
        raise NotFound(item_id=item_id)
    return item


def get_task(session: Session, item_id: str, user_id: int | None) -> tuple[WorkItem, ProcessInstance, Draft | None]:
    """A work item with its case and this person's draft, in one statement. Raises NotFound."""
    found = session.execute(statements.READ_TASK, {"id": item_id, "user_id": -1 if user_id is None else user_id}).one_or_none()
    if found is None:
        raise NotFound(item_id=item_id)
    return found.WorkItem, found.ProcessInstance, found.Draft


def open_items(session: Session, *, roles: Collection[str] | None = None,  # noqa: PLR0913 - one argument a filter
               user_id: int | None = None,
               party: str | None = None, package_key: str | None = None, node_id: str | None = None,
               assignee: str | None = None, overdue: bool | None = None, page: int = 1, size: int = PAGE_SIZE,
               now: datetime | None = None) -> Page[WorkItem]:
    """Open tasks, the earliest deadline first.

    roles     only tasks of these lanes;  ``party`` only of this side, ``""`` = only the office's
    user_id   with roles: those in the pool or this person's; alone: only this person's
    assignee  ``me`` (user_id), ``none`` (in the pool) or ``any`` (taken by somebody)
    overdue   True: past the deadline at ``now``
    """
    where = [WorkItem.status == OPEN, *_audience(roles, user_id, party, assignee)]
    if package_key:
        where.append(WorkItem.package_key == package_key)
    if node_id:
        where.append(WorkItem.node_id == node_id)
    if overdue is not None and now is not None:
        where.append(WorkItem.sort_at < now if overdue else WorkItem.sort_at >= now)
    query = select(WorkItem).where(*where).order_by(WorkItem.sort_at, WorkItem.id)
    return _page(session, query, where, WorkItem.id, page, size)


def _audience(roles: Collection[str] | None, user_id: int | None, party: str | None,
              assignee: str | None) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if roles is not None:
        where.append(WorkItem.role.in_(sorted(roles)))
    if party is not None:
        where.append(WorkItem.party == party if party else WorkItem.party.is_(None))
    if assignee == "none":
        where.append(WorkItem.assignee_id.is_(None))
    elif assignee == "any":
        where.append(WorkItem.assignee_id.is_not(None))
    elif user_id is not None and (assignee == "me" or (roles is None and party is None)):
        where.append(WorkItem.assignee_id == user_id)
    elif user_id is not None:
        where.append(or_(WorkItem.assignee_id.is_(None), WorkItem.assignee_id == user_id))
    return where


def _page(session: Session, query: Select[Any], where: Sequence[ColumnElement[bool]], key: Any, page: int,
          size: int) -> Page[Any]:
    page = max(1, page)
    rows = list(session.scalars(query.limit(size).offset((page - 1) * size)))
    if page == 1 and len(rows) < size:
        return Page(rows, len(rows), page, size)
    some = select(key).where(*where).limit(COUNT_LIMIT + 1).subquery()
    return Page(rows, session.scalar(select(func.count()).select_from(some)) or 0, page, size)


def case(session: Session, which: int | str) -> ProcessInstance:
    """A case by id or by business key. Raises NotFound."""
    found: ProcessInstance | None
    if isinstance(which, int):
        found = session.scalar(statements.READ_CASE, {"id": which})
    else:
        found = session.scalar(select(ProcessInstance).where(ProcessInstance.business_key == which))
    if found is None:
        raise NotFound(case=which)
    return cast(ProcessInstance, found)


def cases(session: Session, *, party: str | None = None, package_key: str | None = None, status: str | None = None,
          subject: str | None = None, text: str | None = None, phase: str | None = None, page: int = 1,
          size: int = PAGE_SIZE) -> Page[ProcessInstance]:
    """Cases, the latest first. ``text`` matches the number or the title."""
    exact = ((ProcessInstance.party, party), (ProcessInstance.package_key, package_key),
             (ProcessInstance.status, status), (ProcessInstance.subject, subject), (ProcessInstance.phase, phase))
    where: list[ColumnElement[bool]] = [column == value for column, value in exact if value is not None]
    if text:
        where.append(or_(ProcessInstance.business_key.contains(text, autoescape=True),
                         ProcessInstance.title.contains(text, autoescape=True)))
    query = select(ProcessInstance).where(*where).order_by(ProcessInstance.id.desc())
    return _page(session, query, where, ProcessInstance.id, page, size)


def case_items(session: Session, instance_id: int, *, only_open: bool = True) -> list[WorkItem]:
    """Tasks of one case, oldest first."""
    query = select(WorkItem).where(WorkItem.instance_id == instance_id).order_by(WorkItem.opened_at, WorkItem.id)
    return list(session.scalars(query.where(WorkItem.status == OPEN) if only_open else query))


def history(session: Session, instance_id: int) -> list[Event]:
    """What happened in a case, in order."""
    return list(session.scalars(select(Event).where(Event.instance_id == instance_id).order_by(Event.id)))


def submissions(session: Session, instance_id: int) -> list[Submission]:
    """Every form sent in a case, in order."""
    return list(session.scalars(select(Submission).where(Submission.instance_id == instance_id).order_by(Submission.id)))


def latest_submission(session: Session, instance_id: int, node_ids: Collection[str]) -> Submission | None:
    """The last form sent at one of these nodes."""
    return session.scalar(
        select(Submission).where(Submission.instance_id == instance_id, Submission.node_id.in_(list(node_ids)))
        .order_by(Submission.id.desc()).limit(1))


def open_incidents(session: Session, *, package_key: str | None = None, instance_id: int | None = None,
                   limit: int = 200) -> list[Incident]:
    """Incidents that wait for a retry or a person, oldest first."""
    query = select(Incident).where(Incident.resolved_at.is_(None)).order_by(Incident.id).limit(limit)
    if package_key is not None:
        query = query.join(ProcessInstance, ProcessInstance.id == Incident.instance_id).where(
            ProcessInstance.package_key == package_key)
    return list(session.scalars(query if instance_id is None else query.where(Incident.instance_id == instance_id)))


def timers(session: Session, instance_id: int) -> list[Timer]:
    """Waiting timers of a case, the next first."""
    return list(session.scalars(select(Timer).where(Timer.instance_id == instance_id).order_by(Timer.due_at, Timer.id)))


def can_withdraw(session: Session, instance_id: int) -> bool:
    """Does the case offer its applicant to withdraw now? Not once the office has begun (domain §3)."""
    offered = session.scalar(select(Subscription.id).where(Subscription.instance_id == instance_id,
                                                           Subscription.name == "withdraw").limit(1)) is not None
    return offered and not has_begun(session, instance_id)


def has_begun(session: Session, instance_id: int) -> bool:
    """Has the office taken up the case: claimed or done any of its tasks?"""
    return session.scalar(select(WorkItem.id).where(
        WorkItem.instance_id == instance_id, WorkItem.party.is_(None),
        (WorkItem.assignee_id.is_not(None)) | (WorkItem.status == DONE)).limit(1)) is not None


def draft(session: Session, item_id: str, user_id: int) -> Draft | None:
    """What this person has typed and not sent."""
    found: Draft | None = session.scalar(statements.READ_DRAFT, {"item_id": item_id, "user_id": user_id})
    return found
