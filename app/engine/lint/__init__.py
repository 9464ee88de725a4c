"""Rules about diagrams that the engine would execute wrongly or ignore, and rules of the house.

They look at the run copy: what ``normalise`` could not say by a change. The catalogue with the meaning of
every rule is ``catalogue.RULES``; ``docs/lint.md`` shows it.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.engine.bpmn import Element
from app.engine.findings import Finding
from app.engine.known import Known
from app.engine.lint import engine, house, tasks
from app.engine.lint.catalogue import RULES, Rule
from app.engine.lint.context import Context

__all__ = ["RULES", "Rule", "check"]


def check(roots: Mapping[str, Element], known: Known, *, house: bool, main: str | None = None) -> list[Finding]:
    """All findings on the normalised trees of one package.

    house  also the rules of our own packages (ids, Chinese names, lanes, forms)
    main   id of the process that cases start on
    """
    context = Context(roots, known, house, main)
    for rule in engine.RULES + (_HOUSE if house else ()):
        rule(context)
    return context.findings


_HOUSE = engine.PUBLISHED + house.RULES + tasks.RULES
