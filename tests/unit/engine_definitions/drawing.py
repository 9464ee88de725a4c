"""Small diagrams for tests, drawn in a few words, and the library as it is without us."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from lxml import etree
from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.spiff.parser import SpiffBpmnParser

from app.engine import examine
from app.engine.findings import Report
from app.engine.known import Known, KnownOperation

NAMESPACES = ('xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
              'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" '
              'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="http://example.test"')
KEY = "demo_case"
KNOWN = Known(operations={"demo.note": KnownOperation(["text"], ["noted"])}, roles=["vendor", "reviewer"],
              forms={"demo_case/form": ["outcome"]})
LIVE = TaskState.READY | TaskState.WAITING | TaskState.STARTED


class Drawing:
    """``d.node("userTask", "check_it").flow("start", "check_it")``; nodes get Chinese names and the lane ``reviewer``."""

    def __init__(self, key: str = KEY, *, executable: bool = True) -> None:
        self.key, self.executable = key, executable
        self.parts: list[str] = []
        self.ids: list[str] = []
        self.extra = ""

    def node(self, kind: str, name: str, inner: str = "", attributes: str = "") -> Drawing:
        self.parts.append(f'<{kind} id="{name}" name="步驟 {len(self.ids) + 1}" {attributes}>{inner}</{kind}>')
        self.ids.append(name)
        return self

    def flow(self, source: str, target: str, condition: str | None = None, name: str = "") -> Drawing:
        inner = "" if condition is None else f"<conditionExpression>{condition}</conditionExpression>"
        self.parts.append(f'<sequenceFlow id="{name or f"{source}_to_{target}"}" name="是" sourceRef="{source}" '
                          f'targetRef="{target}">{inner}</sequenceFlow>')
        return self

    def chain(self, *names: str) -> Drawing:
        for source, target in pairwise(names):
            self.flow(source, target)
        return self

    def line(self, *middle: tuple[str, str, str]) -> Drawing:
        """start → the given nodes (kind, id, inner) → end."""
        self.node("startEvent", "start")
        for kind, name, inner in middle:
            self.node(kind, name, inner)
        return self.node("endEvent", "end").chain("start", *(name for _kind, name, _inner in middle), "end")

    @property
    def xml(self) -> bytes:
        refs = "".join(f"<flowNodeRef>{name}</flowNodeRef>" for name in self.ids)
        lanes = f'<laneSet id="lanes"><lane id="reviewer" name="審核人員">{refs}</lane></laneSet>' if self.ids else ""
        return (f'<definitions {NAMESPACES} id="definitions">{self.extra}<process id="{self.key}" name="示範" '
                f'isExecutable="{str(self.executable).lower()}">{lanes}{"".join(self.parts)}</process>'
                "</definitions>").encode()


def settings(**values: str) -> str:
    items = "".join(f'<spiffworkflow:property name="{k}" value="{v}"/>' for k, v in values.items())
    return f"<extensionElements><spiffworkflow:properties>{items}</spiffworkflow:properties></extensionElements>"


FORM = settings(formKey="demo_case/form", outputs="outcome")


def operation(name: str, **parameters: str) -> str:
    items = "".join(f'<spiffworkflow:parameter id="{k}" type="any" value="{v}"/>' for k, v in parameters.items())
    return (f'<extensionElements><spiffworkflow:serviceTaskOperator id="{name}" resultVariable="r">'
            f"<spiffworkflow:parameters>{items}</spiffworkflow:parameters></spiffworkflow:serviceTaskOperator>"
            "</extensionElements>")


def timer(value: str, kind: str = "timeDuration") -> str:
    return f"<timerEventDefinition><{kind}>{value}</{kind}></timerEventDefinition>"


def publish(drawing: Drawing, **files: bytes) -> Report:
    """What publishing this diagram would say, without a child process."""
    found = {f"bpmn/{KEY}/{KEY}.bpmn": drawing.xml} | files
    return examine.package(found, KEY, KNOWN).report


def opened(drawing: Drawing) -> Report:
    """What opening this diagram as a foreign one says."""
    return examine.foreign(drawing.xml, "foreign.bpmn", KNOWN).report


def rules(report: Report) -> set[str]:
    return {finding.rule for finding in report.errors}


# --- the library alone ---------------------------------------------------------------------------

def bare(drawing: Drawing, **data: Any) -> BpmnWorkflow:
    """The diagram in SpiffWorkflow 3.2.0 as it comes, with its Python expressions, run as far as it goes."""
    parser = SpiffBpmnParser()
    parser.add_bpmn_xml(etree.fromstring(drawing.xml))
    workflow = BpmnWorkflow(parser.get_spec(drawing.key), parser.get_subprocess_specs(drawing.key),
                            script_engine=PythonScriptEngine())
    workflow.task_tree.set_data(**data)
    workflow.do_engine_steps()
    return workflow


def waiting(workflow: BpmnWorkflow) -> set[str]:
    return {task.task_spec.name for task in workflow.get_tasks(state=LIVE)}


def complete(workflow: BpmnWorkflow, name: str, **data: Any) -> None:
    task = workflow.get_next_task(state=TaskState.READY, spec_name=name)
    task.set_data(**data)
    task.run()
    workflow.do_engine_steps()
