"""What a diagram may refer to: the operations, roles, forms and decisions that exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Protocol


class _Decision(Protocol):
    """The part of a decision that a check needs."""

    @property
    def outputs(self) -> Any: ...
    @property
    def names(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class KnownOperation:
    """``reads`` parameter names it accepts; ``writes`` names it adds to the task data."""

    reads: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """``reads`` variables its inputs use; ``writes`` names of its outputs."""

    reads: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, decision: _Decision) -> DecisionTable:
        outputs = [getattr(output, "name", output) for output in decision.outputs]
        return cls(sorted(decision.names), [str(name) for name in outputs])


@dataclass(frozen=True, slots=True)
class Known:
    """None for a kind means: not checked.

    forms  form key → the keys of its fields
    """

    operations: Mapping[str, KnownOperation] = field(default_factory=dict)
    roles: list[str] | None = None
    forms: Mapping[str, list[str]] | None = None
    decisions: Mapping[str, DecisionTable] = field(default_factory=dict)

    def with_tables(self, tables: Mapping[str, DecisionTable]) -> Known:
        return replace(self, decisions=tables)

    def as_dict(self) -> dict[str, Any]:
        """For the child process."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Known:
        return cls({name: KnownOperation(**value) for name, value in data["operations"].items()},
                   data["roles"], data["forms"],
                   {name: DecisionTable(**value) for name, value in data["decisions"].items()})
