"""Random block-structured processes from a seed: as BPMN for the engine and as a graph for the token game.

Blocks: task, script, sequence, xor, and, inclusive, loop, sub-process, multi-instance (at most 5), and tasks,
multi-instances or sub-processes with an interrupting or a non-interrupting boundary timer; four deep. In two of three
processes no join stands in a loop of its own scope, which lint refuses because of D1; in the third it may, to
show that ours runs it all the same.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

from tests.properties.token_game import Flow, Graph, Node
from tests.unit.engine.diagrams import Scope, many, timer

LEAVES = ("user", "user", "script", "bound", "boundn")
BLOCKS = ("user", "script", "seq", "seq", "xor", "and", "or", "loop", "sub", "many", "bound", "boundn", "bound_sub",
          "bound_many")
DEPTH = 4
Ends = tuple[str, str]


@dataclass
class Pair:
    """The same scope twice, built in step."""

    bpmn: Scope
    graph: Graph = field(default_factory=Graph)


class Maker:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.joins_in_loops = seed % 3 == 0
        self.numbers = count(1)
        self.decides: dict[str, tuple[str, int]] = {}        # user task → variable it sets, number of choices

    def process(self) -> Pair:
        pair = Pair(Scope("p"))
        self._body(pair, DEPTH)
        return pair

    def _body(self, pair: Pair, depth: int) -> None:
        start, end = self._add(pair, "start"), self._add(pair, "end")
        first, last = self._block(pair, depth, looped=False)
        self._flow(pair, start, first)
        self._flow(pair, last, end)

    def _block(self, pair: Pair, depth: int, *, looped: bool) -> Ends:
        kinds = BLOCKS if depth > 0 else LEAVES
        kind = self.random.choice([k for k in kinds if k not in ("and", "or") or not looped or self.joins_in_loops])
        if kind == "user":
            return self._one(self._add(pair, "user"))
        if kind == "script":
            return self._one(self._add(pair, "script"))
        if kind == "many":
            return self._one(self._many(pair))
        if kind == "sub":
            return self._one(self._sub(pair, depth))
        if kind.startswith("bound"):
            return self._bound(pair, depth, kind)
        make = {"seq": self._seq, "xor": self._xor, "and": self._and, "or": self._or, "loop": self._loop}[kind]
        return make(pair, depth, looped)

    @staticmethod
    def _one(node: str) -> Ends:
        return node, node

    def _seq(self, pair: Pair, depth: int, looped: bool) -> Ends:
        first, second = (self._block(pair, depth - 1, looped=looped) for _ in range(2))
        self._flow(pair, first[1], second[0])
        return first[0], second[1]

    def _xor(self, pair: Pair, depth: int, looped: bool) -> Ends:
        ask, split, merge = self._decision(pair, 3), self._add(pair, "xor"), self._add(pair, "xor")
        variable = self.decides[ask][0]
        self._flow(pair, ask, split)
        for choice in ({0}, {1}, None)[:self.random.choice((2, 3))] if self.random.random() < 0.5 else ({0, 2}, None):
            first, last = self._block(pair, depth - 1, looped=looped)
            self._flow(pair, split, first, (variable, choice) if choice else None, deciding=True)
            self._flow(pair, last, merge)
        self._cover(pair, split, merge)
        return ask, merge

    def _cover(self, pair: Pair, split: str, merge: str) -> None:
        """A choice without a default gets one straight to the merge, through a script."""
        if all(flow.when for flow in pair.graph.leaving(split)):
            node = self._add(pair, "script")
            self._flow(pair, split, node, None, deciding=True)
            self._flow(pair, node, merge)

    def _and(self, pair: Pair, depth: int, looped: bool) -> Ends:
        split, join = self._add(pair, "and"), self._add(pair, "and")
        for _ in range(self.random.choice((2, 3))):
            first, last = self._block(pair, depth - 1, looped=looped)
            self._flow(pair, split, first)
            self._flow(pair, last, join)
        return split, join

    def _or(self, pair: Pair, depth: int, looped: bool) -> Ends:
        branches = self.random.choice((2, 3))
        ask, split, join = self._decision(pair, 2 ** branches), self._add(pair, "or"), self._add(pair, "or")
        variable = self.decides[ask][0]
        self._flow(pair, ask, split)
        for branch in range(branches):
            first, last = self._block(pair, depth - 1, looped=looped)
            bits = {value for value in range(2 ** branches) if value >> branch & 1}
            self._flow(pair, split, first, (variable, bits), deciding=True)
            self._flow(pair, last, join)
        node = self._add(pair, "script")
        self._flow(pair, split, node, None, deciding=True)
        self._flow(pair, node, join)
        return ask, join

    def _loop(self, pair: Pair, depth: int, looped: bool) -> Ends:
        merge, ask = self._add(pair, "xor"), self._decision(pair, 3)
        split, out = self._add(pair, "xor"), self._add(pair, "script")
        first, last = self._block(pair, depth - 1, looped=True)
        self._flow(pair, merge, first)
        self._flow(pair, last, ask)
        self._flow(pair, ask, split)
        self._flow(pair, split, merge, (self.decides[ask][0], {0, 1}), deciding=True)
        self._flow(pair, split, out, None, deciding=True)
        return merge, out

    def _many(self, pair: Pair) -> str:
        node = f"many{next(self.numbers)}"
        instances, sequential = self.random.choice((0, 1, 2, 3, 5)), self.random.random() < 0.5
        pair.bpmn.user(node, many(cardinality=str(instances), sequential=sequential))
        pair.graph.nodes[node] = Node(node, "many", instances=instances, sequential=sequential)
        return node

    def _sub(self, pair: Pair, depth: int) -> str:
        node = f"sub{next(self.numbers)}"
        inner = Pair(Scope(node))
        self._body(inner, depth - 1)
        pair.bpmn.sub(node, inner.bpmn)
        pair.graph.nodes[node] = Node(node, "sub", inner=inner.graph)
        return node

    def _bound(self, pair: Pair, depth: int, kind: str) -> Ends:
        host = {"bound_sub": lambda: self._sub(pair, depth), "bound_many": lambda: self._many(pair)}.get(
            kind, lambda: self._add(pair, "user"))()
        interrupting = kind == "bound" or (kind != "boundn" and self.random.random() < 0.6)
        event, number = f"bell{next(self.numbers)}", next(self.numbers)
        wait = timedelta(days=self.random.randint(1, 20), minutes=number)
        pair.bpmn.boundary(event, host, timer("duration", f"P{wait.days}DT{number}M"), interrupting=interrupting)
        pair.graph.nodes[event] = Node(event, "boundary", host=host, interrupting=interrupting, wait=wait)
        late, merge = self._add(pair, "user"), self._add(pair, "xor")
        self._flow(pair, event, late)
        self._flow(pair, late, merge if interrupting else self._add(pair, "end"))
        self._flow(pair, host, merge)
        return host, merge

    def _decision(self, pair: Pair, choices: int) -> str:
        node, variable = f"ask{next(self.numbers)}", f"v{next(self.numbers)}"
        self.decides[node] = (variable, choices)
        pair.bpmn.user(node, outputs=variable)
        pair.graph.nodes[node] = Node(node, "user")
        return node

    def _add(self, pair: Pair, kind: str) -> str:
        node = f"{kind}{next(self.numbers)}"
        pair.graph.nodes[node] = Node(node, kind)
        if kind == "script":
            pair.bpmn.script(node, f"w{node} = 1")
        else:
            tag = {"start": "startEvent", "end": "endEvent", "user": "userTask", "xor": "exclusiveGateway",
                   "and": "parallelGateway", "or": "inclusiveGateway"}[kind]
            pair.bpmn.node(tag, node)
        return node

    @staticmethod
    def _flow(pair: Pair, source: str, target: str, when: tuple[str, set[int]] | None = None, *,
              deciding: bool = False) -> None:
        text = None if when is None else f"{when[0]} in ({', '.join(map(str, sorted(when[1])))})"
        flow = pair.bpmn.flow(source, target, text, default=deciding and when is None)
        pair.graph.flows.append(Flow(flow, source, target, None if when is None else (when[0], frozenset(when[1]))))
