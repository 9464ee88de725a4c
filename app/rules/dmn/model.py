"""Decisions as read from a DMN file: what is shown, and what is computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from app.rules.feel import FeelError, Program, Value
from app.rules.feel.limits import Run

if TYPE_CHECKING:
    from app.rules.calendar import WorkCalendar

POLICIES = ("UNIQUE", "FIRST", "ANY", "PRIORITY", "COLLECT", "RULE ORDER", "OUTPUT ORDER")
AGGREGATIONS = ("SUM", "COUNT", "MIN", "MAX")


class DecisionError(FeelError):
    """The table gave no lawful answer, e.g. two rules of a UNIQUE table fit."""

    code = "decision.failed"
    message = "決策表無法得出結果。"


@dataclass(frozen=True, slots=True)
class Input:
    """A column of conditions. ``label`` is what people see; ``allowed`` the values that may come, if listed."""

    label: str
    text: str
    kind: str
    program: Program
    allowed: Program | None = None
    allowed_text: str = ""


@dataclass(frozen=True, slots=True)
class Output:
    """A column of results. ``values`` lists what may come out, the most important first."""

    name: str
    label: str
    kind: str
    values_text: str = ""
    values: Program | None = None
    default: Program | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: ``inputs`` and ``outputs`` are the cells as written, for display."""

    id: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    annotation: str
    tests: tuple[Program, ...]
    results: tuple[Program | None, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision answered.

    hits     numbers of the rules that fit, from 1; for tables that take the first, only that one
    outputs  result per output name; all None when no rule fits. Tables that collect give a list per name
    inputs   the value each input column saw, by label
    value    the result as DMN defines it: a single value, a context, or a list of these
    """

    hits: list[int]
    outputs: dict[str, Value]
    inputs: dict[str, Value]
    value: Value


@dataclass(frozen=True)
class Table:
    """The body of a decision table."""

    policy: str
    aggregation: str | None
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Literal:
    """The body of a decision that is one expression."""

    program: Program


@dataclass(frozen=True)
class Knowledge:
    """A business knowledge model: a function other decisions may call under its name."""

    id: str
    name: str
    parameters: tuple[str, ...]
    program: Program
    requires: tuple[str, ...] = ()


@dataclass(eq=False)
class Decision:
    """One decision of a DMN file with everything it needs from the same file.

    names     variables that must come from outside, those of required decisions included
    variable  the name under which other decisions see the result
    """

    id: str
    name: str
    variable: str
    file: str
    body: Table | Literal
    required: list[Decision] = field(default_factory=list)
    knowledge: list[Knowledge] = field(default_factory=list)
    names: frozenset[str] = frozenset()

    @property
    def policy(self) -> str:
        return self.body.policy if isinstance(self.body, Table) else "LITERAL"

    @property
    def inputs(self) -> tuple[Input, ...]:
        return self.body.inputs if isinstance(self.body, Table) else ()

    @property
    def outputs(self) -> tuple[Output, ...]:
        if isinstance(self.body, Table):
            return self.body.outputs
        return (Output(self.variable, self.name, ""),)

    @property
    def rules(self) -> tuple[Rule, ...]:
        return self.body.rules if isinstance(self.body, Table) else ()

    def decide(self, context: Mapping[str, object], *, now: datetime | None = None,
               calendar: WorkCalendar | None = None, strict: bool = False) -> Outcome:
        """Answer for these variables; required decisions of the file are answered first, all on one meter.

        Raises DecisionError when the hit policy is violated, FeelError when a cell cannot be evaluated.
        """
        from app.rules.dmn.decide import decide
        return decide(self, Run(context, now, calendar, strict))
