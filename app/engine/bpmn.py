"""The words of BPMN that the engine's rooms share: names, kinds, and small readers of the XML tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

# An element of lxml's tree; the library has no types of its own.
Element: TypeAlias = Any

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DD = "http://www.omg.org/spec/DD/20100524/DI"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"

TASKS = frozenset(("task", "userTask", "manualTask", "scriptTask", "serviceTask", "businessRuleTask", "sendTask",
                   "receiveTask"))
SCOPES = frozenset(("subProcess", "transaction", "adHocSubProcess"))
ACTIVITIES = TASKS | SCOPES | {"callActivity"}
GATEWAYS = frozenset(("exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway",
                      "complexGateway"))
EVENTS = frozenset(("startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"))
NODES = ACTIVITIES | GATEWAYS | EVENTS
DECIDING = frozenset(("exclusiveGateway", "inclusiveGateway"))
# Where a token rests until a person, a clock or a message moves it.
WAITING = frozenset(("userTask", "manualTask", "task", "receiveTask", "intermediateCatchEvent", "eventBasedGateway"))

KIND_NAMES = {
    "task": "工作", "userTask": "人員工作", "manualTask": "人工工作", "scriptTask": "運算", "serviceTask": "系統工作",
    "businessRuleTask": "決策", "sendTask": "發送", "receiveTask": "接收", "subProcess": "子流程",
    "transaction": "交易子流程", "adHocSubProcess": "臨機子流程", "callActivity": "呼叫流程",
    "exclusiveGateway": "擇一閘道", "parallelGateway": "並行閘道", "inclusiveGateway": "可複選閘道",
    "eventBasedGateway": "事件閘道", "complexGateway": "複合閘道", "startEvent": "開始", "endEvent": "結束",
    "intermediateCatchEvent": "等待事件", "intermediateThrowEvent": "發出事件", "boundaryEvent": "邊界事件",
    "sequenceFlow": "流向", "process": "流程", "lane": "泳道", "participant": "參與者", "dataObject": "資料物件",
    "dataStore": "資料庫", "messageFlow": "訊息流",
}


def q(name: str) -> str:
    """The full tag of a BPMN element."""
    return f"{{{MODEL}}}{name}"


def local(element: Element) -> str:
    """The tag without its namespace."""
    return str(element.tag).rpartition("}")[2] if isinstance(element.tag, str) else ""


def is_bpmn(element: Element) -> bool:
    return isinstance(element.tag, str) and str(element.tag).startswith(f"{{{MODEL}}}")


def ident(element: Element) -> str:
    return str(element.get("id", ""))


def children(element: Element, name: str) -> list[Element]:
    return list(element.findall(q(name)))


def processes(root: Element) -> list[Element]:
    return children(root, "process")


def nodes(scope: Element) -> list[Element]:
    """Flow nodes directly in a process or sub-process."""
    return [child for child in scope if is_bpmn(child) and local(child) in NODES]


def flows(scope: Element) -> list[Element]:
    return children(scope, "sequenceFlow")


def scopes(process: Element) -> Iterator[Element]:
    """The process itself and every sub-process in it, outermost first."""
    for element in process.iter():
        if element is process or (is_bpmn(element) and local(element) in SCOPES):
            yield element


def definitions(event: Element) -> list[Element]:
    """The event definitions of an event."""
    return [child for child in event if is_bpmn(child) and local(child).endswith("EventDefinition")]


def trigger(event: Element) -> str:
    """``timer``, ``message`` … or an empty string for a plain event."""
    found = definitions(event)
    return local(found[0]).removesuffix("EventDefinition") if found else ""


def text(element: Element | None) -> str:
    return "" if element is None else "".join(element.itertext()).strip()


def condition(flow: Element) -> str | None:
    """The condition of a flow; None when it has none or an empty one."""
    return text(flow.find(q("conditionExpression"))) or None


def extension(node: Element, name: str) -> Element | None:
    """A child of the extension elements in our namespace."""
    holder = node.find(q("extensionElements"))
    return None if holder is None else holder.find(f"{{{SPIFF}}}{name}")


def properties(node: Element) -> dict[str, str]:
    """The node's settings: formKey, due, outputs …"""
    holder = extension(node, "properties")
    if holder is None:
        return {}
    return {item.get("name", ""): item.get("value", "") for item in holder.iter(f"{{{SPIFF}}}property")}


def listed(value: str | None) -> list[str]:
    """The items of a comma list."""
    return [item for item in (part.strip() for part in (value or "").split(",")) if item]


def operation(node: Element) -> tuple[str, dict[str, str]] | None:
    """Name and parameter expressions of a service task's operation."""
    operator = extension(node, "serviceTaskOperator")
    if operator is None:
        return None
    parameters = {item.get("id", ""): item.get("value", "") for item in operator.iter(f"{{{SPIFF}}}parameter")}
    return operator.get("id", ""), parameters


def decision(node: Element) -> str:
    """Id of the decision a business rule task calls, empty when there is none."""
    return text(extension(node, "calledDecisionId"))


def timer(definition: Element) -> tuple[str, str]:
    """``(timeDate|timeDuration|timeCycle, its text)``, empty strings when the timer has no value."""
    for kind in ("timeDate", "timeDuration", "timeCycle"):
        found = definition.find(q(kind))
        if found is not None:
            return kind, text(found)
    return "", ""


def label(element: Element) -> str:
    """How a message names an element: kind, name and id."""
    kind = KIND_NAMES.get(local(element), local(element))
    name = " ".join(element.get("name", "").split())
    return f"{kind}「{name}」（{ident(element)}）" if name else f"{kind} {ident(element) or '（沒有 id）'}"


def lanes(process: Element) -> list[Element]:
    return list(process.iter(q("lane")))


def lane_of(process: Element) -> dict[str, Element]:
    """Node id → its innermost lane."""
    found: dict[str, Element] = {}
    for lane in lanes(process):
        for reference in children(lane, "flowNodeRef"):
            found[text(reference)] = lane
    return found
