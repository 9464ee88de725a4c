"""End a case before its diagram does: the applicant withdraws, or the office cancels."""

from __future__ import annotations

from sqlalchemy import delete, insert, select, update

from app import audit
from app.audit import Tag
from app.engine import messages, queries, statements
from app.engine.commands.keys import recall, remember
from app.engine.models import CANCELLED, OPEN, RUNNING, Event, Incident, ProcessInstance, Subscription, Timer, WorkItem
from app.engine.step import lock_instance, open_step, save, store_instance
from app.errors import WrongState
from app.extensions import UnitOfWork

WITHDRAW = "withdraw"                    # the reserved message of a boundary event that lets the applicant leave


def withdraw(uow: UnitOfWork, instance_id: int, *, command_key: str) -> ProcessInstance:
    """Deliver the reserved message ``withdraw``.

    Raises  NotFound, WrongState when the case does not offer it or the office has begun (domain §3)
    """
    if recall(uow, command_key, WITHDRAW):
        return uow.session.get_one(ProcessInstance, instance_id)
    instance = lock_instance(uow, instance_id)
    if recall(uow, command_key, WITHDRAW):
        return instance
    _hold_items(uow, instance_id)
    step = open_step(uow, instance)
    waiting = [task_id for task_id, name in step.before.waits if name == WITHDRAW]
    if not waiting or queries.has_begun(uow.session, instance_id):
        raise WrongState("案件目前的階段不能撤回。", code="case.withdraw", instance_id=instance_id)
    for task_id in waiting:
        messages.receive(step.run, task_id, WITHDRAW, {})
    save(step)
    audit.record(uow, Tag.CASE_WITHDRAWN, f"case:{instance.id}")
    remember(uow, command_key, WITHDRAW, instance.id, {"instance_id": instance.id})
    return instance


def _hold_items(uow: UnitOfWork, instance_id: int) -> None:
    """Wait for whoever is claiming a task of the case at this moment: a claim locks only its item."""
    uow.session.execute(select(WorkItem.id).where(WorkItem.instance_id == instance_id, WorkItem.status == OPEN)
                        .order_by(WorkItem.id).with_for_update(key_share=True))


def cancel(uow: UnitOfWork, instance_id: int, reason: str) -> ProcessInstance:
    """Stop a case for good. Works without loading it, so that a broken case can be stopped too. Raises WrongState."""
    instance = lock_instance(uow, instance_id)
    if instance.status != RUNNING:
        raise WrongState("案件已經結束。", code="case.ended", status=instance.status)
    session, actor = uow.session, uow.actor
    session.execute(update(WorkItem).where(WorkItem.instance_id == instance_id, WorkItem.status == OPEN)
                    .values(status=CANCELLED, closed_at=uow.now, closed_by_id=actor.user_id, closed_by=actor.name,
                            version=WorkItem.version + 1).execution_options(synchronize_session=False))
    session.execute(statements.DROP_CLOSED_DRAFTS, {"instance_id": instance_id})
    for table in (Timer, Subscription):
        session.execute(delete(table).where(table.instance_id == instance_id)
                        .execution_options(synchronize_session=False))
    session.execute(update(Incident).where(Incident.instance_id == instance_id, Incident.resolved_at.is_(None))
                    .values(resolved_at=uow.now, resolved_by=actor.name, resolution=CANCELLED, retry_at=None)
                    .execution_options(synchronize_session=False))
    store_instance(session, instance, {
        "state": instance.state, "state_format": instance.state_format, "outcome": instance.outcome,
        "status": CANCELLED, "ended_at": uow.now, "revision": instance.revision + 1, "phase": "已取消",
        "phase_kind": "bad"})
    session.execute(insert(Event).values(
        instance_id=instance_id, revision=instance.revision, at=uow.now, actor_id=actor.user_id, actor=actor.name,
        kind="case.cancelled", data={"reason": reason}))
    audit.record(uow, Tag.CASE_CANCELLED, f"case:{instance_id}", after={"reason": reason})
    return instance
