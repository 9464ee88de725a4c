"""The token game of BPMN, written from the standard and nothing else: the oracle for the random processes.

A process is a graph of nodes and flows. Tokens rest at human tasks, in sub-processes, at multi-instance
tasks and at joins; everything else happens at once. Nothing here knows SpiffWorkflow or our engine.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

Values = dict[str, int]


@dataclass
class Flow:
    """``when``: the values of a variable for which the flow is taken; None = always, or the default."""

    id: str
    source: str
    target: str
    when: tuple[str, frozenset[int]] | None = None


@dataclass
class Node:
    """kind: start end user script xor and or sub many boundary

    instances, sequential  of ``many``;  inner  graph of ``sub``
    host, interrupting, wait  of ``boundary``, a timer
    """

    id: str
    kind: str
    instances: int = 0
    sequential: bool = False
    inner: Graph | None = None
    host: str = ""
    interrupting: bool = True
    wait: timedelta = timedelta()


@dataclass
class Graph:
    nodes: dict[str, Node] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)

    def leaving(self, node: str) -> list[Flow]:
        return [flow for flow in self.flows if flow.source == node]

    def entering(self, node: str) -> list[Flow]:
        return [flow for flow in self.flows if flow.target == node]

    def boundaries(self, host: str) -> list[Node]:
        return [node for node in self.nodes.values() if node.host == host]

    def reaches(self, start: str, goal: str) -> bool:
        """Can a token that rests at ``start`` ever arrive at ``goal``?"""
        seen, stack = set(), [start]
        while stack:
            node = stack.pop()
            after = [flow.target for flow in self.leaving(node)] + [event.id for event in self.boundaries(node)]
            if goal in after:
                return True
            for target in after:
                if target not in seen:
                    seen.add(target)
                    stack.append(target)
        return False


@dataclass
class Scope:
    """A running process or sub-process; ``owner`` is the token that waits for a sub-process."""

    graph: Graph
    owner: Token | None = None


@dataclass
class Token:
    """A resting token. ``open``: a person can send it;  ``left`` instances still to come;  ``group`` its multi-instance."""

    number: int
    scope: Scope
    node: str
    open: bool = False
    left: int = 0
    group: Token | None = None


@dataclass
class Alarm:
    due: datetime
    number: int
    host: Token
    event: Node


class Game:
    """A case. ``passed`` counts completed nodes, ``taken`` flows."""

    def __init__(self, graph: Graph, now: datetime) -> None:
        self.now = now
        self.values: Values = {}
        self.passed: Counter[str] = Counter()
        self.taken: Counter[str] = Counter()
        self.tokens: list[Token] = []
        self.arrived: list[tuple[Scope, Flow]] = []          # tokens in front of joins
        self.alarms: list[Alarm] = []
        self._numbers = count()
        self._enter(Scope(graph))
        self._rest()

    # -- what the test looks at --------------------------------------------------------------------------------------

    def open(self) -> list[Token]:
        """Human tasks, by node, older ones first."""
        return sorted((token for token in self.tokens if token.open), key=lambda token: (token.node, token.number))

    def timers(self) -> list[tuple[str, datetime]]:
        return sorted((alarm.event.id, alarm.due) for alarm in self.alarms)

    @property
    def is_over(self) -> bool:
        return not self.tokens and not self.arrived

    # -- moves from outside ------------------------------------------------------------------------------------------

    def send(self, token: Token, values: Values) -> None:
        self.values.update(values)
        self._finish(token)
        self._rest()

    def wait_until(self, now: datetime) -> None:
        self.now = now
        while due := sorted((alarm for alarm in self.alarms if alarm.due <= now), key=lambda a: (a.due, a.number)):
            self._ring(due[0])
            self._rest()

    def _ring(self, alarm: Alarm) -> None:
        self.alarms.remove(alarm)
        if alarm.event.interrupting:
            self._remove(alarm.host)
        self._leave(alarm.host.scope, alarm.event.id)

    # -- rules -------------------------------------------------------------------------------------------------------

    def _enter(self, scope: Scope) -> None:
        self._leave(scope, next(node.id for node in scope.graph.nodes.values() if node.kind == "start"))

    def _arrive(self, scope: Scope, flow: Flow) -> None:
        self.taken[flow.id] += 1
        node = scope.graph.nodes[flow.target]
        if node.kind in ("and", "or") and len(scope.graph.entering(node.id)) > 1:
            self.arrived.append((scope, flow))
            if node.kind == "and":
                self._try_and(scope, node)
        elif node.kind == "end":
            self.passed[node.id] += 1
        elif node.kind in ("user", "sub", "many"):
            self._settle(scope, node)
        else:
            self._leave(scope, node.id)

    def _settle(self, scope: Scope, node: Node) -> None:
        token = Token(next(self._numbers), scope, node.id)
        if node.kind == "many" and node.instances == 0:
            self._leave(scope, node.id)
            return
        self.tokens.append(token)
        for event in scope.graph.boundaries(node.id):
            self.alarms.append(Alarm(self.now + event.wait, next(self._numbers), token, event))
        if node.kind == "user":
            token.open = True
        elif node.kind == "many":
            first = 1 if node.sequential else node.instances
            token.left = node.instances - first
            for _ in range(first):
                self._instance(token)
        elif node.inner is not None:
            self._enter(Scope(node.inner, token))

    def _instance(self, group: Token) -> None:
        self.tokens.append(Token(next(self._numbers), group.scope, group.node, open=True, group=group))

    def _finish(self, token: Token) -> None:
        """A resting token's work is done."""
        self.tokens.remove(token)
        group = token.group
        if group is None:
            self.alarms = [alarm for alarm in self.alarms if alarm.host is not token]
            self._leave(token.scope, token.node)
            return
        self.passed[token.node] += 1
        if group.left:
            group.left -= 1
            self._instance(group)
        elif not any(other.group is group for other in self.tokens):
            self._finish(group)

    def _leave(self, scope: Scope, node_id: str) -> None:
        self.passed[node_id] += 1
        node, flows = scope.graph.nodes[node_id], scope.graph.leaving(node_id)
        if node.kind in ("xor", "or") and len(flows) > 1:
            chosen = [flow for flow in flows if flow.when and self.values.get(flow.when[0]) in flow.when[1]]
            chosen = chosen or [flow for flow in flows if flow.when is None]
            flows = chosen[:1] if node.kind == "xor" else chosen
        for flow in flows:
            self._arrive(scope, flow)

    def _try_and(self, scope: Scope, node: Node) -> None:
        here = [(where, flow) for where, flow in self.arrived if where is scope and flow.target == node.id]
        firsts = [next((one for one in here if one[1] is flow), None) for flow in scope.graph.entering(node.id)]
        if all(firsts):
            for one in firsts:
                self.arrived.remove(one)        # type: ignore[arg-type]
            self._leave(scope, node.id)

    def _rest(self) -> None:
        """Fire inclusive joins nothing more can reach, and end sub-processes that are empty, until nothing moves."""
        while self._fire_inclusive() or self._end_scope():
            pass

    def _fire_inclusive(self) -> bool:
        for scope, flow in self.arrived:
            node = scope.graph.nodes[flow.target]
            if node.kind == "or" and not self._may_still_come(scope, node):
                self.arrived = [one for one in self.arrived if not (one[0] is scope and one[1].target == node.id)]
                self._leave(scope, node.id)
                return True
        return False

    def _may_still_come(self, scope: Scope, join: Node) -> bool:
        resting = [token.node for token in self.tokens if token.scope is scope]
        resting += [flow.target for where, flow in self.arrived if where is scope and flow.target != join.id]
        return any(scope.graph.reaches(node, join.id) for node in resting)

    def _end_scope(self) -> bool:
        for token in self.tokens:
            if token.scope.graph.nodes[token.node].kind == "sub" and not self._within(token):
                self._finish(token)
                return True
        return False

    def _within(self, owner: Token) -> bool:
        return (any(token.scope.owner is owner for token in self.tokens)
                or any(scope.owner is owner for scope, _ in self.arrived))

    def _remove(self, host: Token) -> None:
        """An interrupted host goes, with all that runs in it."""
        for token in [token for token in self.tokens if token.scope.owner is host or token.group is host]:
            self._remove(token)
        self.arrived = [one for one in self.arrived if one[0].owner is not host]
        self.tokens = [token for token in self.tokens if token is not host]
        self.alarms = [alarm for alarm in self.alarms if alarm.host is not host]
