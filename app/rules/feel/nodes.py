"""The syntax tree of FEEL. Every node knows its place in the source and how high the tree below it is."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.rules.feel.values import Value


@dataclass(slots=True)
class Node:
    at: int
    height: int = field(default=1, init=False)


@dataclass(slots=True)
class Literal(Node):
    value: Value


@dataclass(slots=True)
class Name(Node):
    """``lenient`` where the name may be missing: in a filter it may be a field that some elements lack."""

    name: str
    lenient: bool


@dataclass(slots=True)
class Negation(Node):
    operand: Node


@dataclass(slots=True)
class Arithmetic(Node):
    """A chain of equal rank, worked off from the left: first (+ second) (- third)."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(slots=True)
class Junction(Node):
    """A chain of ``and`` or ``or``."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(slots=True)
class Compare(Node):
    operator: str
    left: Node
    right: Node


@dataclass(slots=True)
class Between(Node):
    value: Node
    low: Node
    high: Node


@dataclass(slots=True)
class Membership(Node):
    value: Node
    tests: tuple[Node, ...]


@dataclass(slots=True)
class InstanceOf(Node):
    value: Node
    type_name: str


@dataclass(slots=True)
class If(Node):
    condition: Node
    then: Node
    otherwise: Node


@dataclass(slots=True)
class Iterator:
    """``name in source`` or ``name in source..end``."""

    name: str
    source: Node
    end: Node | None


@dataclass(slots=True)
class For(Node):
    iterators: tuple[Iterator, ...]
    body: Node
    uses_partial: bool


@dataclass(slots=True)
class Quantified(Node):
    every: bool
    iterators: tuple[Iterator, ...]
    condition: Node


@dataclass(slots=True)
class Path(Node):
    base: Node
    name: str


@dataclass(slots=True)
class Filter(Node):
    base: Node
    condition: Node


@dataclass(slots=True)
class Call(Node):
    """A call of a standard function; ``named`` gives parameter names when the arguments are named."""

    function: str
    arguments: tuple[Node, ...]
    named: tuple[str, ...]


@dataclass(slots=True)
class Invoke(Node):
    """A call of a function that is a value."""

    callee: Node
    arguments: tuple[Node, ...]
    named: tuple[str, ...]


@dataclass(slots=True)
class FunctionOf(Node):
    parameters: tuple[str, ...]
    body: Node


@dataclass(slots=True)
class ListOf(Node):
    items: tuple[Node, ...]


@dataclass(slots=True)
class ContextOf(Node):
    entries: tuple[tuple[str, Node], ...]


@dataclass(slots=True)
class RangeOf(Node):
    low: Node
    high: Node
    low_included: bool
    high_included: bool


@dataclass(slots=True)
class Test(Node):
    """``< 5``: a comparison that waits for its left side."""

    operator: str
    operand: Node


@dataclass(slots=True)
class Tests(Node):
    """The cell of a decision table: any of the tests, or none of them when ``negated``; no tests means any value.

    ``asks`` tells for each test whether it mentions ``?`` and so answers by itself.
    """

    tests: tuple[Node, ...]
    asks: tuple[bool, ...]
    negated: bool
