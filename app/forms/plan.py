"""A schema made ready to bind: its WTForms fields, and which of them can change with others. Made once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from wtforms.fields.core import UnboundField

from app.forms.checks import Checks
from app.forms.fields import FIELD_CLASSES
from app.forms.model import Component, FormSchema, walk
from app.forms.review import expand


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """
    components   the tree, judgements filled in
    fields       entered components in page order
    computed     expressions in page order
    unbound      (key, WTForms field to be)
    conditional  keys of fields that a condition may hide, by themselves or with their group
    """

    schema: FormSchema
    components: tuple[Component, ...]
    fields: tuple[Component, ...]
    computed: tuple[Component, ...]
    unbound: tuple[tuple[str, UnboundField], ...]
    conditional: frozenset[str]
    keys: frozenset[str]
    restless: bool


@lru_cache(maxsize=256)
def plan(schema: FormSchema, review: FormSchema | None) -> Plan:
    """The plan of a schema, with the form it reviews when it reviews one."""
    components = expand(schema.components, review, schema.file)
    everything = tuple(walk(components))
    fields = tuple(c for c in everything if c.entered)
    conditional = frozenset(c.key for c in _under_condition(components, False) if c.key)
    computed = tuple(c for c in everything if c.computed)
    return Plan(schema=schema, components=components, fields=fields, computed=computed,
                unbound=tuple((c.key, _unbound(c)) for c in fields), conditional=conditional,
                keys=frozenset(c.key for c in (*fields, *computed)),
                restless=any(c.hide or c.choices.dynamic or not isinstance(c.readonly, bool) or c.computed for c in everything))


def _unbound(component: Component) -> UnboundField:
    return UnboundField(FIELD_CLASSES[component.type], component=component, label=component.label,
                        id=f"f-{component.key}", validators=(Checks(component),))


def _under_condition(components: tuple[Component, ...], inherited: bool) -> Iterator[Component]:
    for component in components:
        here = inherited or component.hide is not None
        if here:
            yield component
        yield from _under_condition(component.children, here)
