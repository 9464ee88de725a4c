"""Makes a run copy that the engine executes as drawn, and says every change.

Two uses. *Opening a foreign diagram*: whatever is missing is completed so that the drawing can be
rehearsed; the list of changes tells how far the rehearsal is from the drawing. *Publishing our own*: the
same rules run, but a change that weakens the meaning is an error (``examine.package``). The original file
keeps every byte either way.
"""

from __future__ import annotations

from app.engine.bpmn import Element
from app.engine.findings import Change
from app.engine.known import Known
from app.engine.normalise import activities, choices, data, document, events, flows
from app.engine.normalise.document import check_document
from app.engine.normalise.runcopy import RunCopy

__all__ = ["check_document", "normalise"]

# In this order: later rules rely on what earlier ones removed or added.
RULES = (
    document.tidy, document.misplaced, data.drop_data, document.pools,
    activities.unknown_nodes, activities.compensation, activities.sub_processes, activities.complex_gateways,
    activities.implementations, activities.repetitions,
    events.links, events.triggers, events.boundaries, events.payloads,
    activities.sub_processes,          # again: one may have lost its last step
    flows.dangling, flows.starts, flows.unreachable, flows.event_gateways, flows.splits, flows.ends,
    flows.needless_conditions, choices.conditions, choices.prepare_choices,
)


def normalise(root: Element, file: str, known: Known, called: set[str], *, rehearsal: bool = True) -> list[Change]:
    """Change the tree in place; the list says what was changed and why.

    called     ids of the processes that call activities of this package may name
    rehearsal  of a foreign diagram: nothing outside it writes variables that its conditions read
    """
    copy = RunCopy(root, file, known, called, rehearsal=rehearsal)
    for rule in RULES:
        rule(copy)
    return copy.changes
