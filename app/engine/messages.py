"""Messages: which token waits for what, handing one over, and what a case sends out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app import outbox
from app.engine import state
from app.engine.bpmn import listed
from app.engine.faults import StepFault
from app.engine.models import BufferedMessage, ProcessInstance
from app.engine.project import CORRELATION, definitions, find_task, project
from app.engine.settle import Run
from app.extensions import UnitOfWork


def correlate(run: Run, business_key: str) -> None:
    """Fix what each new waiting token answers to: the node's ``correlation`` (FEEL) or the case's business key."""
    for task_id, _ in project(run.workflow).waits:
        task = find_task(run.workflow, task_id)
        if task is None or CORRELATION in task.internal_data:
            continue
        node = run.package.manifest["nodes"].get(task.task_spec.bpmn_id)
        expression = node["properties"].get(CORRELATION) if node else None
        if not expression:
            task.internal_data[CORRELATION] = business_key
            continue
        try:
            task.internal_data[CORRELATION] = str(run.engine.evaluate(task, expression))
        except StepFault as fault:
            run.fault(task, fault)


def receive(run: Run, task_id: str, name: str, payload: Mapping[str, Any]) -> None:
    """Give a message to a waiting token; the scalars of its payload become task data."""
    task = find_task(run.workflow, task_id)
    definition = task and next((d for d in definitions(task) if d.name == name), None)
    if task is None or definition is None or task.state != TaskState.WAITING:
        return
    task.task_spec.catch(task, BpmnEvent(definition, payload=None))
    task.task_spec._update(task)
    state.merge(task.data, _accepted(run, task, payload))


def receive_kept(run: Run, task_id: str, name: str, payload: Mapping[str, Any]) -> None:
    """The same for a message whose sender is gone: what cannot be used is an incident at the token, not an error."""
    try:
        receive(run, task_id, name, payload)
    except StepFault as fault:
        task = find_task(run.workflow, task_id)
        assert task is not None             # it has just refused the payload
        run.fault(task, fault)


def take_kept(session: Session, message_id: int) -> bool:
    """Remove a kept message before it is given to a case. False when another case has it already."""
    taken = session.execute(delete(BufferedMessage).where(BufferedMessage.id == message_id)
                            .execution_options(synchronize_session=False))
    return bool(taken.rowcount)           # type: ignore[attr-defined]


def _accepted(run: Run, task: Task, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The node's ``outputs`` name what is taken over; without them every scalar is."""
    node = run.package.manifest["nodes"].get(task.task_spec.bpmn_id)
    outputs = node["properties"].get("outputs") if node else None
    names = listed(outputs) if outputs else list(payload)
    return {name: payload[name] for name in names if name in payload and isinstance(payload[name], state.SCALARS)}


def send_thrown(uow: UnitOfWork, instance: ProcessInstance, run: Run) -> None:
    """Messages this case threw and nobody in it caught leave through the outbox."""
    for number, event in enumerate(run.workflow.get_events()):
        definition = event.event_definition
        if isinstance(definition, MessageEventDefinition):
            payload = event.payload if isinstance(event.payload, dict) else {}
            outbox.add(uow.session, "message", f"message:{instance.id}:{instance.revision + 1}:{number}",
                       {"name": definition.name, "payload": payload,
                        "correlation": str(payload.get(CORRELATION) or instance.business_key)},
                       now=uow.now, instance_id=instance.id)
