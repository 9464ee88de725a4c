"""When a step has failed: try again, correct the data, pass it by; and the answers of asynchronous operations."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import audit
from app.audit import Tag
from app.engine import catalogue, state, workitems
from app.engine.commands.keys import recall, remember
from app.engine.commands.unreadable import unflag
from app.engine.faults import StepFault
from app.engine.models import RUNNING, WHOLE_CASE, Incident, ProcessInstance, WorkItem
from app.engine.nodes import (
    AppServiceTask,
    Choice,
    Inclusive,
    ParallelInstances,
    SequentialInstances,
    StandardLoop,
    take,
)
from app.engine.project import FAR
from app.engine.settle import Run
from app.engine.step import Step, lock_instance, open_step, save, task_of
from app.engine.timers import FAULT, FIRED, OFF
from app.errors import InvalidInput, NotFound, Stale, WrongState
from app.extensions import UnitOfWork

LOOPS = (ParallelInstances, SequentialInstances, StandardLoop)


def due_retries(session: Session, now: datetime, limit: int = 100, without: Collection[int] = ()) -> list[int]:
    """Incidents of running cases whose next automatic try is due."""
    return list(session.scalars(
        select(Incident.id).join(ProcessInstance, ProcessInstance.id == Incident.instance_id)
        .where(Incident.resolved_at.is_(None), Incident.retry_at <= now, ProcessInstance.status == RUNNING,
               Incident.id.not_in(without))
        .order_by(Incident.retry_at).limit(limit)))


def retry(uow: UnitOfWork, incident_id: int) -> Incident:
    """Try the failed step again. Raises NotFound, WrongState (resolved or ended meanwhile, or still unreadable)."""
    step, incident = _open(uow, incident_id)
    if incident.task_id == WHOLE_CASE:
        unflag(uow, incident.instance_id)          # it has just been read
        return _save(step, incident)
    _try_again(step, task_of(step, incident.task_id))
    step.resolutions[incident.task_id] = "retried"
    if not uow.actor.is_system:
        audit.record(uow, Tag.INCIDENT_RETRIED, f"case:{step.instance.id}", after={"node": incident.node_id})
    return _save(step, incident)


def edit_and_retry(uow: UnitOfWork, incident_id: int, variables: Mapping[str, Any]) -> Incident:
    """Correct the data of the failed token, then try again. Raises also InvalidInput (variables)."""
    step, task, incident = _open_task(uow, incident_id)
    before = {name: task.data.get(name) for name in variables}
    try:
        state.merge(task.data, variables)
    except StepFault as fault:
        raise InvalidInput(message=fault.message, code=fault.code) from fault
    if task.parent is not None:
        task.parent.data.update(variables)     # a waiting task inherits from above at each look
    _try_again(step, task)
    step.resolutions[incident.task_id] = "edited"
    audit.record(uow, Tag.INCIDENT_RETRIED, f"case:{step.instance.id}", before=before, after=dict(variables))
    return _save(step, incident)


def skip(uow: UnitOfWork, incident_id: int) -> Incident:
    """Go on as if the step were done. A gateway takes its default path.

    Raises  NotFound, WrongState (resolved meanwhile, an operation that may not be left out, or a gateway
            without a default path)
    """
    step, task, incident = _open_task(uow, incident_id)
    node = step.package.manifest["nodes"].get(task.task_spec.bpmn_id)
    if node and not catalogue.is_skippable(node.get("operation")):
        raise WrongState("這一步的結果是案件的依據，不能略過；請排除原因後重試，或取消案件。", code="incident.not_skippable",
                         operation=node["operation"])
    _pass_by(step.run, task)
    step.resolutions[incident.task_id] = "skipped"
    audit.record(uow, Tag.INCIDENT_SKIPPED, f"case:{step.instance.id}", after={"node": incident.node_id})
    return _save(step, incident)


def answer_operation(uow: UnitOfWork, instance_id: int, task_id: str, *, result: Mapping[str, Any] | None = None,
                     error: str | None = None, retry: bool = True, command_key: str) -> ProcessInstance:
    """The answer of a job to an asynchronous operation.

    result  flat scalars for the task data;  error  Chinese sentence, opens an incident
    Raises  NotFound, Stale when the case no longer waits for it (timed out, cancelled, answered)
    """
    instance = lock_instance(uow, instance_id)
    if recall(uow, command_key, "answer"):
        return instance
    step = open_step(uow, instance)
    task = task_of(step, task_id)
    if task.state != TaskState.STARTED or not isinstance(task.task_spec, AppServiceTask):
        raise Stale(task_id=task_id)
    _take_answer(step.run, task, result or {}, error, retry=retry)
    save(step)
    remember(uow, command_key, "answer", instance.id, {"instance_id": instance.id})
    return instance


def _take_answer(run: Run, task: Task, result: Mapping[str, Any], error: str | None, *, retry: bool) -> None:
    fault = StepFault("operation.failed", error, detail=task.task_spec.operation_name, retry=retry) if error else None
    try:
        state.merge(task.data, result)
    except StepFault as wrong:
        fault = wrong
    if fault is None:
        run.wrote(task, result)
        task.complete()
        run.record(task)
    else:
        run.fault(task, fault)
        task._set_state(TaskState.READY)


def _open(uow: UnitOfWork, incident_id: int) -> tuple[Step, Incident]:
    incident = uow.session.get(Incident, incident_id)
    if incident is None:
        raise NotFound(incident_id=incident_id)
    instance = lock_instance(uow, incident.instance_id)
    uow.session.refresh(incident)
    if incident.resolved_at is not None:
        raise WrongState("這筆異常已經處理。", code="incident.resolved", incident_id=incident_id)
    return open_step(uow, instance), incident


def _open_task(uow: UnitOfWork, incident_id: int) -> tuple[Step, Task, Incident]:
    step, incident = _open(uow, incident_id)
    if incident.task_id == WHOLE_CASE:
        raise WrongState("這筆異常只能重試：沒有失敗的步驟可以更正或略過。", code="incident.not_skippable")
    return step, task_of(step, incident.task_id), incident


def _save(step: Step, incident: Incident) -> Incident:
    save(step)
    step.session.refresh(incident)
    return incident


def _try_again(step: Step, task: Task) -> None:
    task.internal_data.pop(FAULT, None)
    if task.state == TaskState.WAITING:
        task.task_spec._update(task)
    elif task.state == TaskState.STARTED and isinstance(task.task_spec, StandardLoop):
        task.task_spec.go_on(task)
    elif task.state == TaskState.STARTED and isinstance(task.task_spec, LOOPS):
        if task.task_spec.check_completion_condition(task):
            _end_loop(task)
    elif task.state == TaskState.READY and task.task_spec.manual:
        _set_deadline(step, task)


def _set_deadline(step: Step, task: Task) -> None:
    """The deadline of an open item could not be computed before."""
    node = step.package.manifest["nodes"].get(task.task_spec.bpmn_id)
    due_at = workitems.due(step.run, task, node["properties"].get("due") if node else None)
    step.session.execute(update(WorkItem).where(WorkItem.id == str(task.id)).values(due_at=due_at, sort_at=due_at or FAR)
                         .execution_options(synchronize_session=False))


def _end_loop(task: Task) -> None:
    for child in task.task_spec._instances(task):
        child.cancel()
    task._set_state(TaskState.READY)


def _pass_by(run: Run, task: Task) -> None:
    task.internal_data.pop(FAULT, None)
    spec = task.task_spec
    if task.state == TaskState.STARTED and isinstance(spec, (ParallelInstances, SequentialInstances)):
        task.internal_data[OFF] = True         # the instances go on without the condition
    elif isinstance(spec, LOOPS):
        _end_loop(task)
    elif task.state == TaskState.WAITING and isinstance(spec, BoundaryEvent):
        task.internal_data[OFF] = True
    elif task.state == TaskState.WAITING and hasattr(spec, "event_definition"):
        task.internal_data[FIRED] = True
        spec._update(task)
    elif task.state == TaskState.WAITING:
        task._set_state(TaskState.READY)       # a join that waits in vain goes on with what it has
    elif task.state == TaskState.READY and not spec.manual:
        _complete_undone(run, task)


def _complete_undone(run: Run, task: Task) -> None:
    spec = task.task_spec
    if isinstance(spec, (Choice, Inclusive)):
        defaults = [name for condition, name in spec.cond_task_specs if condition is None]
        if not defaults:
            raise WrongState("這個閘道沒有預設路徑，不能略過；請修正資料後重試。", code="incident.no_default")
        take(task, defaults[:1])
    elif not hasattr(spec, "operation_name") and not hasattr(spec, "decision_ref") and not hasattr(spec, "script"):
        return                                 # nothing to leave out: it simply runs again
    task.complete()
    run.record(task)
