"""What only the vendor's pages ask of the projections. Always by the vendor's own side."""

from __future__ import annotations

from sqlalchemy import ColumnElement, literal_column, select
from sqlalchemy.orm import Session

from app.accounts.roles import VENDOR
from app.engine.models import DONE, RUNNING, ProcessInstance, WorkItem

# Written into the statement, not bound: only then do both databases use the partial index for sure.
_DONE: ColumnElement[str] = literal_column(f"'{DONE}'")


def find_present_case(session: Session, party: str | None) -> ProcessInstance | None:
    """The newest running case, else the newest of all."""
    query = select(ProcessInstance).where(ProcessInstance.party == party)
    return session.scalar(query.order_by(ProcessInstance.status != RUNNING, ProcessInstance.id.desc()).limit(1))


def list_done_tasks(session: Session, party: str | None, *, size: int = 20) -> list[WorkItem]:
    """Tasks that this side sent, the last one first."""
    mine = select(WorkItem).where(WorkItem.party == party, WorkItem.role == VENDOR, WorkItem.status == _DONE)
    return list(session.scalars(mine.order_by(WorkItem.closed_at.desc()).limit(size)))
