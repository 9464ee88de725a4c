"""Task specifications of our own: service, decision, gateways, joins and loops.

Subclasses of SpiffWorkflow's; ``specs`` registers them with the serializer, so a stored specification
always comes back as these whatever parser wrote it. What they mend is named by defect (engine.md §0).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.control import _EndJoin
from SpiffWorkflow.bpmn.specs.defaults import ExclusiveGateway, InclusiveGateway, ParallelGateway
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask, MultiInstanceTask
from SpiffWorkflow.spiff.specs.defaults import (
    ParallelMultiInstanceTask,
    ScriptTask,
    SequentialMultiInstanceTask,
    ServiceTask,
    StandardLoopTask,
)
from SpiffWorkflow.spiff.specs.spiff_task import SpiffBpmnTask
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from app.engine.faults import StepFault

if TYPE_CHECKING:
    from app.engine.expressions import FeelScriptEngine

FAULT, OFF = "fault", "off"
MOST_INSTANCES = 50


def _engine(task: Task) -> FeelScriptEngine:
    engine: FeelScriptEngine = task.workflow.script_engine
    return engine


class AppServiceTask(ServiceTask):
    """Calls a named operation of the catalogue; its result is merged into the data. An async one waits for its answer."""

    def _execute(self, task: Task) -> bool | None:
        engine = _engine(task)
        parameters = {name: engine.evaluate(task, part["value"]) for name, part in self.operation_params.items()}
        return engine.host.perform(task, self.operation_name, parameters)


class DecisionTask(SpiffBpmnTask):
    """Stores the decision's id only: the table belongs to the package version, not to the specification (D15)."""

    def __init__(self, wf_spec: Any, name: str, decision_ref: str, **kwargs: Any) -> None:
        super().__init__(wf_spec, name, **kwargs)
        self.decision_ref = decision_ref

    def _run_hook(self, my_task: Task) -> bool:
        _engine(my_task).host.decide(my_task, self.decision_ref)
        return bool(super()._run_hook(my_task))


class FeelScriptTask(ScriptTask):
    """FEEL assignments, all or nothing."""


class Choice(ExclusiveGateway):
    """Conditions must be true or false; anything else is an incident, never a silent default."""

    def _run_hook(self, my_task: Task) -> bool:
        taken = next((name for condition, name in self.cond_task_specs
                      if condition is not None and _engine(my_task).condition(my_task, condition.args[0])),
                     self.default_task_spec)
        if taken is None:
            raise StepFault("gateway.no_path", "沒有任何一條路徑的條件成立，也沒有預設路徑。", detail=self.name)
        take(my_task, [taken])
        return True


def take(task: Task, names: list[str]) -> None:
    """Send the token of a deciding gateway along these outputs."""
    task._sync_children([task.workflow.spec.task_specs[name] for name in names], TaskState.FUTURE)
    for child in task.children:
        child.task_spec._predict(child, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)


def arrivals(task: Task) -> list[Task]:
    """The tokens that a join consumes with this one, in order of arrival, this one last."""
    others = [other for other in task.workflow.tasks.values()
              if other.task_spec is task.task_spec and other is not task and other.state == TaskState.CANCELLED
              and other.parent is not None and other.parent.state == TaskState.COMPLETED and not other._children]
    return [*sorted(others, key=lambda other: other.last_state_change), task]


def _ancestors(task: Task) -> Iterator[Task]:
    while (above := task.parent) is not None:
        yield above
        task = above


def common_ancestor(tasks: list[Task]) -> Task:
    """The deepest task above all of these (a single task's parent)."""
    paths = [list(_ancestors(task)) for task in tasks]
    shared = set.intersection(*({above.id for above in path} for path in paths))
    return next(above for above in paths[0] if above.id in shared)


def _is_moving(task: Task) -> bool:
    """A token, or the place one is about to enter while its predecessor is being completed."""
    if task.has_state(TaskState.READY | TaskState.WAITING | TaskState.STARTED):
        return True
    return bool(task.state == TaskState.FUTURE and task.parent is not None and task.parent.state == TaskState.COMPLETED)


def changes(base: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in base or base[key] != value}


class _MergingJoin:
    """Joins branches by what each of them changed since the split.

    SpiffWorkflow merges whole branches one over the other: the stale copy of the last to arrive
    overwrites what another branch wrote, and lists are spliced (D7).
    """

    def _run_hook(self, my_task: Task) -> bool:
        tokens = arrivals(my_task)
        if len(tokens) > 1:
            base = common_ancestor(tokens).data
            merged = dict(base)
            for token in tokens:
                merged.update(changes(base, token.parent.data))
            my_task.data = merged
        return True


class Fork(_MergingJoin, ParallelGateway):
    """Splits and joins all branches."""


class Inclusive(_MergingJoin, InclusiveGateway):
    """Takes every path whose condition is true; the default one if none is. Joins what was taken.

    It fires when no other token of its process can still reach it. SpiffWorkflow overlooks tokens in a
    sub-process or a multi-instance task and goes on without them.
    """

    def _check_threshold_unstructured(self, my_task: Task) -> bool:
        if len(self._inputs) < 2:
            return True
        upstream = self._upstream()
        return not any(_is_moving(other) and other.task_spec is not self and other.task_spec.name in upstream
                       for other in my_task.workflow.tasks.values())

    def _upstream(self) -> frozenset[str]:
        """Names of the tasks from which this one can be reached; the same for all cases of a version."""
        known: frozenset[str] | None = getattr(self, "_known_upstream", None)
        if known is None:
            seen: set[str] = set()
            stack = list(self._inputs)
            while stack:
                name = stack.pop()
                if name not in seen:
                    seen.add(name)
                    stack.extend(self._wf_spec.task_specs[name]._inputs)
            known = self._known_upstream = frozenset(seen)
        return known

    def _run_hook(self, my_task: Task) -> bool:
        super()._run_hook(my_task)
        engine = _engine(my_task)
        taken = [name for condition, name in self.cond_task_specs
                 if condition is not None and engine.condition(my_task, condition.args[0])]
        taken = taken or [name for condition, name in self.cond_task_specs if condition is None]
        if not taken:
            raise StepFault("gateway.no_path", "沒有任何一條路徑的條件成立，也沒有預設路徑。", detail=self.name)
        take(my_task, taken)
        return True


class EndJoin(_MergingJoin, _EndJoin):
    """The end of a process or sub-process."""

    def _run_hook(self, my_task: Task) -> bool:
        super()._run_hook(my_task)
        my_task.workflow.data.update(my_task.data)
        return True


class _Careful(LoopTask):
    """Loop and multi-instance tasks whose expressions may fail: the token waits with an incident, nothing half made."""

    def _update_hook(self, my_task: Task) -> bool | None:
        if my_task.internal_data.get(FAULT) or my_task.has_state(TaskState.STARTED):
            return None
        try:
            self._prepare(my_task)
            ready: bool | None = super()._update_hook(my_task)
            return ready
        except StepFault as fault:
            my_task._drop_children(force=True)
            my_task._set_state(TaskState.WAITING)
            _engine(my_task).host.fault(my_task, fault)
            return None

    def _prepare(self, my_task: Task) -> None:
        """Check what the task needs before the first instance is made."""


class _CarefulInstances(_Careful, MultiInstanceTask):
    """Multi-instance: at most 50, results in a fresh list, each instance merges only what it changed (D7)."""

    def _prepare(self, my_task: Task) -> None:
        my_task._inherit_data()
        if self.data_input is not None:
            items = my_task.data.get(self.data_input.bpmn_id)
            if not isinstance(items, list):
                raise StepFault("loop.input", f"「{self.data_input.bpmn_id}」不是清單，無法逐項辦理。", detail=self.name)
            size: object = len(items)
        else:
            size = _engine(my_task).evaluate(my_task, self.cardinality)
        if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= MOST_INSTANCES:
            raise StepFault("loop.size", f"逐項辦理的項數必須是 0 至 {MOST_INSTANCES} 的整數。", detail=self.name)
        self._clear_results(my_task)

    def _clear_results(self, my_task: Task) -> None:
        """Forget what an earlier round of the same task left; SpiffWorkflow refuses to start on it."""
        kept = self.data_input.bpmn_id if self.data_input is not None else None
        for item in (self.input_item, self.output_item, self.data_output):
            if item is not None and item.bpmn_id != kept:
                my_task.parent.data.pop(item.bpmn_id, None)
                my_task.data.pop(item.bpmn_id, None)

    def merge_child(self, workflow: Any, child: Task) -> None:
        if self.output_item is not None:
            child.data.setdefault(self.output_item.bpmn_id, None)
        if self.data_output is None or self.output_item is None:
            self._keep_changes(child)
        super().merge_child(workflow, child)

    def _keep_changes(self, child: Task) -> None:
        """Leave in the child's data only what it changed, so that the merge cannot bring back old values."""
        base = dict(child.parent.parent.data)
        own = changes(base, child.data)
        for item in (self.input_item, self.output_item):
            if item is not None:
                own.pop(item.bpmn_id, None)
        child.data = {**child.parent.data, **own}
        child.parent.data = dict(child.data)

    def check_completion_condition(self, my_task: Task) -> bool:
        merged = my_task.internal_data.get("merged", [])
        if not merged or self.condition is None:
            return False
        last = next((child for child in my_task.children if str(child.id) == merged[-1]), my_task)
        return guarded(my_task, lambda: _engine(my_task).condition(last, self.condition))


def guarded(task: Task, ask: Callable[[], bool]) -> bool:
    """A condition asked while another task completes: a failure is this task's incident and counts as no."""
    if task.internal_data.get(FAULT) or task.internal_data.get(OFF):
        return False
    try:
        return bool(ask())
    except StepFault as fault:
        _engine(task).host.fault(task, fault)
        return False


class ParallelInstances(_CarefulInstances, ParallelMultiInstanceTask):
    def children_complete(self, my_task: Task) -> bool:
        return all(child.state in (TaskState.COMPLETED, TaskState.CANCELLED) for child in self._instances(my_task))


class SequentialInstances(_CarefulInstances, SequentialMultiInstanceTask):
    pass


class StandardLoop(_Careful, StandardLoopTask):
    """Repeats while its condition holds; the data of a round are the data of the next."""

    def merge_child(self, workflow: Any, child: Task) -> None:
        my_task = child.parent
        my_task.data = dict(child.data)
        my_task.internal_data["merged"].append(str(child.id))
        self.go_on(my_task)

    def go_on(self, my_task: Task) -> None:
        """Another round or the end; a condition that cannot be evaluated leaves the loop waiting with an incident."""
        try:
            if self.loop_complete(my_task):
                my_task._set_state(TaskState.READY)
            else:
                self.create_child(my_task)
        except StepFault as fault:
            _engine(my_task).host.fault(my_task, fault)

    def loop_complete(self, my_task: Task) -> bool:
        done = len(my_task.internal_data.get("merged", []))
        if self.maximum is not None and done >= self.maximum:
            return True
        return self.condition is not None and not _engine(my_task).condition(my_task, self.condition)
