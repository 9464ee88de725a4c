"""SpiffWorkflow as it comes, for showing the defects that our engine mends."""

from __future__ import annotations

import json
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from tests.unit.engine.diagrams import Scope

serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(SPIFF_CONFIG))


def parse(process: Scope) -> tuple[Any, dict[str, Any]]:
    parser = SpiffBpmnParser()
    parser.add_bpmn_str(process.xml())
    return parser.get_spec(process.id), parser.get_subprocess_specs(process.id)


def start(process: Scope, **data: Any) -> BpmnWorkflow:
    workflow = BpmnWorkflow(*parse(process), script_engine=PythonScriptEngine())
    workflow.task_tree.set_data(**data)
    workflow.do_engine_steps()
    return workflow


def ready(workflow: BpmnWorkflow) -> list[Task]:
    return [task for task in workflow.get_tasks(state=TaskState.READY) if task.task_spec.manual]


def opened(workflow: BpmnWorkflow) -> list[str]:
    return sorted(task.task_spec.bpmn_id for task in ready(workflow))


def send(workflow: BpmnWorkflow, node: str, **data: Any) -> Task:
    task = next(task for task in ready(workflow) if task.task_spec.bpmn_id == node)
    task.data.update(data)
    task.run()
    workflow.do_engine_steps()
    return task


def dump(workflow: BpmnWorkflow) -> dict[str, Any]:
    return json.loads(json.dumps(serializer.to_dict(workflow)))


def load(document: dict[str, Any]) -> BpmnWorkflow:
    return serializer.from_dict(document)
