"""What the application needs to know of a published diagram without opening it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NotRequired, TypedDict

from app.engine import bpmn
from app.engine.bpmn import Element


class Node(TypedDict):
    """One flow node of the run copy.

    role       id of the lane it stands in; a sub-process' children stand in its lane
    incoming   ids of the flows that lead here; ``outgoing`` of those that leave
    attached_to  the activity a boundary event sits on;  ``parent`` the process or sub-process around it
    event      trigger of an event (timer, message, error …), empty for a plain one
    """

    type: str
    name: str
    role: str | None
    lane: str | None
    properties: dict[str, str]
    incoming: list[str]
    outgoing: list[str]
    attached_to: str | None
    interrupting: bool
    parent: str
    event: str
    operation: NotRequired[str]
    decision: NotRequired[str]
    called: NotRequired[str]
    message: NotRequired[str]


Flow = TypedDict("Flow", {"from": str, "to": str, "name": str})


class Manifest(TypedDict):
    """``lanes`` lane name → role;  ``forms`` form key → path;  ``decisions`` decision id → path."""

    process: str
    title: str
    start: str
    diagram: str
    lanes: dict[str, str]
    nodes: dict[str, Node]
    flows: dict[str, Flow]
    forms: dict[str, str]
    decisions: dict[str, str]
    messages: list[str]
    files: list[str]


def build(roots: Mapping[str, Element], main: str, *, forms: Mapping[str, str], decisions: Mapping[str, str],
          files: list[str]) -> Manifest:
    """The manifest of a package.

    roots  file → normalised tree;  main  id of the process to start
    """
    manifest: Manifest = {"process": main, "title": main, "start": "", "diagram": "", "lanes": {}, "nodes": {},
                          "flows": {}, "forms": dict(forms), "decisions": dict(decisions), "messages": [],
                          "files": sorted(files)}
    for file, root in roots.items():
        messages = {bpmn.ident(m): m.get("name", "") for m in bpmn.children(root, "message")}
        manifest["messages"] += [name for name in messages.values() if name not in manifest["messages"]]
        for process in bpmn.processes(root):
            if bpmn.ident(process) == main:
                manifest["title"] = process.get("name") or main
                manifest["diagram"] = file
                manifest["start"] = next((bpmn.ident(n) for n in bpmn.children(process, "startEvent")), "")
            _add_process(manifest, process, messages)
    return manifest


def _add_process(manifest: Manifest, process: Element, messages: Mapping[str, str]) -> None:
    lanes = bpmn.lane_of(process)
    manifest["lanes"].update({lane.get("name", ""): bpmn.ident(lane) for lane in bpmn.lanes(process)})
    inherited: dict[Element, Element | None] = {}
    for scope in bpmn.scopes(process):
        outer = inherited.get(scope)
        for flow in bpmn.flows(scope):
            manifest["flows"][bpmn.ident(flow)] = {"from": flow.get("sourceRef", ""), "to": flow.get("targetRef", ""),
                                                   "name": flow.get("name", "")}
        for node in bpmn.nodes(scope):
            lane = lanes.get(bpmn.ident(node), outer)
            inherited[node] = lane
            manifest["nodes"][bpmn.ident(node)] = _node(node, scope, lane, messages)


def _node(node: Element, scope: Element, lane: Element | None, messages: Mapping[str, str]) -> Node:
    me = bpmn.ident(node)
    flows = bpmn.flows(scope)
    entry: Node = {
        "type": bpmn.local(node), "name": node.get("name", ""),
        "role": None if lane is None else bpmn.ident(lane), "lane": None if lane is None else lane.get("name", ""),
        "properties": bpmn.properties(node),
        "incoming": [bpmn.ident(flow) for flow in flows if flow.get("targetRef") == me],
        "outgoing": [bpmn.ident(flow) for flow in flows if flow.get("sourceRef") == me],
        "attached_to": node.get("attachedToRef"), "interrupting": node.get("cancelActivity", "true") == "true",
        "parent": bpmn.ident(scope), "event": bpmn.trigger(node)}
    operation = bpmn.operation(node)
    if operation:
        entry["operation"] = operation[0]
    if decision := bpmn.decision(node):
        entry["decision"] = decision
    if called := node.get("calledElement"):
        entry["called"] = called
    if message := _message(node, messages):
        entry["message"] = message
    return entry


def _message(node: Element, messages: Mapping[str, str]) -> str:
    references = [d.get("messageRef", "") for d in bpmn.definitions(node)] + [node.get("messageRef", "")]
    return next((messages[ref] for ref in references if ref in messages), "")
