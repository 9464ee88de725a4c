"""Call the operation of a service task, inside a savepoint, or hand it to a job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.task import Task

from app import outbox
from app.engine import catalogue, state
from app.engine.catalogue import Context, Operation
from app.engine.faults import StepFault, as_fault
from app.engine.models import ProcessInstance
from app.engine.packages import LoadedPackage
from app.engine.settle import TRIES
from app.errors import InvalidInput
from app.extensions import UnitOfWork


class Operator:
    """Performs operations for one command. True = done; None = a job will answer."""

    def __init__(self, uow: UnitOfWork, instance: ProcessInstance, package: LoadedPackage) -> None:
        self._uow, self._instance, self._package = uow, instance, package

    def __call__(self, task: Task, name: str, parameters: dict[str, Any]) -> bool | None:
        operation = catalogue.find(name)
        if operation is None:
            raise StepFault("operation.unknown", f"系統沒有名為「{name}」的作業。", detail=task.task_spec.name)
        if operation.kind == "async":
            self._hand_over(task, operation, parameters)
            return None
        self._call(task, operation, parameters)
        return True

    def _call(self, task: Task, operation: Operation, parameters: dict[str, Any]) -> None:
        uow = self._uow
        context = Context(uow.session, uow.actor, uow.now, self._instance, self._package, task.task_spec.bpmn_id,
                          str(task.id))
        try:
            with uow.session.begin_nested():
                result: Mapping[str, Any] = operation.function(context, **parameters) or {}
                state.merge(task.data, result)
        except InvalidInput as error:
            if error.fields and not uow.actor.is_system:
                raise                       # the click itself is refused, at its fields; nothing is changed
            raise as_fault(error, where=f"{task.task_spec.name} → {operation.name}") from error
        except Exception as error:      # whatever an operation raises becomes an incident; its savepoint is rolled back
            raise as_fault(error, where=f"{task.task_spec.name} → {operation.name}", retries=operation.retries) from error

    def _hand_over(self, task: Task, operation: Operation, parameters: dict[str, Any]) -> None:
        tries = task.internal_data.get(TRIES, 0)
        outbox.add(self._uow.session, "operation", operation_key(str(task.id), tries),
                   {"task_id": str(task.id), "instance_id": self._instance.id, "node_id": task.task_spec.bpmn_id,
                    "operation": operation.name, "parameters": parameters},
                   now=self._uow.now, instance_id=self._instance.id)


def operation_key(task_id: str, tries: int) -> str:
    """Outbox key of an async operation; each retry is a new effect."""
    return f"operation:{task_id}" if not tries else f"operation:{task_id}:{tries}"
