"""Makes a run copy that the engine executes as drawn, and prints every change."""

from __future__ import annotations

from app.engine.bpmn import Element
from app.engine.findings import Change
from app.engine.known import Known


def check_document(root: Element, file: str) -> None:
    """Raises DefinitionError when this is no BPMN or beyond the limits."""


def normalise(root: Element, file: str, known: Known, called: set[str]) -> list[Change]:
    """Change the tree in place; the list says what was changed and why."""
    return []
