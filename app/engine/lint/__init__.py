"""Rules about diagrams that the engine would execute wrongly or ignore, and rules of the house."""

from __future__ import annotations

from collections.abc import Mapping

from app.engine.bpmn import Element
from app.engine.findings import Finding
from app.engine.known import Known


def check(roots: Mapping[str, Element], known: Known, *, house: bool, main: str | None = None) -> list[Finding]:
    """All findings on the normalised trees of one package.

    house  also the rules of our own packages (ids, Chinese names, lanes, forms)
    """
    return []
