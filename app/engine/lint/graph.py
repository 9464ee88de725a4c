"""One scope of a diagram as a graph: who follows whom, loops, what can be reached."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.engine import bpmn
from app.engine.bpmn import Element


@dataclass(slots=True)
class Scope:
    """A process or sub-process.

    after   node id → ids that a token can go to next; a host is followed by its boundary events too
    """

    file: str
    process: Element
    element: Element
    nodes: dict[str, Element] = field(default_factory=dict)
    flows: list[Element] = field(default_factory=list)
    after: dict[str, list[str]] = field(default_factory=dict)
    arrivals: dict[str, int] = field(default_factory=dict)
    leaving: dict[str, list[Element]] = field(default_factory=dict)

    @classmethod
    def of(cls, file: str, process: Element, element: Element) -> Scope:
        scope = cls(file, process, element, {bpmn.ident(node): node for node in bpmn.nodes(element)},
                    bpmn.flows(element))
        for name in scope.nodes:
            scope.after[name], scope.arrivals[name], scope.leaving[name] = [], 0, []
        for flow in scope.flows:
            source, target = flow.get("sourceRef", ""), flow.get("targetRef", "")
            if source in scope.nodes and target in scope.nodes:
                scope.after[source].append(target)
                scope.leaving[source].append(flow)
                scope.arrivals[target] += 1
        for name, node in scope.nodes.items():
            host = node.get("attachedToRef", "")
            if bpmn.local(node) == "boundaryEvent" and host in scope.nodes:
                scope.after[host].append(name)
        return scope

    def kind(self, name: str) -> str:
        return bpmn.local(self.nodes[name])

    def waits(self, name: str) -> bool:
        """Does a token rest here? A sub-process does when something in it does."""
        node = self.nodes[name]
        if bpmn.local(node) == "callActivity" or bpmn.local(node) in bpmn.WAITING:
            return True
        return any(bpmn.is_bpmn(inner) and bpmn.local(inner) in bpmn.WAITING for inner in node.iter())

    def reached_from(self, name: str) -> set[str]:
        """Everything that can follow a node."""
        seen: set[str] = set()
        todo = list(self.after[name])
        while todo:
            node = todo.pop()
            if node not in seen:
                seen.add(node)
                todo += self.after[node]
        return seen

    def loops(self) -> list[set[str]]:
        """Sets of nodes that lead round to each other (strongly connected components), Tarjan without recursion."""
        order: dict[str, int] = {}
        low: dict[str, int] = {}
        path: list[str] = []
        found: list[set[str]] = []
        for root in self.nodes:
            if root not in order:
                self._visit(root, order, low, path, found)
        return [loop for loop in found if len(loop) > 1 or next(iter(loop)) in self.after[next(iter(loop))]]

    def _visit(self, root: str, order: dict[str, int], low: dict[str, int], path: list[str],
               found: list[set[str]]) -> None:
        on_path = set(path)
        work = [(root, iter(self.after[root]))]
        order[root] = low[root] = len(order)
        path.append(root)
        on_path.add(root)
        while work:
            node, following = work[-1]
            step = next((n for n in following if n not in order or n in on_path), None)
            if step is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    cut = path.index(node)
                    found.append(set(path[cut:]))
                    on_path.difference_update(path[cut:])
                    del path[cut:]
            elif step in order:
                low[node] = min(low[node], order[step])
            else:
                order[step] = low[step] = len(order)
                path.append(step)
                on_path.add(step)
                work.append((step, iter(self.after[step])))
