"""When a case itself cannot be read: an incident that needs no state, so that a person sees it."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select, update

from app.engine.faults import DETAIL_LENGTH
from app.engine.models import RUNNING, WHOLE_CASE, Incident
from app.engine.step import UNREADABLE, lock_instance
from app.errors import NotFound
from app.extensions import UnitOfWork


def flag_unreadable(uow: UnitOfWork, instance_id: int, detail: str) -> None:
    """Open the incident, once, and end the automatic tries of the others: they need the same state."""
    instance = lock_instance(uow, instance_id)
    if instance.status != RUNNING:
        return
    session = uow.session
    session.execute(update(Incident).where(Incident.instance_id == instance_id, Incident.resolved_at.is_(None))
                    .values(retry_at=None).execution_options(synchronize_session=False))
    if session.scalar(select(Incident.id).where(*_flag(instance_id)).limit(1)) is None:
        session.add(Incident(
            instance_id=instance_id, task_id=WHOLE_CASE, node_id="", name="整個案件", code="state.unreadable",
            message=UNREADABLE, detail=detail[:DETAIL_LENGTH], opened_at=uow.now))


def flag_unreadable_of(uow: UnitOfWork, incident_id: int, detail: str) -> None:
    """The same for the case of an incident whose retry fails. Raises NotFound."""
    instance_id = uow.session.scalar(select(Incident.instance_id).where(Incident.id == incident_id))
    if instance_id is None:
        raise NotFound(incident_id=incident_id)
    flag_unreadable(uow, instance_id, detail)


def unflag(uow: UnitOfWork, instance_id: int) -> None:
    """The case can be read again."""
    uow.session.execute(update(Incident).where(*_flag(instance_id))
                        .values(resolved_at=uow.now, resolved_by=uow.actor.name, resolution="retried")
                        .execution_options(synchronize_session=False))


def _flag(instance_id: int) -> tuple[ColumnElement[bool], ...]:
    return (Incident.instance_id == instance_id, Incident.task_id == WHOLE_CASE, Incident.resolved_at.is_(None))
