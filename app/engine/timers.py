"""Timer definitions that use the command's clock and fire only when the command says so.

SpiffWorkflow's own read ``datetime.now()``, compare strictly, catch up every missed cycle at once and
delete what a reminder started when its host ends (engine.md §1.4, D13). The due instant stands in the
task's ``internal_data["event_value"]``; ``project`` copies it to the ``timers`` table.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin
from SpiffWorkflow.bpmn.specs.event_definitions.timer import (
    CycleTimerEventDefinition,
    DurationTimerEventDefinition,
    TimeDateEventDefinition,
    TimerEventDefinition,
)
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from app.engine import clockwork
from app.engine.faults import StepFault

if TYPE_CHECKING:
    from app.engine.expressions import FeelScriptEngine

VALUE, FIRED, FAULT = "event_value", "event_fired", "fault"
OFF = "off"                  # a person has skipped this part for good


def _engine(task: Task) -> FeelScriptEngine:
    engine: FeelScriptEngine = task.workflow.script_engine
    return engine


class _OnceTimer(TimerEventDefinition):
    """Fires once, at an instant computed when the token arrives. A value that cannot be read is an incident."""

    def has_fired(self, my_task: Task) -> bool:
        data = my_task.internal_data
        if data.get(FIRED):
            return True
        if data.get(FAULT) or data.get(OFF):
            return False
        engine = _engine(my_task)
        if data.get(VALUE) is None:
            try:
                data[VALUE] = engine.instant(my_task, self.expression).isoformat()
            except StepFault as fault:
                engine.host.fault(my_task, fault)
                return False
        if engine.is_firing(my_task):
            data[FIRED] = True
        return bool(data.get(FIRED))


class DateTimer(_OnceTimer, TimeDateEventDefinition):
    pass


class DurationTimer(_OnceTimer, DurationTimerEventDefinition):
    pass


class CycleTimer(CycleTimerEventDefinition):
    """A reminder: each occurrence starts a token of its own, beside the host and not below it."""

    def has_fired(self, my_task: Task) -> bool:
        return False                      # it waits as long as its host lives, also when no cycle is left

    def update_task(self, my_task: Task) -> None:
        data, engine = my_task.internal_data, _engine(my_task)
        if data.get(FAULT) or data.get(OFF):
            return
        if data.get(VALUE) is None:
            try:
                cycle = clockwork.parse_cycle(engine.text(my_task, self.expression), engine.now)
            except StepFault as fault:
                engine.host.fault(my_task, fault)
                return
            except clockwork.TimeError as error:
                engine.host.fault(my_task, StepFault(error.code, error.message, detail=self.expression))
                return
            data[VALUE] = {"cycles": -1 if cycle.times is None else cycle.times,
                           "next": cycle.first.isoformat(), "every": cycle.every}
        if engine.is_firing(my_task) and data[VALUE]["cycles"] != 0:
            self._remind(my_task, data[VALUE], engine.now)

    def _remind(self, my_task: Task, value: dict[str, Any], now: datetime) -> None:
        """One reminder, whatever number was missed; the missed ones count as given."""
        upcoming, passed = clockwork.following(datetime.fromisoformat(value["next"]), value["every"], now)
        value["next"] = upcoming.isoformat()
        if value["cycles"] > 0:
            value["cycles"] = max(0, value["cycles"] - passed)
        _engine(my_task).host.reminded(my_task)
        above = my_task.parent.parent     # split → what came before the host
        for output in my_task.task_spec.outputs:
            if not isinstance(output, BoundaryEventJoin):
                child = above._add_child(output, TaskState.FUTURE)
                child.task_spec._predict(child, mask=TaskState.NOT_FINISHED_MASK)
                child.task_spec._update(child)


def due_of(task: Task) -> datetime | None:
    """When a waiting timer task is due; None for other tasks, failed timers and used-up cycles."""
    value = task.internal_data.get(VALUE)
    if value is None or task.internal_data.get(FIRED) or task.internal_data.get(FAULT):
        return None
    if isinstance(value, dict):
        return datetime.fromisoformat(value["next"]) if value["cycles"] else None
    return datetime.fromisoformat(value)


def set_due(task: Task, due_at: datetime) -> None:
    """Move a waiting timer; a cycle keeps its rhythm from the new instant."""
    value = task.internal_data[VALUE]
    if isinstance(value, dict):
        value["next"] = due_at.isoformat()
    else:
        task.internal_data[VALUE] = due_at.isoformat()
