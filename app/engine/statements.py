"""Statements of the command path, built once: SQLAlchemy takes longer to build them than SQLite to run them."""

from __future__ import annotations

from sqlalchemy import Table, bindparam, delete, insert, select, update
from sqlalchemy.orm import undefer

from app.engine.models import (
    OPEN,
    Command,
    Draft,
    Event,
    Incident,
    ProcessInstance,
    Submission,
    Subscription,
    Timer,
    WorkItem,
)


def _table(model: type) -> Table:
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table


_instances, _items, _timers = _table(ProcessInstance), _table(WorkItem), _table(Timer)
_waits, _incidents, _drafts, _commands = _table(Subscription), _table(Incident), _table(Draft), _table(Command)

_locked = select(ProcessInstance).options(undefer(ProcessInstance.state)).with_for_update(
    of=ProcessInstance, key_share=True).execution_options(populate_existing=True)
LOCK_INSTANCE = _locked.where(ProcessInstance.id == bindparam("id"))
LOCK_INSTANCE_OF_ITEM = _locked.join(WorkItem, WorkItem.instance_id == ProcessInstance.id).where(
    WorkItem.id == bindparam("item_id"))
LOCK_ITEM = select(WorkItem).where(WorkItem.id == bindparam("id")).with_for_update(
    key_share=True).execution_options(populate_existing=True)

READ_ITEM = select(WorkItem).where(WorkItem.id == bindparam("id"))
READ_CASE = select(ProcessInstance).where(ProcessInstance.id == bindparam("id"))
READ_TASK = (
    select(WorkItem, ProcessInstance, Draft).join(ProcessInstance, ProcessInstance.id == WorkItem.instance_id)
    .outerjoin(Draft, (Draft.item_id == WorkItem.id) & (Draft.user_id == bindparam("user_id")))
    .where(WorkItem.id == bindparam("id")))
READ_DRAFT = select(Draft).where(Draft.item_id == bindparam("item_id"), Draft.user_id == bindparam("user_id"))

STORE_INSTANCE = update(_instances).where(
    _instances.c.id == bindparam("this_id"), _instances.c.revision == bindparam("this_revision")).values({
        name: bindparam(name) for name in ("state", "state_format", "revision", "status", "outcome", "ended_at",
                                           "phase", "phase_kind")})

_closing = update(_items).where(_items.c.id.in_(bindparam("ids", expanding=True)))
COMPLETE_ITEMS = _closing.values(
    status=bindparam("new_status"), closed_at=bindparam("at"), version=_items.c.version + 1,
    closed_by_id=bindparam("by_id"), closed_by=bindparam("by"))
CANCEL_ITEMS = _closing.values(status=bindparam("new_status"), closed_at=bindparam("at"), version=_items.c.version + 1)

OPEN_ITEMS, SET_TIMERS, SET_WAITS = insert(_items), insert(_timers), insert(_waits)
OPEN_INCIDENTS, WRITE_EVENTS, SUBMIT = insert(_incidents), insert(_table(Event)), insert(_table(Submission))
DROP_TIMERS = delete(_timers).where(_timers.c.task_id.in_(bindparam("ids", expanding=True)))
DROP_WAITS = delete(_waits).where(_waits.c.task_id.in_(bindparam("ids", expanding=True)))
DROP_DRAFTS = delete(_drafts).where(_drafts.c.item_id.in_(bindparam("ids", expanding=True)))
DROP_CLOSED_DRAFTS = delete(_drafts).where(_drafts.c.item_id.in_(
    select(_items.c.id).where(_items.c.instance_id == bindparam("instance_id"), _items.c.status != OPEN)))
RECALL = select(_commands.c.name, _commands.c.actor_id, _commands.c.result).where(_commands.c.key == bindparam("key"))
REMEMBER = insert(_commands)
