"""The row of a work item: what the queue, the form and the policy need of a waiting human task."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task

from app.engine.faults import StepFault
from app.engine.models import OPEN, ProcessInstance
from app.engine.project import FAR
from app.engine.timers import FAULT

if TYPE_CHECKING:
    from app.engine.packages import LoadedPackage
    from app.engine.settle import Run


def item_row(instance: ProcessInstance, package: LoadedPackage, run: Run, task: Task) -> dict[str, Any]:
    """Columns of a new work item. A ``due`` that cannot be computed opens the item without one, and an incident."""
    spec = task.task_spec
    node = package.manifest["nodes"].get(spec.bpmn_id)
    properties = dict(node["properties"]) if node else {}
    role = (node["role"] if node else None) or ""
    due_at = due(run, task, properties.get("due"))
    return {
        "id": str(task.id), "instance_id": instance.id, "package_key": instance.package_key,
        "business_key": instance.business_key, "title": instance.title, "node_id": spec.bpmn_id,
        "name": spec.bpmn_name or spec.bpmn_id, "role": role, "party": instance.parties.get(role),
        "form_key": properties.get("formKey"), "properties": properties, "status": OPEN, "version": 1,
        "opened_at": run.now, "due_at": due_at, "sort_at": due_at or FAR}


def due(run: Run, task: Task, expression: str | None) -> datetime | None:
    """The deadline of a human task, or None."""
    if not expression or task.internal_data.get(FAULT):
        return None
    try:
        return run.engine.instant(task, expression)
    except StepFault as fault:
        run.fault(task, fault)
        return None
