"""What a state says should stand in the tables: work items, timers, subscriptions, incidents.

A command compares the projection of the state it loaded with that of the state it saves and writes
only the difference; it never has to read the tables. ``reconcile`` compares with the tables themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import SignalEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from app.engine.compact import all_tasks, is_token
from app.engine.faults import StepFault
from app.engine.nodes import AppServiceTask
from app.engine.timers import FAULT, due_of

if TYPE_CHECKING:
    from app.engine.settle import Run

FAR = datetime(9999, 12, 31, tzinfo=UTC)      # sort_at of items without a deadline
CORRELATION = "correlation"


@dataclass(frozen=True, slots=True)
class Projection:
    """Keys are the engine's task ids as text.

    items  open human tasks;  timers  id → (node, name, due);  waits  (id, message) → (node, correlation or None)
    faults  id → task with an open incident;  jobs  async operations waiting for their answer
    """

    items: dict[str, Task] = field(default_factory=dict)
    timers: dict[str, tuple[str, str, datetime]] = field(default_factory=dict)
    waits: dict[tuple[str, str], tuple[str, str | None]] = field(default_factory=dict)
    faults: dict[str, Task] = field(default_factory=dict)
    jobs: dict[str, Task] = field(default_factory=dict)
    has_tokens: bool = False

    @property
    def is_stuck(self) -> bool:
        """Tokens, and nothing that could ever move one."""
        return self.has_tokens and not (self.items or self.timers or self.waits or self.faults or self.jobs)


def project(workflow: BpmnWorkflow) -> Projection:
    found = Projection()
    tokens = False
    for task in all_tasks(workflow):
        if not is_token(task):
            continue
        tokens, key = True, str(task.id)
        if task.internal_data.get(FAULT):
            found.faults[key] = task
        if task.state == TaskState.READY and task.task_spec.manual:
            found.items[key] = task
        elif task.state == TaskState.WAITING and isinstance(task.task_spec, CatchingEvent):
            _catching(found, key, task)
        elif task.state == TaskState.STARTED and isinstance(task.task_spec, AppServiceTask) and key not in found.faults:
            found.jobs[key] = task
    return Projection(found.items, found.timers, found.waits, found.faults, found.jobs, tokens)


def _catching(found: Projection, key: str, task: Task) -> None:
    for number, definition in enumerate(definitions(task)):
        node_id, name = _caught_at(task, number)
        if isinstance(definition, TimerEventDefinition):
            due = due_of(task)
            if due is not None:
                found.timers[key] = (node_id, name, due)
        elif isinstance(definition, (MessageEventDefinition, SignalEventDefinition)):
            found.waits[key, definition.name] = (node_id, task.internal_data.get(CORRELATION))


def definitions(task: Task) -> list[Any]:
    """The event definitions a catching task waits for; an event gateway holds those of all its events."""
    definition = task.task_spec.event_definition
    return list(definition.event_definitions) if isinstance(definition, MultipleEventDefinition) else [definition]


def _caught_at(task: Task, number: int) -> tuple[str, str]:
    """Node id and name of a catching event; behind an event gateway that of the event itself."""
    spec = task.task_spec
    if isinstance(spec.event_definition, MultipleEventDefinition):
        spec = spec.outputs[number]
    return spec.bpmn_id, spec.bpmn_name or spec.bpmn_id


def find_task(workflow: BpmnWorkflow, task_id: str) -> Task | None:
    """A task by id, in the workflow or its sub-processes; None when it is gone."""
    wanted = UUID(task_id)
    for part in (workflow, *workflow.subprocesses.values()):
        if wanted in part.tasks:
            found: Task = part.tasks[wanted]
            return found
    return None


def flag_stuck(run: Run) -> None:
    """No token may rest without anything that moves it: the first one gets an incident."""
    projection = project(run.workflow)
    if projection.is_stuck:
        task = next(task for task in all_tasks(run.workflow) if is_token(task) and task.task_spec.bpmn_id is not None)
        run.fault(task, StepFault("case.stuck", "案件停在這裡，沒有任何待辦、時限或訊息能讓它繼續。", detail=task.task_spec.name))
