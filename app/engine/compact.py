"""Forget what is over, so that step 2,000 costs what step 1 did (D2, D3).

SpiffWorkflow keeps every task that ever was in a tree and walks it at each step. History belongs to the
event log; after a step only the part of the tree is kept that the engine still reads:

* live tasks with everything predicted below them, and the task just above each of them (its data are inherited);
* the parts a waiting join has collected so far, each with its parent;
* boundary-event scopes that are still open, and the points where kept branches part (a join compares with
  the data there).

Everything else is cut out and the rest re-hung on the nearest kept ancestor. Sub-processes whose task is over go.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from SpiffWorkflow.bpmn.specs.control import EventSplit, _EndJoin
from SpiffWorkflow.bpmn.specs.mixins.unstructured_join import UnstructuredJoin
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

LIVE = TaskState.READY | TaskState.WAITING | TaskState.STARTED


def parts(workflow: BpmnWorkflow) -> list[Any]:
    """The workflow and its sub-processes."""
    return [workflow, *workflow.subprocesses.values()]


def all_tasks(workflow: BpmnWorkflow) -> list[Task]:
    """Every task. Never ``get_tasks()``: its iterator goes blind at depth 1000 (D2)."""
    return [task for part in parts(workflow) for task in part.tasks.values()]


def is_token(task: Task) -> bool:
    """Is this something that can still move? The joins at the very end only wait for the others."""
    return bool(task.state & LIVE) and not isinstance(task.task_spec, _EndJoin)


def compact(workflow: BpmnWorkflow) -> int:
    """Cut finished history out of the workflow; returns how many tasks went."""
    removed = 0
    for part in parts(workflow):
        if not part.completed:
            removed += _compact_part(workflow, part)
    _drop_finished(workflow)
    return removed


def _drop_finished(workflow: BpmnWorkflow) -> None:
    alive = {task.id for task in all_tasks(workflow) if task.state & LIVE}
    for owner in [owner for owner in workflow.subprocesses if owner not in alive]:
        for task_id in workflow.subprocesses.pop(owner).tasks:
            workflow.event_manager.tasks.pop(task_id, None)


def _compact_part(top: BpmnWorkflow, part: Any) -> int:
    tasks: dict[Any, Task] = part.tasks
    tokens = [task for task in tasks.values() if is_token(task)]
    if not tokens:
        return 0
    keep = _kept(part, tokens)
    if len(keep) == len(tasks):
        return 0
    _rehang(part, keep)
    gone = [task_id for task_id in tasks if task_id not in keep]
    for task_id in gone:
        del tasks[task_id]
        top.event_manager.tasks.pop(task_id, None)
    if part.last_task is not None and part.last_task.id not in tasks:
        part.last_task = None
    return len(gone)


def _kept(part: Any, tokens: list[Task]) -> set[Any]:
    root = part.task_tree
    keep = {root.id}
    for task in [*tokens, *_collected(part, is_top=part.parent_workflow is None)]:
        keep.add(task.id)
        if task._parent in part.tasks:
            keep.add(task._parent)
    for task in tokens:
        keep.update(_predicted(task))
    _keep_scopes(part, keep)
    _keep_partings(part, keep)
    return keep


def _collected(part: Any, *, is_top: bool) -> list[Task]:
    """Tokens that stand at a join which has not been passed yet: the one that waits and those it replaced."""
    joins = [task for task in part.tasks.values() if isinstance(task.task_spec, UnstructuredJoin)
             and task.state & (LIVE | TaskState.CANCELLED) and not (is_top and isinstance(task.task_spec, _EndJoin))]
    waiting = {task.task_spec.name for task in joins if task.state & LIVE}
    return [task for task in joins if task.task_spec.name in waiting
            and task.parent is not None and task.parent.state == TaskState.COMPLETED]


def _predicted(task: Task) -> Iterable[Any]:
    stack = list(task._children)
    while stack:
        task_id = stack.pop()
        child = task.workflow.tasks[task_id]
        if child.state & TaskState.NOT_FINISHED_MASK:
            yield task_id
            stack.extend(child._children)


def _keep_scopes(part: Any, keep: set[Any]) -> None:
    """A kept boundary event, host or its join needs the split above it and the split's own children."""
    tasks = part.tasks
    for task_id in list(keep):
        above = tasks[task_id]
        while above._parent in tasks:
            parent = tasks[above._parent]
            if isinstance(parent.task_spec, EventSplit) and above.state & LIVE:
                keep.add(parent.id)
                keep.update(child.id for child in parent.children if child.state != TaskState.CANCELLED)
                keep.add(above.id)
            above = parent


def _keep_partings(part: Any, keep: set[Any]) -> None:
    """Add the tasks from which two kept tasks descend on different ways."""
    tasks, seen = part.tasks, dict.fromkeys(keep, 0)
    for task_id in list(keep):
        task = tasks[task_id]
        while task._parent in tasks:
            parent = task._parent
            seen[parent] = seen.get(parent, 0) + 1
            if seen[parent] > 1 and parent not in keep:
                keep.add(parent)
            if seen[parent] > 1 or parent in keep:
                break
            task = tasks[parent]


def _rehang(part: Any, keep: set[Any]) -> None:
    tasks, root = part.tasks, part.task_tree
    children: dict[Any, list[Any]] = {task_id: [] for task_id in keep}
    for task_id, task in tasks.items():
        if task_id in keep and task_id != root.id:
            parent = task._parent
            while parent not in keep:
                parent = tasks[parent]._parent
            task._parent = parent
            children[parent].append(task_id)
    for task_id, below in children.items():
        tasks[task_id]._children = below
