"""Run a case until it rests: automatic steps, due timers, and what to do when a step fails.

A failing step never undoes the click that led to it: its task stays where it is, marked with
``internal_data["fault"]``, and an incident is opened; other branches go on. SpiffWorkflow itself leaves
such a task in ERROR, where a join at the end or an inclusive join would pass it by; ours stays READY
(it was running) or WAITING (its timer or loop could not be prepared), so that everybody waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from SpiffWorkflow.bpmn.specs.control import EventSplit
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.exceptions import SpiffWorkflowException
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from app.engine import state
from app.engine.compact import all_tasks, compact
from app.engine.expressions import FeelScriptEngine
from app.engine.faults import StepFault, as_fault
from app.engine.timers import FAULT, due_of
from app.errors import InvalidInput
from app.faults import fault_point
from app.rules import feel
from app.rules.calendar import office_calendar

if TYPE_CHECKING:
    from app.engine.packages import LoadedPackage

STEP_CAP = 1000            # automatic steps of one transaction; more is an endless loop in the diagram
COMPACT_EVERY = 50
TRIES = "tries"
CATCHING = frozenset({"boundaryEvent", "intermediateCatchEvent", "receiveTask"})
CAUGHT = {"timer": "timer.fired", "message": "message.received", "signal": "message.received"}

Perform = Callable[[Task, str, dict[str, Any]], bool | None]


@dataclass(frozen=True, slots=True)
class Done:
    """Something that happened in a step, to become an event; ``data`` is the event's."""

    kind: str
    node_id: str
    name: str
    task_id: str
    data: dict[str, Any]


class Run:
    """One command's work on one case."""

    def __init__(self, package: LoadedPackage, now: datetime, perform_operation: Perform) -> None:
        self.package, self.now = package, now
        self.engine = FeelScriptEngine(self, now)
        self.log: list[Done] = []
        self.faults: dict[UUID, StepFault] = {}
        self._wrote: dict[UUID, dict[str, Any]] = {}
        self.outcome: str | None = None
        self.workflow: BpmnWorkflow
        self._perform = perform_operation
        self._steps = 0

    def begin(self, data: dict[str, Any]) -> None:
        """A new case whose first token carries these data."""
        spec, subprocess_specs = self.package.specs
        self.workflow = BpmnWorkflow(spec, subprocess_specs, script_engine=self.engine)
        state.merge(self.workflow.task_tree.data, data)

    def resume(self, stored: bytes, form: int) -> None:
        """A case as it was saved."""
        self.workflow = state.load(stored, form, self.package.specs)
        self.workflow.script_engine = self.engine
        fault_point("engine.after_restore")

    # -- moving ------------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Run automatic steps and due timers, in due order, until the case rests."""
        self._drain()
        while (task := self._next_due()) is not None and self._steps < STEP_CAP:
            self.engine.firing = {task.id}
            try:
                task.task_spec._update(task)
            except Exception as error:  # noqa: BLE001  as in ``run``: the cause becomes an incident at the timer
                self.fault(task, self._judge(task, error))
            finally:
                self.engine.firing = set()
            self._steps += 1
            self._drain()
        compact(self.workflow)

    def run(self, task: Task, kind: str | None = None) -> None:
        """Run one task and take down what it did, as an event of this kind; a failure marks the task."""
        try:
            task.run()
        except InvalidInput:
            raise                           # an operation refuses the person's values: nothing of the click is kept
        except Exception as error:      # every cause must become an incident, not a lost click
            if task.state != TaskState.ERROR:
                raise
            self.fault(task, self._judge(task, error))
            task._set_state(TaskState.READY)
        else:
            if task.state == TaskState.COMPLETED:
                self.record(task, kind)
        fault_point("engine.after_step")

    def _drain(self) -> None:
        compacted = self._steps
        while ready := [task for task in all_tasks(self.workflow) if is_automatic(task)]:
            for task in ready:
                if task.workflow.tasks.get(task.id) is not task or not is_automatic(task):
                    continue
                if self._steps >= STEP_CAP:
                    self.fault(task, StepFault("step.limit", f"自動步驟超過 {STEP_CAP} 步，流程圖可能有無窮迴圈。"))
                    continue
                self._steps += 1
                self.run(task)
            if self._steps - compacted >= COMPACT_EVERY:
                compact(self.workflow)
                compacted = self._steps

    def _next_due(self) -> Task | None:
        due = [(when, number, task) for number, task in enumerate(all_tasks(self.workflow))
               if is_timer(task) and (when := due_of(task)) is not None and when <= self.now]
        return min(due)[2] if due else None

    # -- what the script engine asks of its host ---------------------------------------------------------------------

    def perform(self, task: Task, operation: str, parameters: dict[str, Any]) -> bool | None:
        before = dict(task.data)
        answer = self._perform(task, operation, parameters)
        self.wrote(task, {name: value for name, value in task.data.items() if before.get(name) != value})
        return answer

    def wrote(self, task: Task, values: Mapping[str, Any]) -> None:
        """What an operation found out, kept with the event of its step."""
        if values:
            self._wrote[task.id] = dict(values)

    def decide(self, task: Task, decision: str) -> None:
        """Evaluate a decision table, merge its outputs, and take down which rules hit."""
        table = self.package.decisions.get(decision)
        if table is None:
            raise StepFault("decision.unknown", f"找不到決策表「{decision}」。", detail=task.task_spec.name)
        try:
            outcome = table.decide(task.data, now=self.now, calendar=office_calendar())
        except feel.FeelError as error:
            raise StepFault(error.code, f"決策表「{table.name or decision}」無法判定：{error.message}",
                            detail=decision) from error
        outputs = {name: feel.plain(value) for name, value in outcome.outputs.items()}
        state.merge(task.data, outputs)
        inputs = {name: feel.plain(value) for name, value in outcome.inputs.items()}
        self.note("decision.made", task, decision=decision, inputs=inputs, hits=list(outcome.hits), outputs=outputs)

    def fault(self, task: Task, fault: StepFault) -> None:
        """Mark a task as failed; the incident is written with the projections."""
        task.internal_data[FAULT] = True
        task.internal_data[TRIES] = task.internal_data.get(TRIES, 0) + 1
        self.faults[task.id] = fault

    def reminded(self, task: Task) -> None:
        node = self.package.manifest["nodes"].get(task.task_spec.bpmn_id)
        self.note("timer.fired", task, flows=list(node["outgoing"]) if node else [])

    def _judge(self, task: Task, error: Exception) -> StepFault:
        if isinstance(error, SpiffWorkflowException):
            return StepFault("engine.step", "流程引擎無法執行這一步。", detail=str(error))
        return as_fault(error, where=task.task_spec.name)

    # -- taking down -------------------------------------------------------------------------------------------------

    def note(self, kind: str, task: Task, **data: Any) -> None:
        spec = task.task_spec
        self.log.append(Done(kind, spec.bpmn_id, spec.bpmn_name or spec.bpmn_id, str(task.id), data))

    def record(self, task: Task, kind: str | None = None) -> None:
        """Take down a completed task and the sequence flows it left by."""
        node_id = task.task_spec.bpmn_id
        if node_id is None:
            return
        node = self.package.manifest["nodes"].get(node_id)
        if kind is None:
            catching = node is not None and node["type"] in CATCHING
            kind = CAUGHT.get((node["event"] if node else "") or "message", "step.completed") if catching else "step.completed"
        found = {"wrote": self._wrote[task.id]} if task.id in self._wrote else {}
        self.note(kind, task, flows=self._flows(task, node_id), **found)
        if node is not None and node["type"] == "endEvent" and task.workflow is self.workflow:
            self.outcome = node_id

    def _flows(self, task: Task, node_id: str) -> list[str]:
        targets = {target(child) for child in task.children if not child.has_state(TaskState.PREDICTED_MASK)}
        flows = self.package.manifest["flows"]
        outgoing = self.package.manifest["nodes"].get(node_id, {"outgoing": []})["outgoing"]
        return [flow for flow in outgoing if flows[flow]["to"] in targets]


def target(child: Task) -> str | None:
    """Id of the node a child task stands for; the split before a host with boundary events stands for the host."""
    spec = child.task_spec
    if isinstance(spec, EventSplit):
        return str(spec.name).removesuffix(".BoundaryEventSplit")
    return None if spec.bpmn_id is None else str(spec.bpmn_id)


def is_automatic(task: Task) -> bool:
    return bool(task.state == TaskState.READY and not task.task_spec.manual and not task.internal_data.get(FAULT))


def is_timer(task: Task) -> bool:
    """Does this task wait for an instant (perhaps among other things)?"""
    if task.state != TaskState.WAITING or not isinstance(task.task_spec, CatchingEvent):
        return False
    definition = task.task_spec.event_definition
    parts = definition.event_definitions if isinstance(definition, MultipleEventDefinition) else [definition]
    return any(isinstance(part, TimerEventDefinition) for part in parts)
