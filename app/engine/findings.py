"""What a check of a package says: findings a person must act on, and changes made to the run copy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypedDict

ERROR, WARNING = "error", "warning"


class FindingDict(TypedDict):
    severity: str
    element: str | None
    rule: str
    message: str
    file: str


class ChangeDict(TypedDict):
    element: str | None
    rule: str
    message: str
    file: str


class ReportDict(TypedDict):
    opened: bool
    runnable: bool
    changes: list[ChangeDict]
    findings: list[FindingDict]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong or doubtful.

    severity  ``error`` stops publication, ``warning`` does not
    element   id of the element in the diagram, None when it is about the whole file
    rule      id in ``docs/lint.md``
    message   Traditional Chinese; names the element and says what to do
    """

    severity: str
    element: str | None
    rule: str
    message: str
    file: str = ""

    @property
    def is_error(self) -> bool:
        return self.severity == ERROR


@dataclass(frozen=True, slots=True)
class Change:
    """What the normaliser did to the run copy. The original file keeps every byte.

    weakens   the run copy means less than the drawing: fine for a rehearsal, refused at publication
    """

    element: str | None
    rule: str
    message: str
    file: str = ""
    weakens: bool = True


@dataclass(frozen=True, slots=True)
class Report:
    """The answer of a check. ``opened``: it can be read and shown; ``runnable``: a case can be started on it."""

    opened: bool
    runnable: bool
    changes: list[Change] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.is_error]

    def as_dict(self) -> ReportDict:
        return {"opened": self.opened, "runnable": self.runnable,
                "changes": [ChangeDict(element=c.element, rule=c.rule, message=c.message, file=c.file)
                            for c in self.changes],
                "findings": [FindingDict(severity=f.severity, element=f.element, rule=f.rule, message=f.message,
                                         file=f.file) for f in self.findings]}

    @classmethod
    def refused(cls, finding: Finding) -> Report:
        """A file that could not even be read."""
        return cls(opened=False, runnable=False, findings=[finding])


def sort_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Errors first, otherwise in the order found; each said once."""
    return sorted(dict.fromkeys(findings), key=lambda finding: not finding.is_error)
