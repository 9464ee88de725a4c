"""What a form schema says, read once and never changed: components, fields, options, limits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from app.forms.logic import Program
from app.forms.rules import Rule

Scalar = str | int | bool | Decimal
Bound = Decimal | Program | None

#: Components whose value a person enters.
ENTERED = frozenset({"textfield", "textarea", "number", "datetime", "checkbox", "radio", "select", "checklist", "taglist"})
CHOICES = frozenset({"radio", "select"})
MANY = frozenset({"checklist", "taglist"})
TEXTS = frozenset({"textfield", "textarea"})


@dataclass(frozen=True, slots=True)
class Option:
    """One choice. ``value`` as the schema writes it; ``key`` as a browser sends it."""

    value: Scalar
    label: str

    @property
    def key(self) -> str:
        return str(self.value).lower() if isinstance(self.value, bool) else str(self.value)


@dataclass(frozen=True, slots=True)
class Limits:
    """``validate`` of a component. The four bounds may be FEEL."""

    required: bool = False
    required_when: Program | None = None
    min_length: Bound = None
    max_length: Bound = None
    low: Bound = None
    high: Bound = None
    pattern: re.Pattern[str] | None = None
    pattern_message: str = ""
    required_message: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """Where the options come from: written down, a key of the data, or FEEL."""

    fixed: tuple[Option, ...] = ()
    key: str = ""
    program: Program | None = None

    @property
    def dynamic(self) -> bool:
        return bool(self.key) or self.program is not None


@dataclass(frozen=True, slots=True, eq=False)
class Component:
    """One element of a form. Those with a ``key`` are its fields.

    section      the group it stands in, or ``properties.section``
    properties   our documented words (rule, autocomplete, help, personalData, display, …)
    raw          the remaining words of form-js that only its own type reads
    """

    type: str
    id: str
    key: str = ""
    label: str = ""
    hint: str = ""
    section: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
    raw: Mapping[str, object] = field(default_factory=dict)
    limits: Limits = Limits()
    choices: Choices = Choices()
    rules: tuple[Rule, ...] = ()
    hide: Program | None = None
    hide_source: str = ""
    readonly: bool | Program = False
    disabled: bool = False
    default: object = None
    expression: Program | None = None
    children: tuple[Component, ...] = ()
    judges: Component | None = None

    @property
    def options(self) -> tuple[Option, ...]:
        return self.choices.fixed

    @property
    def required(self) -> bool:
        return self.limits.required

    @property
    def entered(self) -> bool:
        return self.type in ENTERED

    @property
    def computed(self) -> bool:
        return self.type == "expression"

    @property
    def subtype(self) -> str:
        return str(self.raw.get("subtype") or "date")


#: A field is a component with a key; the word is kept for readers of other rooms.
Field = Component


def control_id(component: Component) -> str:
    """The id of the first control of a field: where a link in the summary leads."""
    return f"f-{component.key}-0" if component.type in CHOICES - {"select"} | MANY else f"f-{component.key}"


def walk(components: tuple[Component, ...]) -> Iterator[Component]:
    """All components in page order, groups before their content."""
    for component in components:
        yield component
        yield from walk(component.children)


@dataclass(frozen=True, slots=True, eq=False)
class FormSchema:
    """One form at one version. Immutable; the same content gives the same object."""

    id: str
    title: str
    file: str
    components: tuple[Component, ...]
    properties: Mapping[str, str] = field(default_factory=dict)

    def fields(self) -> list[Field]:
        """Entered and computed fields in page order, groups flattened. Judgements of a review are not among them."""
        return [c for c in walk(self.components) if c.key]

    def field(self, key: str) -> Field | None:
        return next((c for c in walk(self.components) if c.key == key), None)

    def reviewable(self) -> list[Field]:
        """Fields a reviewer can judge: entered, sent, and not left out by ``reviewable: no``."""
        return [c for c in self.fields() if c.entered and not c.disabled and c.properties.get("reviewable") != "no"]

    @property
    def review_of(self) -> str | None:
        """Key of the form this one reviews (``vendor_registration/apply``), or None."""
        return next((c.properties["reviewOf"] for c in walk(self.components) if c.properties.get("reviewOf")), None)
