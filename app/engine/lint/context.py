"""What the rules of a check share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from app.engine import bpmn
from app.engine.bpmn import Element
from app.engine.findings import Finding
from app.engine.known import Known
from app.engine.lint.catalogue import RULES
from app.engine.lint.graph import Scope


@dataclass(slots=True)
class Context:
    """house: the rules of our own packages apply;  main: id of the process cases start on."""

    roots: Mapping[str, Element]
    known: Known
    house: bool
    main: str | None
    scopes: list[Scope] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.scopes = [Scope.of(file, process, element) for file, root in self.roots.items()
                       for process in bpmn.processes(root) for element in bpmn.scopes(process)]

    def say(self, rule: str, file: str, element: Element, message: str) -> None:
        self.findings.append(Finding(RULES[rule].severity, bpmn.ident(element) or None, rule, message, file))

    def nodes(self, *kinds: str) -> Iterator[tuple[Scope, Element]]:
        """Every node of these kinds, or every node."""
        for scope in self.scopes:
            for node in scope.nodes.values():
                if not kinds or bpmn.local(node) in kinds:
                    yield scope, node

    def node_ids(self) -> set[str]:
        return {name for scope in self.scopes for name in scope.nodes}
