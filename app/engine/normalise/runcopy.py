"""The tree being normalised, and the list of what was done to it."""

from __future__ import annotations

from collections import defaultdict

from lxml import etree

from app.engine import bpmn, syntax, variables
from app.engine.bpmn import Element
from app.engine.findings import Change
from app.engine.known import Known


class RunCopy:
    """Small edits of a diagram that keep its flows, lanes and boundary events consistent.

    called   ids of processes that a call activity may name
    choices  process → variables that a person may set to choose a road
    rehearsal  nothing outside the diagram will write variables
    """

    def __init__(self, root: Element, file: str, known: Known, called: set[str], *, rehearsal: bool = True) -> None:
        self.root, self.file, self.known, self.called, self.rehearsal = root, file, known, called, rehearsal
        self.changes: list[Change] = []
        self.choices: dict[Element, list[str]] = defaultdict(list)
        self._written: set[str] | None = None
        self._ids = {element.get("id") for element in root.iter() if element.get("id")}

    def say(self, element: Element, rule: str, message: str, *, weakens: bool = True) -> None:
        self.changes.append(Change(bpmn.ident(element) or None, rule, message, self.file, weakens))

    def scopes(self) -> list[tuple[Element, Element]]:
        """(process, scope) for every process and sub-process."""
        return [(process, scope) for process in bpmn.processes(self.root) for scope in bpmn.scopes(process)]

    def problem(self, source: str | None) -> str | None:
        """What is wrong with an expression; in a rehearsal also that nobody writes what it reads."""
        found = syntax.expression_problem(source)
        if found or not self.rehearsal:
            return found
        if self._written is None:
            nodes = [node for _process, scope in self.scopes() for node in bpmn.nodes(scope)]
            self._written = variables.written(nodes, self.known)
        unknown = sorted(syntax.names(source) - self._written)
        return f"沒有步驟寫入變數「{unknown[0]}」" if unknown else None

    def new_id(self, base: str) -> str:
        name, number = base, 1
        while name in self._ids:
            number += 1
            name = f"{base}_{number}"
        self._ids.add(name)
        return name

    def add(self, scope: Element, kind: str, base: str, name: str = "") -> Element:
        """A new element in a scope; a node stands in the lane of the node its id is derived from."""
        element = etree.SubElement(scope, bpmn.q(kind), {"id": self.new_id(base)})
        if name:
            element.set("name", name)
        return element

    def connect(self, scope: Element, source: str, target: str, condition: str | None = None) -> Element:
        flow = self.add(scope, "sequenceFlow", f"{source}_to_{target}")
        flow.set("sourceRef", source)
        flow.set("targetRef", target)
        if condition is not None:
            set_condition(flow, condition)
        return flow

    def beside(self, node: Element, other: Element) -> None:
        """Put a new node into the lane of an existing one."""
        for reference in list(self.root.iter(bpmn.q("flowNodeRef"))):
            if bpmn.text(reference) == bpmn.ident(other):
                added = etree.SubElement(_parent(reference), bpmn.q("flowNodeRef"))
                added.text = bpmn.ident(node)

    def remove_node(self, scope: Element, node: Element) -> None:
        """Take a node out with its flows, its boundary events and its place in a lane."""
        me = bpmn.ident(node)
        for flow in bpmn.flows(scope):
            if me in (flow.get("sourceRef"), flow.get("targetRef")):
                scope.remove(flow)
        for reference in list(self.root.iter(bpmn.q("flowNodeRef"))):
            if bpmn.text(reference) == me:
                _parent(reference).remove(reference)
        scope.remove(node)
        for boundary in [n for n in bpmn.children(scope, "boundaryEvent") if n.get("attachedToRef") == me]:
            self.remove_node(scope, boundary)

    def choice(self, process: Element) -> str:
        """A new variable with which a person chooses a road the drawing does not decide."""
        name = f"choice_{sum(map(len, self.choices.values())) + 1}"
        self.choices[process].append(name)
        return name


def _parent(element: Element) -> Element:
    parent = element.getparent()
    assert parent is not None
    return parent


def retag(element: Element, kind: str) -> None:
    """Make it another kind of node, keeping id, name, flows and lane."""
    element.tag = bpmn.q(kind)


def drop(element: Element) -> None:
    _parent(element).remove(element)


def drop_children(element: Element, *names: str) -> bool:
    found = [child for child in element if bpmn.is_bpmn(child) and bpmn.local(child) in names]
    for child in found:
        element.remove(child)
    return bool(found)


def outgoing(scope: Element, node: Element) -> list[Element]:
    return [flow for flow in bpmn.flows(scope) if flow.get("sourceRef") == bpmn.ident(node)]


def incoming(scope: Element, node: Element) -> list[Element]:
    return [flow for flow in bpmn.flows(scope) if flow.get("targetRef") == bpmn.ident(node)]


def set_condition(flow: Element, source: str | None) -> None:
    """Write a flow's condition plainly, or take it away."""
    drop_children(flow, "conditionExpression")
    if source is not None:
        etree.SubElement(flow, bpmn.q("conditionExpression")).text = source
