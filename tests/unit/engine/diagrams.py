"""Small BPMN diagrams for the engine's tests, and publishing them without the checks of ``packages.deploy``."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from app.engine import manifest, parser, specs
from app.engine.models import PackageFile, PackageVersion
from app.extensions import UnitOfWork

HEAD = ('<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" '
        'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
        'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="defs" targetNamespace="http://example.org">')


@dataclass
class Scope:
    """A process or sub-process under construction. Every adder returns the node's id."""

    id: str
    nodes: list[str] = field(default_factory=list)
    flows: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    lanes: dict[str, list[str]] = field(default_factory=dict)
    messages: set[str] = field(default_factory=set)
    default: dict[str, str] = field(default_factory=dict)

    def node(self, tag: str, id: str, inner: str = "", *, lane: str | None = None, extra: str = "",
             **properties: str) -> str:
        parts = ""
        if properties or extra:
            settings = "".join(f"<spiffworkflow:property name={quoteattr(k)} value={quoteattr(v)}/>"
                               for k, v in properties.items() if k != "attrs")
            parts = ("<bpmn:extensionElements>" + extra + (f"<spiffworkflow:properties>{settings}"
                     "</spiffworkflow:properties>" if settings else "") + "</bpmn:extensionElements>")
        attrs = properties.get("attrs", "")
        self.nodes.append(f'<bpmn:{tag} id="{id}" name="{id} name" {attrs} @{id}@>{parts}{inner}</bpmn:{tag}>')
        self.ids.append(id)
        if lane:
            self.lanes.setdefault(lane, []).append(id)
        return id

    def flow(self, source: str, target: str, condition: str | None = None, *, default: bool = False) -> str:
        flow_id = f"{source}__{target}"
        while any(f'id="{flow_id}"' in flow for flow in self.flows):
            flow_id += "_"
        inner = formal("conditionExpression", condition) if condition else ""
        self.flows.append(f'<bpmn:sequenceFlow id="{flow_id}" sourceRef="{source}" targetRef="{target}">{inner}'
                          "</bpmn:sequenceFlow>")
        if default:
            self.default[source] = flow_id
        return flow_id

    def chain(self, *ids: str) -> None:
        for source, target in pairwise(ids):
            self.flow(source, target)

    def start(self, id: str = "start", **properties: str) -> str:
        return self.node("startEvent", id, **properties)

    def end(self, id: str = "end", inner: str = "", **properties: str) -> str:
        return self.node("endEvent", id, inner, **properties)

    def user(self, id: str, inner: str = "", lane: str | None = None, **properties: str) -> str:
        return self.node("userTask", id, inner, lane=lane, **properties)

    def script(self, id: str, text: str) -> str:
        return self.node("scriptTask", id, f"<bpmn:script>{escape(text)}</bpmn:script>")

    def service(self, id: str, operation: str, inner: str = "", **parameters: str) -> str:
        rows = "".join(f'<spiffworkflow:parameter id="{k}" type="any" value={quoteattr(v)}/>'
                       for k, v in parameters.items())
        return self.node("serviceTask", id, inner, extra=f'<spiffworkflow:serviceTaskOperator id="{operation}">'
                         f"<spiffworkflow:parameters>{rows}</spiffworkflow:parameters></spiffworkflow:serviceTaskOperator>")

    def decision(self, id: str, decision: str) -> str:
        called = f"<spiffworkflow:calledDecisionId>{decision}</spiffworkflow:calledDecisionId>"
        return self.node("businessRuleTask", id, extra=called)

    def xor(self, id: str) -> str:
        return self.node("exclusiveGateway", id)

    def fork(self, id: str) -> str:
        return self.node("parallelGateway", id)

    def inclusive(self, id: str) -> str:
        return self.node("inclusiveGateway", id)

    def sub(self, id: str, inner: Scope, loop: str = "") -> str:
        self.messages |= inner.messages
        return self.node("subProcess", id, loop + inner.body())

    def boundary(self, id: str, host: str, definition: str, *, interrupting: bool = True, **properties: str) -> str:
        attrs = f'attachedToRef="{host}" cancelActivity="{str(interrupting).lower()}"'
        return self.node("boundaryEvent", id, definition, attrs=attrs, **properties)

    def catch(self, id: str, definition: str, **properties: str) -> str:
        return self.node("intermediateCatchEvent", id, definition, **properties)

    def message(self, name: str) -> str:
        """A message event definition; the message is declared at the top."""
        self.messages.add(name)
        return f'<bpmn:messageEventDefinition messageRef="message_{name}"/>'

    def body(self) -> str:
        lanes = "".join(f'<bpmn:lane id="{lane}" name="{lane} 泳道">'
                        + "".join(f"<bpmn:flowNodeRef>{i}</bpmn:flowNodeRef>" for i in ids)
                        + "</bpmn:lane>" for lane, ids in self.lanes.items())
        text = f'<bpmn:laneSet id="lanes_{self.id}">{lanes}</bpmn:laneSet>' if lanes else ""
        text += "".join(self.nodes + self.flows)
        for id in self.ids:
            text = text.replace(f"@{id}@", f'default="{self.default[id]}"' if id in self.default else "")
        return text

    def xml(self) -> bytes:
        messages = "".join(f'<bpmn:message id="message_{name}" name="{name}"/>' for name in sorted(self.messages))
        shapes = "".join(f'<bpmndi:BPMNShape id="s_{i}" bpmnElement="{i}">'
                         f'<dc:Bounds x="{100 * n}" y="{80 * n}" width="90" height="60"/>'
                         "</bpmndi:BPMNShape>" for n, i in enumerate(self.ids))
        process = f'<bpmn:process id="{self.id}" name="{self.id}" isExecutable="true">{self.body()}</bpmn:process>'
        return (HEAD + messages + process +
                f'<bpmndi:BPMNDiagram id="d"><bpmndi:BPMNPlane id="p" bpmnElement="{self.id}">{shapes}</bpmndi:BPMNPlane>'
                "</bpmndi:BPMNDiagram></bpmn:definitions>").encode()


def formal(tag: str, text: str) -> str:
    return f'<bpmn:{tag} xsi:type="bpmn:tFormalExpression">{escape(text)}</bpmn:{tag}>'


def timer(kind: str, expression: str) -> str:
    """kind: date, duration or cycle."""
    tag = {"date": "timeDate", "duration": "timeDuration", "cycle": "timeCycle"}[kind]
    return f"<bpmn:timerEventDefinition>{formal(tag, expression)}</bpmn:timerEventDefinition>"


def many(*, cardinality: str | None = None, items: tuple[str, str] | None = None, results: tuple[str, str] | None = None,
         until: str | None = None, sequential: bool = False) -> str:
    """Multi-instance. items: (collection, item);  results: (collection, item)."""
    inner = f"<bpmn:loopCardinality>{cardinality}</bpmn:loopCardinality>" if cardinality else ""
    if items:
        inner += f"<bpmn:loopDataInputRef>{items[0]}</bpmn:loopDataInputRef>"
    if results:
        inner += f"<bpmn:loopDataOutputRef>{results[0]}</bpmn:loopDataOutputRef>"
    if items:
        inner += f'<bpmn:inputDataItem id="{items[1]}" name="{items[1]}"/>'
    if results:
        inner += f'<bpmn:outputDataItem id="{results[1]}" name="{results[1]}"/>'
    if until:
        inner += f"<bpmn:completionCondition>{escape(until)}</bpmn:completionCondition>"
    return (f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">{inner}'
            "</bpmn:multiInstanceLoopCharacteristics>")


def publish(uow: UnitOfWork, process: Scope, files: dict[str, bytes] | None = None,
            decisions: dict[str, str] | None = None) -> PackageVersion:
    """Store a diagram as the active version of the package named like the process."""
    path, xml = f"bpmn/{process.id}/{process.id}.bpmn", process.xml()
    root = etree.fromstring(xml)
    parsed = parser.parse_specs({path: root}, process.id)
    contents = {path: xml, **(files or {})}
    version = PackageVersion(
        key=process.id, version=1, title=process.id, sha256=hashlib.sha256(xml).hexdigest(), is_active=True,
        spec=specs.dump_specs(*parsed), report=[], engine="3.2.0", created_at=uow.now, created_by="test",
        manifest=dict(manifest.build({path: root}, process.id, forms={}, decisions=decisions or {}, files=sorted(contents))))
    uow.session.add(version)
    uow.session.flush()
    uow.session.add_all(PackageFile(version_id=version.id, path=name, content=content, sha256=hashlib.sha256(content).hexdigest())
                        for name, content in contents.items())
    uow.session.flush()
    return version
