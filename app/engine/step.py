"""One command on one case: lock, load, act, settle, save. Used by every command that moves tokens.

Order of locks is the same everywhere: the case first (``FOR NO KEY UPDATE``, so that rows which only refer to
it are not held up), then a work item. SQLite needs none: its transactions begin as writers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from SpiffWorkflow.task import Task
from sqlalchemy import select, tuple_, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from app.engine import messages, packages, state, statements
from app.engine.faults import StepFault, next_try
from app.engine.models import CANCELLED, DONE, RUNNING, BufferedMessage, Incident, ProcessInstance
from app.engine.operate import Operator
from app.engine.packages import LoadedPackage
from app.engine.project import Projection, find_task, flag_stuck, project
from app.engine.settle import TRIES, Done, Run
from app.engine.workitems import item_row
from app.errors import NotFound, Stale, WrongState
from app.extensions import UnitOfWork
from app.faults import fault_point

OPEN_STATES = frozenset({RUNNING})
UNREADABLE = "案件狀態無法讀取，需要人員處理。"
# Nodes whose ``phase`` is entered as the token passes; at a human task it is entered when the task opens.
PASSING = frozenset({"serviceTask", "businessRuleTask", "scriptTask", "sendTask", "endEvent", "boundaryEvent",
                     "intermediateCatchEvent", "intermediateThrowEvent", "receiveTask", "startEvent"})


@dataclass(slots=True)
class Step:
    """A case that is locked and loaded.

    events       lines for the history, written by ``save`` in this order
    closed       work items that this command itself closed (the others that vanish are cancelled)
    resolutions  incident task id → how it was resolved
    """

    uow: UnitOfWork
    instance: ProcessInstance
    package: LoadedPackage
    run: Run
    before: Projection = field(default_factory=Projection)
    events: list[dict[str, Any]] = field(default_factory=list)
    closed: set[str] = field(default_factory=set)
    resolutions: dict[str, str] = field(default_factory=dict)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    phase: tuple[str, str] = ("", "run")

    @property
    def opened(self) -> list[str]:
        """Ids of the work items this step opened."""
        return list(self.rows)

    @property
    def session(self) -> Session:
        return self.uow.session

    @property
    def now(self) -> datetime:
        return self.uow.now

    def event(self, kind: str, *, node_id: str | None = None, name: str | None = None, task_id: str | None = None,
              data: dict[str, Any] | None = None) -> None:
        actor = self.uow.actor
        self.events.append({
            "instance_id": self.instance.id, "revision": self.instance.revision + 1, "at": self.now,
            "actor_id": actor.user_id, "actor": actor.name, "kind": kind, "node_id": node_id, "name": name,
            "task_id": task_id, "data": data})

    def take_log(self) -> None:
        """Move what the run took down into the history, in order."""
        for done in self.run.log:
            self.event(done.kind, node_id=done.node_id, name=done.name, task_id=done.task_id, data=done.data or None)
            self._phase(done)
        self.run.log.clear()

    def _phase(self, done: Done) -> None:
        node = self.package.manifest["nodes"].get(done.node_id)
        if node is not None and node["type"] in PASSING:
            self.enter_phase(done.node_id)

    def enter_phase(self, node_id: str) -> None:
        """Set the word people see when a token enters a node that has one."""
        node = self.package.manifest["nodes"].get(node_id)
        properties = node["properties"] if node else {}
        phase = properties.get("phase")
        if not phase:
            return
        kind = properties.get("phaseKind", "run")
        if (phase, kind) != self.phase:
            self.event("phase.changed", node_id=node_id, data={"from": self.phase[0], "to": phase, "kind": kind})
            self.phase = (phase, kind)


def lock_instance(uow: UnitOfWork, instance_id: int) -> ProcessInstance:
    """The case with its state, locked until the commit. Raises NotFound."""
    fault_point("engine.before_lock")
    instance: ProcessInstance | None = uow.session.scalar(statements.LOCK_INSTANCE, {"id": instance_id})
    if instance is None:
        raise NotFound(instance_id=instance_id)
    return instance


def lock_instance_of(uow: UnitOfWork, item_id: str) -> ProcessInstance:
    """The case of a work item, locked. Raises NotFound."""
    fault_point("engine.before_lock")
    instance: ProcessInstance | None = uow.session.scalar(statements.LOCK_INSTANCE_OF_ITEM, {"item_id": item_id})
    if instance is None:
        raise NotFound(item_id=item_id)
    return instance


def open_step(uow: UnitOfWork, instance: ProcessInstance) -> Step:
    """Load a locked, running case. Raises WrongState when it has ended or cannot be read."""
    if instance.status not in OPEN_STATES:
        raise WrongState("案件已經結束。", code="case.ended", status=instance.status)
    try:
        package = packages.get(uow.session, instance.version_id)
        step = Step(uow, instance, package, Run(package, uow.now, Operator(uow, instance, package)))
        step.phase = (instance.phase, instance.phase_kind)
        step.run.resume(instance.state, instance.state_format)
        step.before = project(step.run.workflow)
    except state.DAMAGE as error:
        raise WrongState(UNREADABLE, code="state.unreadable", instance_id=instance.id, cause=repr(error)[:200]) from error
    return step


def task_of(step: Step, task_id: str) -> Task:
    """The live task of an item, timer or incident. Raises Stale when the case has moved on."""
    task = find_task(step.run.workflow, task_id)
    if task is None:
        raise Stale(task_id=task_id)
    return task


def save(step: Step) -> Projection:
    """Settle, then write state, projections, history. Raises Stale when another command was faster."""
    after = _settle(step)
    step.take_log()
    _write_items(step, after)
    _write_timers(step, after)
    _write_waits(step, after)
    _write_incidents(step, after)
    _write_instance(step, after)
    if step.events:
        step.session.execute(statements.WRITE_EVENTS, step.events)
    return after


def _settle(step: Step) -> Projection:
    """Settle, hand over messages that were waiting for a token to arrive, and settle again."""
    run = step.run
    run.settle()
    while True:
        messages.correlate(run, step.instance.business_key)
        after = project(run.workflow)
        new = [wait for wait in after.waits if wait not in step.before.waits]
        if not new or not _deliver_buffered(step, after, new):
            break
        run.settle()
    flag_stuck(run)
    messages.send_thrown(step.uow, step.instance, run)
    step.rows = {key: item_row(step.instance, step.package, run, task)
                 for key, task in after.items.items() if key not in step.before.items}
    return project(run.workflow)          # again: preparing may have found faults


def _deliver_buffered(step: Step, after: Projection, new: list[tuple[str, str]]) -> bool:
    """Give one kept message to a token that has just arrived. False when there is none."""
    tokens = {(name, after.waits[task_id, name][1] or step.instance.business_key): task_id for task_id, name in reversed(new)}
    kept = step.session.scalars(
        select(BufferedMessage).where(tuple_(BufferedMessage.name, BufferedMessage.correlation).in_(list(tokens)),
                                      BufferedMessage.expires_at > step.now).order_by(BufferedMessage.id)).all()
    for row in kept:
        if messages.take_kept(step.session, row.id):
            messages.receive_kept(step.run, tokens[row.name, row.correlation], row.name, row.payload)
            return True
    return False


def _write_items(step: Step, after: Projection) -> None:
    gone = [key for key in step.before.items if key not in after.items]
    if done := [key for key in gone if key in step.closed]:
        _close(step, done, DONE)
    if cancelled := [key for key in gone if key not in step.closed]:
        _close(step, cancelled, CANCELLED)
        for key in cancelled:
            spec = step.before.items[key].task_spec
            step.event("task.cancelled", node_id=spec.bpmn_id, name=spec.bpmn_name, task_id=key)
    if gone:
        step.session.execute(statements.DROP_DRAFTS, {"ids": gone})
    for key, row in step.rows.items():
        step.event("task.opened", node_id=row["node_id"], name=row["name"], task_id=key)
        step.enter_phase(row["node_id"])
    if step.rows:
        step.session.execute(statements.OPEN_ITEMS, list(step.rows.values()))


def _close(step: Step, keys: list[str], status: str) -> None:
    values: dict[str, Any] = {"ids": keys, "new_status": status, "at": step.now}
    if status == DONE:
        step.session.execute(statements.COMPLETE_ITEMS, {
            **values, "by_id": step.uow.actor.user_id, "by": step.uow.actor.name})
    else:
        step.session.execute(statements.CANCEL_ITEMS, values)


def _write_timers(step: Step, after: Projection) -> None:
    old, new = step.before.timers, after.timers
    if gone := [key for key in old if new.get(key) != old[key]]:
        step.session.execute(statements.DROP_TIMERS, {"ids": gone})
    fresh = {key: timer for key, timer in new.items() if old.get(key) != timer}
    if fresh:
        step.session.execute(statements.SET_TIMERS, [
            {"instance_id": step.instance.id, "task_id": key, "node_id": node_id, "name": name, "due_at": due}
            for key, (node_id, name, due) in fresh.items()])
    for key, (node_id, name, due) in fresh.items():
        if key not in old:
            step.event("timer.set", node_id=node_id, name=name, task_id=key, data={"due_at": due.isoformat()})


def _write_waits(step: Step, after: Projection) -> None:
    old, new = step.before.waits, after.waits
    if gone := [key for key in old if key not in new]:
        step.session.execute(statements.DROP_WAITS, {"ids": list({task_id for task_id, _ in gone})})
    fresh = [key for key in new if key not in old]
    if fresh:
        step.session.execute(statements.SET_WAITS, [
            {"instance_id": step.instance.id, "task_id": task_id, "node_id": new[task_id, name][0], "name": name,
             "correlation": new[task_id, name][1] or step.instance.business_key} for task_id, name in fresh])


def _write_incidents(step: Step, after: Projection) -> None:
    raised = {str(task_id): fault for task_id, fault in step.run.faults.items() if str(task_id) in after.faults}
    rows = []
    for key, fault in raised.items():
        values = _incident(step, after.faults[key], fault)
        if key in step.before.faults:
            step.session.execute(update(Incident).where(Incident.task_id == key, Incident.resolved_at.is_(None))
                                 .values(**values).execution_options(synchronize_session=False))
        else:
            spec = after.faults[key].task_spec
            rows.append({"instance_id": step.instance.id, "task_id": key, "node_id": spec.bpmn_id,
                         "name": spec.bpmn_name or spec.bpmn_id, "opened_at": step.now, **values})
        step.event("incident.retried" if key in step.before.faults else "incident.opened",
                   node_id=after.faults[key].task_spec.bpmn_id, name=after.faults[key].task_spec.bpmn_name, task_id=key,
                   data={"code": fault.code, "message": fault.message, "attempts": values["attempts"]})
    if rows:
        step.session.execute(statements.OPEN_INCIDENTS, rows)
    for key in [key for key in step.before.faults if key not in after.faults]:
        _resolve(step, key, step.resolutions.get(key, "cancelled"))


def _incident(step: Step, task: Task, fault: StepFault) -> dict[str, Any]:
    attempts = task.internal_data.get(TRIES, 1)
    return {"code": fault.code, "message": fault.message, "detail": fault.detail, "attempts": attempts,
            "retry_at": next_try(attempts, fault, step.now)}


def _resolve(step: Step, key: str, resolution: str) -> None:
    step.session.execute(
        update(Incident).where(Incident.task_id == key, Incident.resolved_at.is_(None))
        .values(resolved_at=step.now, resolved_by=step.uow.actor.name, resolution=resolution, retry_at=None)
        .execution_options(synchronize_session=False))
    spec = step.before.faults[key].task_spec
    step.event("incident.resolved", node_id=spec.bpmn_id, name=spec.bpmn_name, task_id=key, data={"resolution": resolution})


def _write_instance(step: Step, after: Projection) -> None:
    instance, run = step.instance, step.run
    outcome = run.outcome or instance.outcome
    is_done = not after.has_tokens
    if is_done:
        step.event("case.ended", node_id=outcome, data={"phase": step.phase[0]})
    values = {"state": state.dump(run.workflow), "state_format": state.FORMAT, "revision": instance.revision + 1,
              "status": DONE if is_done else RUNNING, "outcome": outcome, "ended_at": step.now if is_done else None,
              "phase": step.phase[0], "phase_kind": step.phase[1]}
    store_instance(step.session, instance, values)


def store_instance(session: Session, instance: ProcessInstance, values: dict[str, Any]) -> None:
    """Write the columns of ``STORE_INSTANCE`` if the revision is still the one that was read. Raises Stale."""
    changed = session.execute(statements.STORE_INSTANCE, {**values, "this_id": instance.id, "this_revision": instance.revision})
    if changed.rowcount != 1:            # type: ignore[attr-defined]
        raise Stale(instance_id=instance.id)
    for name, value in values.items():
        set_committed_value(instance, name, value)


__all__ = ["Step", "lock_instance", "lock_instance_of", "open_step", "save", "store_instance", "task_of"]
