"""A ``reviewOf`` group: one judgement for every reviewable field of another form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from app.errors import DefinitionError
from app.forms.fields import TypedField
from app.forms.logic import compile_feel
from app.forms.model import Choices, Component, FormSchema, Limits, Option

JUDGE, OPINION = "judge__", "opinion__"
ACCEPT, REVISE = "accept", "revise"
JUDGEMENTS = (Option(ACCEPT, "接受"), Option(REVISE, "需修改"))
LONGEST_OPINION = 500


def judge(field: Component) -> Component:
    """接受／需修改 of one field; accepted until the reviewer says otherwise."""
    key = JUDGE + field.key
    return Component(type="radio", id=key, key=key, label=field.label, section=field.section,
                     choices=Choices(JUDGEMENTS), default=ACCEPT, judges=field)


def opinion(field: Component) -> Component:
    """The reviewer's opinion on one field; the applicant will read it."""
    key, label = OPINION + field.key, f"「{field.label}」的審核意見"
    needed = compile_feel(f'{JUDGE}{field.key} = "{REVISE}"')
    return Component(type="textarea", id=key, key=key, label=label, judges=field,
                     limits=Limits(max_length=Decimal(LONGEST_OPINION), required_when=needed))


def expand(components: Iterable[Component], review: FormSchema | None, file: str) -> tuple[Component, ...]:
    """The components with every ``reviewOf`` group filled with its judgements, before the group's own content.

    Raises   DefinitionError when the reviewed form is not given
    """
    return tuple(_expanded(component, review, file) for component in components)


def _expanded(component: Component, review: FormSchema | None, file: str) -> Component:
    children = expand(component.children, review, file)
    if component.properties.get("reviewOf"):
        if review is None:
            raise DefinitionError(f"表單「{file}」的「{component.id}」：需要受審的表單 {component.properties['reviewOf']}",
                                  file=file, element=component.id, rule="form.review")
        pairs = tuple(part for field in review.reviewable() for part in (judge(field), opinion(field)))
        children = pairs + children
    return component if children == component.children else replace(component, children=children)


def marks(fields: Mapping[str, TypedField]) -> list[dict[str, str]]:
    """Fields judged 需修改: key, label and opinion. A missing judgement counts as accepted.

    fields   the visible judgements and opinions by key
    """
    found = []
    for key, field in fields.items():
        judged = field.component.judges
        if key.startswith(JUDGE) and judged and field.data == REVISE:
            found.append({"field": judged.key, "label": judged.label, "opinion": str(fields[OPINION + judged.key].data)})
    return found
