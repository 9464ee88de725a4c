"""The serializer of specifications, and the doors for the parser.

A specification is stored once per package version and always restored through the serializer: a freshly
parsed one lacks the listeners of multi-instance tasks and waits for ever (D10). Restoring also swaps
SpiffWorkflow's classes for ours (``RUNS_AS``), so no parser can bring a task that evaluates Python (D8).
"""

from __future__ import annotations

import json
import logging
import zlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.serializer.default.task_spec import (
    ConditionalGatewayConverter,
    ExclusiveGatewayConverter,
    ParallelGatewayConverter,
)
from SpiffWorkflow.bpmn.serializer.default.workflow import (
    BpmnWorkflowConverter,
    WorkflowConverter,
)
from SpiffWorkflow.bpmn.serializer.helpers.registry import DefaultRegistry
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import _EndJoin
from SpiffWorkflow.bpmn.specs.defaults import (
    BoundaryEvent,
    ExclusiveGateway,
    InclusiveGateway,
    IntermediateCatchEvent,
    ParallelGateway,
    StartEvent,
)
from SpiffWorkflow.bpmn.specs.event_definitions.timer import (
    CycleTimerEventDefinition,
    DurationTimerEventDefinition,
    TimeDateEventDefinition,
)
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.dmn.specs import BusinessRuleTaskMixin
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG
from SpiffWorkflow.spiff.serializer.task_spec import (
    ScriptTaskConverter,
    ServiceTaskConverter,
    SpiffBpmnTaskConverter,
)
from SpiffWorkflow.spiff.specs.defaults import (
    BusinessRuleTask,
    ParallelMultiInstanceTask,
    ReceiveTask,
    ScriptTask,
    SequentialMultiInstanceTask,
    ServiceTask,
    StandardLoopTask,
)

from app.engine.nodes import (
    AppServiceTask,
    Choice,
    DecisionTask,
    EndJoin,
    FeelScriptTask,
    Fork,
    Inclusive,
    ParallelInstances,
    SequentialInstances,
    StandardLoop,
)
from app.engine.timers import CycleTimer, DateTimer, DurationTimer

__all__ = ["CLASSES", "TIMERS", "AppServiceTask", "CycleTimer", "DateTimer", "DecisionTask", "DurationTimer",
           "FeelScriptTask", "Specs", "dump_specs", "load_specs", "registry"]

# At level 0 SpiffWorkflow gathers all task ids and data for every log record it does not write.
for _name in ("spiff", "spiff.workflow", "spiff.task", "spiff.data"):
    logging.getLogger(_name).setLevel(logging.WARNING)

Specs = tuple[BpmnProcessSpec, Mapping[str, BpmnProcessSpec]]

# For the parser: BPMN tag → class of the task specification, and kind of timer → definition.
CLASSES: dict[str, type] = {
    "serviceTask": AppServiceTask, "businessRuleTask": DecisionTask, "scriptTask": FeelScriptTask,
    "startEvent": StartEvent, "boundaryEvent": BoundaryEvent, "intermediateCatchEvent": IntermediateCatchEvent,
    "receiveTask": ReceiveTask,
}
TIMERS: dict[str, type] = {"timeDate": DateTimer, "timeDuration": DurationTimer, "timeCycle": CycleTimer}

RUNS_AS: dict[type, type] = {
    ServiceTask: AppServiceTask, ScriptTask: FeelScriptTask, ExclusiveGateway: Choice, InclusiveGateway: Inclusive,
    ParallelGateway: Fork, _EndJoin: EndJoin, ParallelMultiInstanceTask: ParallelInstances,
    SequentialMultiInstanceTask: SequentialInstances, StandardLoopTask: StandardLoop,
    TimeDateEventDefinition: DateTimer, DurationTimerEventDefinition: DurationTimer, CycleTimerEventDefinition: CycleTimer,
}


class DecisionTaskConverter(SpiffBpmnTaskConverter):
    def to_dict(self, spec: DecisionTask) -> dict[str, Any]:
        return {**super().to_dict(spec), "decision_ref": spec.decision_ref}


class StateOnlyConverter(BpmnWorkflowConverter):
    """A running workflow without its specifications: they are stored once per package version."""

    def to_dict(self, workflow: BpmnWorkflow) -> dict[str, Any]:
        state: dict[str, Any] = WorkflowConverter.to_dict(self, workflow)
        state["subprocesses"] = self.mapping_to_dict(workflow.subprocesses)
        state["bpmn_events"] = self.registry.convert(workflow.bpmn_events)
        return state

    def from_dict(self, state: dict[str, Any], spec: BpmnProcessSpec,
                  subprocess_specs: Mapping[str, BpmnProcessSpec]) -> BpmnWorkflow:
        workflow = self.target_class(spec, subprocess_specs, deserializing=True)
        workflow.tasks = self.mapping_from_dict(state["tasks"], UUID, workflow=workflow)
        workflow.task_tree = workflow.tasks[UUID(state["root"])]
        self.set_default_attributes(workflow, state)
        self.subprocesses_from_dict(state["subprocesses"], workflow)
        workflow.bpmn_events = self.registry.restore(state.pop("bpmn_events", []))
        return workflow


OWN: dict[type, type] = {
    AppServiceTask: ServiceTaskConverter, FeelScriptTask: ScriptTaskConverter, DecisionTask: DecisionTaskConverter,
    Choice: ExclusiveGatewayConverter, Inclusive: ConditionalGatewayConverter, Fork: ParallelGatewayConverter,
    EndJoin: SPIFF_CONFIG[_EndJoin], ParallelInstances: SPIFF_CONFIG[ParallelMultiInstanceTask],
    SequentialInstances: SPIFF_CONFIG[SequentialMultiInstanceTask], StandardLoop: SPIFF_CONFIG[StandardLoopTask],
    DateTimer: SPIFF_CONFIG[TimeDateEventDefinition], DurationTimer: SPIFF_CONFIG[DurationTimerEventDefinition],
    CycleTimer: SPIFF_CONFIG[CycleTimerEventDefinition],
}


def _build() -> DefaultRegistry:
    built = DefaultRegistry()
    for kind, converter in {**SPIFF_CONFIG, BpmnWorkflow: StateOnlyConverter}.items():
        if not issubclass(kind, (BusinessRuleTask, BusinessRuleTaskMixin)):      # SpiffWorkflow's own DMN is Python
            converter(kind, built).target_class = RUNS_AS.get(kind, kind)
    for kind, converter in OWN.items():
        converter(kind, built)
    return built


registry = _build()


def dump_specs(spec: BpmnProcessSpec, subprocess_specs: Mapping[str, BpmnProcessSpec]) -> bytes:
    """A parsed process and its sub-processes as zlib(JSON)."""
    document = {"spec": registry.convert(spec), "subs": {k: registry.convert(v) for k, v in subprocess_specs.items()}}
    return zlib.compress(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(), 6)


def load_specs(stored: bytes) -> Specs:
    """Specifications ready to run. Immutable afterwards: one copy serves all cases of a version."""
    document = json.loads(zlib.decompress(stored))
    return registry.restore(document["spec"]), {k: registry.restore(v) for k, v in document["subs"].items()}
