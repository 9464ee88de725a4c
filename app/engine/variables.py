"""Which variables the steps of a diagram write."""

from __future__ import annotations

from collections.abc import Iterable

from app.engine import bpmn, syntax
from app.engine.bpmn import Element
from app.engine.known import Known

_REPETITION = ("inputDataItem", "outputDataItem", "loopDataOutputRef")


def written(nodes: Iterable[Element], known: Known) -> set[str]:
    """Names that forms, operations, decisions, scripts and repetitions put into the task data."""
    names: set[str] = set()
    for node in nodes:
        names.update(bpmn.listed(bpmn.properties(node).get("outputs")))
        if operation := bpmn.operation(node):
            found = known.operations.get(operation[0])
            names.update(found.writes if found else ())
        if table := known.decisions.get(bpmn.decision(node)):
            names.update(table.writes)
        names.update(name for name, _reads in syntax.assignments(bpmn.text(node.find(bpmn.q("script")))))
        for kind in _REPETITION:
            for item in node.iterfind(f"{bpmn.q('multiInstanceLoopCharacteristics')}/{bpmn.q(kind)}"):
                names.update((bpmn.ident(item), item.get("name", ""), bpmn.text(item)))
    return names
