"""What comes from outside a case's tasks: time and messages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app import audit, outbox
from app.audit import Tag
from app.engine import messages
from app.engine.commands.keys import reserve
from app.engine.commands.unreadable import unflag
from app.engine.faults import StepFault
from app.engine.models import OPEN, RUNNING, BufferedMessage, Subscription, Timer, WorkItem
from app.engine.step import Step, lock_instance, open_step, save, task_of
from app.engine.timers import due_of, set_due
from app.errors import InvalidInput, NotFound, Stale
from app.extensions import UnitOfWork
from app.faults import fault_point

TTL = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where a message went: to a case, or into the buffer until somebody waits for it."""

    instance_id: int | None
    buffered: bool
    replayed: bool = False


def due_instances(session: Session, now: datetime, limit: int = 100, without: Collection[int] = ()) -> list[int]:
    """Cases with a due timer, the longest overdue first. One index scan; opens no state."""
    first = func.min(Timer.due_at)
    return list(session.scalars(
        select(Timer.instance_id).where(Timer.due_at <= now, Timer.instance_id.not_in(without))
        .group_by(Timer.instance_id).order_by(first).limit(limit)))


def fire_timers(uow: UnitOfWork, instance_id: int) -> int:
    """Fire what is due in a case, in due order. Returns how many timers that were; 0 when another worker was first."""
    fault_point("timers.before_fire")
    instance = lock_instance(uow, instance_id)
    if instance.status != RUNNING:
        return _drop_timers(uow, instance_id, set())
    step = open_step(uow, instance)
    due = {key for key, (_, _, when) in step.before.timers.items() if when <= uow.now}
    if due:
        after = save(step)
        _drop_timers(uow, instance_id, set(after.timers))
    else:
        _drop_timers(uow, instance_id, set(step.before.timers))
    unflag(uow, instance_id)
    return len(due)


def _drop_timers(uow: UnitOfWork, instance_id: int, known: set[str]) -> int:
    """Remove due rows the state knows nothing of, so that the poll does not meet them for ever."""
    uow.session.execute(delete(Timer).where(Timer.instance_id == instance_id, Timer.due_at <= uow.now,
                                            Timer.task_id.not_in(known)).execution_options(synchronize_session=False))
    return 0


def reschedule_timer(uow: UnitOfWork, timer_id: int, due_at: datetime) -> Timer:
    """Move a deadline; open tasks and drafts stay. Raises NotFound, Stale (fired meanwhile)."""
    timer = uow.session.get(Timer, timer_id)
    if timer is None:
        raise NotFound(timer_id=timer_id)
    step = open_step(uow, lock_instance(uow, timer.instance_id))
    task = task_of(step, timer.task_id)
    before = due_of(task)
    if before is None:
        raise Stale(timer_id=timer_id)
    set_due(task, due_at)
    _move_deadline(step, timer.node_id, before, due_at)
    change = {"from": before.isoformat(), "to": due_at.isoformat()}
    step.event("timer.rescheduled", node_id=timer.node_id, name=timer.name, task_id=timer.task_id, data=change)
    task_id = timer.task_id
    uow.session.expunge(timer)            # ``save`` writes the row anew
    save(step)
    audit.record(uow, Tag.TIMER_RESCHEDULED, f"case:{step.instance.id}", before={"due_at": change["from"]},
                 after={"due_at": change["to"]})
    return uow.session.scalar(select(Timer).where(Timer.task_id == task_id)) or timer


def _move_deadline(step: Step, node_id: str, before: datetime, due_at: datetime) -> None:
    """Where a timer ends a task at the task's own deadline, the two move together."""
    node = step.package.manifest["nodes"].get(node_id)
    host = node["attached_to"] if node else None
    if host:
        step.session.execute(
            update(WorkItem).where(WorkItem.instance_id == step.instance.id, WorkItem.node_id == host, WorkItem.status == OPEN,
                                   WorkItem.due_at == before)
            .values(due_at=due_at, sort_at=due_at).execution_options(synchronize_session=False))


def deliver_message(uow: UnitOfWork, name: str, correlation: str, payload: Mapping[str, Any], *, command_key: str,
                    ttl: timedelta = TTL) -> Delivery:
    """Give a message to the case that waits for it, or keep it for one that will.

    payload  scalars become task data of the receiving token
    ttl      how long it is kept when nobody waits
    Raises   InvalidInput (payload)
    Repeat   the same key is one delivery
    """
    command, is_first = reserve(uow, command_key, "message")
    if not is_first:
        return Delivery(**command.result, replayed=True)
    waiting = uow.session.scalar(
        select(Subscription.instance_id).where(Subscription.name == name, Subscription.correlation == correlation)
        .order_by(Subscription.id).limit(1))
    delivery = Delivery(waiting, buffered=False)
    if waiting is None or not _deliver(uow, waiting, name, correlation, payload):
        _buffer(uow, name, correlation, payload, command_key, ttl)
        delivery = Delivery(None, buffered=True)
    command.instance_id = delivery.instance_id
    command.result = {"instance_id": delivery.instance_id, "buffered": delivery.buffered}
    return delivery


def _deliver(uow: UnitOfWork, instance_id: int, name: str, correlation: str, payload: Mapping[str, Any],
             kept: BufferedMessage | None = None) -> bool:
    """Give a message to a case. False when the case does not wait for it, or another took the kept message."""
    instance = lock_instance(uow, instance_id)
    if instance.status != RUNNING:
        return False
    step = open_step(uow, instance)
    waiting = [task_id for (task_id, waits_for), (_, answers_to) in step.before.waits.items()
               if waits_for == name and (answers_to or instance.business_key) == correlation]
    if not waiting or (kept is not None and not messages.take_kept(uow.session, kept.id)):
        return False
    receive = messages.receive if kept is None else messages.receive_kept
    try:
        for task_id in waiting:
            receive(step.run, task_id, name, payload)
    except StepFault as fault:
        raise InvalidInput(message=fault.message, code=fault.code) from fault
    save(step)
    return True


def _buffer(uow: UnitOfWork, name: str, correlation: str, payload: Mapping[str, Any], key: str, ttl: timedelta) -> None:
    outbox.insert_once(uow.session, BufferedMessage, {
        "key": key, "name": name, "correlation": correlation, "payload": dict(payload), "received_at": uow.now,
        "expires_at": uow.now + ttl})


def drop_messages(uow: UnitOfWork) -> int:
    """Forget kept messages that nobody waited for in time. Returns how many."""
    dropped = uow.session.execute(delete(BufferedMessage).where(BufferedMessage.expires_at <= uow.now)
                                  .execution_options(synchronize_session=False))
    return int(dropped.rowcount)          # type: ignore[attr-defined]


def due_messages(session: Session, limit: int = 100, without: Collection[int] = ()) -> list[int]:
    """Kept messages that a case waits for now, the oldest first.

    Needed where a message and its subscription were written at the same moment and neither saw the other.
    """
    return list(session.scalars(
        select(BufferedMessage.id).join(Subscription, (Subscription.name == BufferedMessage.name)
                                        & (Subscription.correlation == BufferedMessage.correlation))
        .where(BufferedMessage.id.not_in(without)).group_by(BufferedMessage.id)
        .order_by(BufferedMessage.id).limit(limit)))


def pass_on(uow: UnitOfWork, message_id: int) -> bool:
    """Give a kept message to the case that waits for it. False when there is no such message or case any more."""
    kept = uow.session.get(BufferedMessage, message_id, populate_existing=True)
    if kept is None:
        return False
    waiting = uow.session.scalars(
        select(Subscription.instance_id).where(Subscription.name == kept.name, Subscription.correlation == kept.correlation)
        .group_by(Subscription.instance_id).order_by(Subscription.instance_id)).all()
    return any(_deliver(uow, one, kept.name, kept.correlation, kept.payload, kept) for one in waiting)
