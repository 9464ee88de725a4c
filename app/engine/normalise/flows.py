"""Flows: where tokens begin, split and end, said in gateways that the engine executes."""

from __future__ import annotations

from app.engine import bpmn
from app.engine.bpmn import Element
from app.engine.normalise.runcopy import (
    RunCopy,
    drop_children,
    incoming,
    outgoing,
    retag,
    set_condition,
)


def dangling(copy: RunCopy) -> None:
    """Flows that do not join two nodes of the same scope, or run into a beginning or out of an end."""
    for _process, scope in copy.scopes():
        kinds = {bpmn.ident(node): bpmn.local(node) for node in bpmn.nodes(scope)}
        for flow in bpmn.flows(scope):
            source, target = kinds.get(flow.get("sourceRef", "")), kinds.get(flow.get("targetRef", ""))
            if source is None or target is None:
                why = "兩端沒有連到同一層的步驟"
            elif source == "endEvent" or target in ("startEvent", "boundaryEvent"):
                why = "從結束出來，或進入開始、邊界事件"
            else:
                continue
            copy.say(flow, "flow.dangling", f"{bpmn.label(flow)} {why}，已移除。")
            scope.remove(flow)
        known = {bpmn.ident(flow) for flow in bpmn.flows(scope)}
        for node in bpmn.nodes(scope):
            if node.get("default") and node.get("default") not in known:
                copy.say(node, "flow.default", f"{bpmn.label(node)} 的預設流向「{node.get('default')}」不存在，已移除。")
                del node.attrib["default"]


def splits(copy: RunCopy) -> None:
    """Several or conditional flows out of a step become a gateway: the engine ignores such conditions (D14)."""
    for _process, scope in copy.scopes():
        for node in bpmn.nodes(scope):
            if bpmn.local(node) in bpmn.GATEWAYS:
                continue
            leaving = outgoing(scope, node)
            conditional = [flow for flow in leaving if bpmn.condition(flow)]
            if len(leaving) < 2 and not conditional:
                node.attrib.pop("default", None)
                continue
            kind = "inclusiveGateway" if conditional else "parallelGateway"
            gateway = copy.add(scope, kind, f"{bpmn.ident(node)}_split", "分流")
            copy.beside(gateway, node)
            _lead_through(copy, scope, node, gateway, leaving)
            copy.say(node, "flow.split", f"{bpmn.label(node)} 後面的 {len(leaving)} 條流向已改由"
                                         f"{bpmn.KIND_NAMES[kind]}分出，走法相同。", weakens=False)


def _lead_through(copy: RunCopy, scope: Element, node: Element, gateway: Element, leaving: list[Element]) -> None:
    default = node.attrib.pop("default", None)
    for flow in leaving:
        flow.set("sourceRef", bpmn.ident(gateway))
        if bpmn.ident(flow) == default:
            set_condition(flow, None)
        elif bpmn.local(gateway) == "inclusiveGateway" and not bpmn.condition(flow):
            set_condition(flow, "true")
    if default and bpmn.local(gateway) == "inclusiveGateway":
        gateway.set("default", default)
    copy.connect(scope, bpmn.ident(node), bpmn.ident(gateway))


def needless_conditions(copy: RunCopy) -> None:
    """Conditions where none is read: behind parallel and event gateways, and on the default flow."""
    for _process, scope in copy.scopes():
        for node in bpmn.nodes(scope):
            if bpmn.local(node) in bpmn.GATEWAYS:
                for flow in outgoing(scope, node):
                    _needed_condition(copy, node, flow)
            if bpmn.local(node) not in bpmn.DECIDING:
                node.attrib.pop("default", None)


def _needed_condition(copy: RunCopy, node: Element, flow: Element) -> None:
    kind, condition = bpmn.local(node), bpmn.condition(flow)
    if condition and kind not in bpmn.DECIDING:
        copy.say(flow, "flow.condition", f"{bpmn.label(flow)} 的條件在{bpmn.KIND_NAMES[kind]}後面不會判斷，已移除。")
        condition = None
    elif condition and node.get("default") == bpmn.ident(flow):
        copy.say(flow, "flow.condition", f"{bpmn.label(flow)} 是預設流向，條件不會判斷，已移除。", weakens=False)
        condition = None
    set_condition(flow, condition)


def event_gateways(copy: RunCopy) -> None:
    """Only events may follow an event based gateway; otherwise a person chooses."""
    for _process, scope in copy.scopes():
        kinds = {bpmn.ident(node): bpmn.local(node) for node in bpmn.nodes(scope)}
        for node in bpmn.children(scope, "eventBasedGateway"):
            targets = {kinds.get(flow.get("targetRef", ""), "") for flow in outgoing(scope, node)}
            if targets - {"intermediateCatchEvent"} or not targets:
                copy.say(node, "gateway.event", f"{bpmn.label(node)} 後面有不是等待事件的步驟，已改為擇一閘道。")
                for attribute in ("instantiate", "eventGatewayType"):
                    node.attrib.pop(attribute, None)
                retag(node, "exclusiveGateway")


def starts(copy: RunCopy) -> None:
    """Exactly one beginning in every scope."""
    for process, scope in copy.scopes():
        if not bpmn.nodes(scope):
            continue
        found = bpmn.children(scope, "startEvent")
        if len(found) > 1:
            _choose_start(copy, process, scope, found)
        elif not found:
            _add_start(copy, scope)


def _choose_start(copy: RunCopy, process: Element, scope: Element, found: list[Element]) -> None:
    copy.say(scope, "start.many", f"{bpmn.label(scope)} 有 {len(found)} 個開始，已合為一個；由人員選擇從哪裡開始。")
    start = copy.add(scope, "startEvent", f"{bpmn.ident(scope)}_start")
    gateway = copy.add(scope, "exclusiveGateway", f"{bpmn.ident(scope)}_choose_start")
    copy.beside(start, found[0])
    copy.beside(gateway, found[0])
    copy.connect(scope, bpmn.ident(start), bpmn.ident(gateway))
    for old in found:
        drop_children(old, *(bpmn.local(d) for d in bpmn.definitions(old)))
        retag(old, "intermediateThrowEvent")
        copy.connect(scope, bpmn.ident(gateway), bpmn.ident(old))


def _add_start(copy: RunCopy, scope: Element) -> None:
    """BPMN: without a start event everything that nothing leads to begins at once."""
    first = [node for node in bpmn.nodes(scope) if bpmn.local(node) != "boundaryEvent" and not incoming(scope, node)]
    first = first or bpmn.nodes(scope)[:1]
    start = copy.add(scope, "startEvent", f"{bpmn.ident(scope)}_start")
    copy.beside(start, first[0])
    copy.say(scope, "start.none", f"{bpmn.label(scope)} 沒有開始事件，已補上並接到 {len(first)} 個步驟。")
    source = start
    if len(first) > 1:
        source = copy.add(scope, "parallelGateway", f"{bpmn.ident(scope)}_begin_all")
        copy.beside(source, first[0])
        copy.connect(scope, bpmn.ident(start), bpmn.ident(source))
    for node in first:
        copy.connect(scope, bpmn.ident(source), bpmn.ident(node))


def unreachable(copy: RunCopy) -> None:
    """Steps that no token can reach leave the run copy: the engine drops them without a word."""
    for _process, scope in copy.scopes():
        seen: set[str] = set()
        todo = [bpmn.ident(node) for node in bpmn.children(scope, "startEvent")]
        onward: dict[str, list[str]] = {}
        for flow in bpmn.flows(scope):
            onward.setdefault(flow.get("sourceRef", ""), []).append(flow.get("targetRef", ""))
        for boundary in bpmn.children(scope, "boundaryEvent"):
            onward.setdefault(boundary.get("attachedToRef", ""), []).append(bpmn.ident(boundary))
        while todo:
            node = todo.pop()
            if node not in seen:
                seen.add(node)
                todo += onward.get(node, [])
        for element in bpmn.nodes(scope):
            if bpmn.ident(element) not in seen and element.getparent() is scope:
                copy.say(element, "node.unreachable", f"{bpmn.label(element)} 沒有任何流向可以到達，已移除。")
                copy.remove_node(scope, element)


def ends(copy: RunCopy) -> None:
    """A step that leads nowhere ends its road: the engine would call such a case complete and lose its result."""
    for _process, scope in copy.scopes():
        for node in bpmn.nodes(scope):
            if bpmn.local(node) == "endEvent" or outgoing(scope, node):
                continue
            end = copy.add(scope, "endEvent", f"{bpmn.ident(node)}_end")
            copy.beside(end, node)
            copy.connect(scope, bpmn.ident(node), bpmn.ident(end))
            copy.say(node, "node.dead_end", f"{bpmn.label(node)} 後面沒有流向，已補上結束事件。")
        if bpmn.nodes(scope) and not bpmn.children(scope, "endEvent"):
            _end_of_circle(copy, scope)


def _end_of_circle(copy: RunCopy, scope: Element) -> None:
    """Everything runs in a circle: give the first step of it a way out that a person can choose."""
    first = next(flow for flow in bpmn.flows(scope))
    gateway = copy.add(scope, "exclusiveGateway", f"{bpmn.ident(first)}_way_out")
    end = copy.add(scope, "endEvent", f"{bpmn.ident(scope)}_end")
    copy.connect(scope, bpmn.ident(gateway), first.get("targetRef", ""))
    copy.connect(scope, bpmn.ident(gateway), bpmn.ident(end))
    first.set("targetRef", bpmn.ident(gateway))
    copy.say(scope, "end.none", f"{bpmn.label(scope)} 沒有結束事件，已補上。")
