"""What people do with their tasks: claim, give back, assign, draft, complete."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState
from sqlalchemy import insert, select

from app import audit, outbox
from app.audit import Tag
from app.engine import state, statements
from app.engine.bpmn import listed
from app.engine.commands.keys import recall, remember
from app.engine.faults import StepFault
from app.engine.models import DONE, OPEN, Draft, Event, ProcessInstance, WorkItem
from app.engine.step import Step, lock_instance_of, open_step, save, task_of
from app.errors import Forbidden, InvalidInput, NotFound, Stale
from app.extensions import UnitOfWork

LARGEST_DRAFT = 512 * 1024               # bytes of JSON
SEPARATION = "您已辦理這個案件的前一個步驟，這一步須由另一位人員辦理。"


@dataclass(frozen=True, slots=True)
class Completion:
    """``item_ids``: work items that the completion opened;  ``replayed``: this answer was given before."""

    instance_id: int
    revision: int
    replayed: bool
    item_ids: list[str]


def claim(uow: UnitOfWork, item_id: str, *, expected: int | None = None) -> WorkItem:
    """Take a task out of the pool. Taking one's own again changes nothing.

    Raises  NotFound, Stale (closed, taken by another, or another version), Forbidden (task.separation)
    """
    item = _lock_item(uow, item_id)
    if item.status == OPEN and item.assignee_id == uow.actor.user_id is not None:
        return item
    if item.status != OPEN or item.assignee_id is not None or expected not in (None, item.version):
        raise Stale(item_id=item_id, expected=expected, found=item.version)
    check_separation(uow, item)
    return _hand(uow, item, uow.actor.user_id, uow.actor.name, "task.claimed")


def release(uow: UnitOfWork, item_id: str) -> WorkItem:
    """Put a task back into the pool. Raises NotFound, Stale (closed or another's)."""
    item = _lock_item(uow, item_id)
    if item.status != OPEN or item.assignee_id not in (None, uow.actor.user_id):
        raise Stale(item_id=item_id)
    return item if item.assignee_id is None else _hand(uow, item, None, None, "task.released")


def assign(uow: UnitOfWork, item_ids: list[str], user_id: int | None, user_name: str | None) -> int:
    """Give open tasks to a person, or back to the pool with None. Returns how many; closed ones are passed over."""
    _lock_cases(uow, item_ids)
    changed = 0
    for item_id in sorted(set(item_ids)):
        item = _lock_item(uow, item_id)
        if item.status == OPEN and item.assignee_id != user_id:
            before = {"assignee": item.assignee}
            _hand(uow, item, user_id, user_name, "task.assigned")
            audit.record(uow, Tag.TASK_ASSIGNED, f"task:{item_id}", before=before, after={"assignee": user_name})
            changed += 1
    return changed


def _lock_cases(uow: UnitOfWork, item_ids: list[str]) -> None:
    """Cases before items, as every command that moves tokens does: it may close several items at once."""
    cases = select(WorkItem.instance_id).where(WorkItem.id.in_(item_ids))
    uow.session.execute(select(ProcessInstance.id).where(ProcessInstance.id.in_(cases)).order_by(ProcessInstance.id)
                        .with_for_update(key_share=True))


def save_draft(uow: UnitOfWork, item_id: str, values: Mapping[str, Any]) -> Draft:
    """Keep what a person has typed, as typed. Raises NotFound, Stale (closed or another's), InvalidInput (too large)."""
    if len(json.dumps(values, ensure_ascii=False).encode()) > LARGEST_DRAFT:
        raise InvalidInput(message="草稿內容過大，無法儲存。", code="draft.size")
    item = _lock_item(uow, item_id)
    if item.status != OPEN or item.assignee_id not in (None, uow.actor.user_id):
        raise Stale(item_id=item_id)
    draft, made = outbox.insert_once(uow.session, Draft, {
        "item_id": item_id, "user_id": uow.actor.user_id or 0, "values": dict(values), "saved_at": uow.now},
        unique=("item_id", "user_id"))
    if not made:
        draft.values, draft.saved_at = dict(values), uow.now
    return draft


def complete(uow: UnitOfWork, item_id: str, values: Mapping[str, Any], *, expected: int, command_key: str) -> Completion:
    """Send a task: store the form, move the case on.

    values    the whole form, already validated; the node's ``outputs`` become task data
    expected  the version of the item that the page showed
    Raises    NotFound, Stale (closed, changed or another's), Forbidden (task.separation), InvalidInput, WrongState
    Repeat    the same key gives the first answer, marked ``replayed``
    """
    if answer := recall(uow, command_key, "complete"):
        return Completion(**answer, replayed=True)
    instance = lock_instance_of(uow, item_id)
    item = _lock_item(uow, item_id)
    if item.status != OPEN and (answer := recall(uow, command_key, "complete")):
        return Completion(**answer, replayed=True)    # the same click, processed while this one waited for the lock
    _check_open(uow, item, expected)
    check_separation(uow, item)
    step = open_step(uow, instance)
    task = task_of(step, item_id)
    if task.state != TaskState.READY:
        raise Stale(item_id=item_id)
    _take_values(step, task, item, values)
    step.closed.add(item_id)
    save(step)
    result: dict[str, Any] = {"instance_id": instance.id, "revision": instance.revision, "item_ids": step.opened}
    remember(uow, command_key, "complete", instance.id, result)
    return Completion(**result, replayed=False)


def _take_values(step: Step, task: Task, item: WorkItem, values: Mapping[str, Any]) -> None:
    actor = step.uow.actor
    step.session.execute(statements.SUBMIT, {
        "instance_id": item.instance_id, "node_id": item.node_id, "item_id": item.id, "form_key": item.form_key,
        "values": dict(values), "at": step.now, "by_id": actor.user_id, "by": actor.name})
    try:
        state.merge(task.data, {name: values.get(name) for name in listed(item.properties.get("outputs"))})
    except StepFault as fault:
        raise InvalidInput(message=fault.message, code=fault.code) from fault
    step.run.run(task, "task.completed")


def check_separation(uow: UnitOfWork, item: WorkItem) -> None:
    """Refuse whoever completed one of the nodes that ``separateFrom`` names, in this case."""
    nodes = listed(item.properties.get("separateFrom"))
    user_id = uow.actor.user_id
    if not nodes or user_id is None:
        return
    hand = uow.session.scalar(
        select(WorkItem.id).where(WorkItem.instance_id == item.instance_id, WorkItem.node_id.in_(nodes),
                                  WorkItem.status == DONE, WorkItem.closed_by_id == user_id).limit(1))
    if hand is not None:
        raise Forbidden(SEPARATION, code="task.separation", item_id=item.id)


def _check_open(uow: UnitOfWork, item: WorkItem, expected: int) -> None:
    is_anothers = item.assignee_id is not None and item.assignee_id != uow.actor.user_id
    if item.status != OPEN or item.version != expected or is_anothers:
        raise Stale(item_id=item.id, expected=expected, found=item.version, status=item.status)


def _lock_item(uow: UnitOfWork, item_id: str) -> WorkItem:
    item: WorkItem | None = uow.session.scalar(statements.LOCK_ITEM, {"id": item_id})
    if item is None:
        raise NotFound(item_id=item_id)
    return item


def _hand(uow: UnitOfWork, item: WorkItem, user_id: int | None, name: str | None, kind: str) -> WorkItem:
    """Change whose task it is, and write it into the history."""
    item.assignee_id, item.assignee = user_id, name
    item.version += 1
    uow.session.flush()
    revision = uow.session.scalar(select(ProcessInstance.revision).where(ProcessInstance.id == item.instance_id))
    uow.session.execute(insert(Event).values(
        instance_id=item.instance_id, revision=revision or 0, at=uow.now, actor_id=uow.actor.user_id,
        actor=uow.actor.name, kind=kind, node_id=item.node_id, name=item.name, task_id=item.id,
        data={"assignee": name} if kind == "task.assigned" else None))
    return item


__all__ = ["Completion", "assign", "check_separation", "claim", "complete", "release", "save_draft"]
