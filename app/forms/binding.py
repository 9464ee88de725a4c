"""One person's form: starting values and a post brought together, judged, and given back clean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from app.forms import logic
from app.forms.checks import FormFacts
from app.forms.fields import Posted, SchemaForm, Typed, TypedField, json_scalar
from app.forms.model import Component, FormSchema, Option, control_id
from app.forms.nodes import Node, build
from app.forms.plan import Plan, plan
from app.forms.review import marks
from app.forms.schema import read_options
from app.forms.texts import DRAFT_TEXT, DRAFT_TOTAL

#: Hidden inputs of this name say which conditional fields the page really showed.
SHOWN = "_shown"
#: How often visibility, choices and computed values are worked out again before the last answer stands.
MAX_ROUNDS = 8
_UNSEEN = frozenset({"now", "marks"})


class ErrorLine(NamedTuple):
    """One line of the summary: the id of the control to go to, the field's label, the message."""

    id: str
    label: str
    message: str


def bind(schema: FormSchema, data: Mapping[str, object], *, post: Posted | None = None,
         context: Mapping[str, object] | None = None, editable: set[str] | None = None,
         review: FormSchema | None = None) -> Bound:
    """A schema with one person's values.

    data       starting values, or a draft over them; shown as they are
    post       what the browser sent; only fields that this person may change are taken from it
    context    ``now`` (aware datetime), ``subject`` and ``previous`` (values under review and before),
               ``marks`` (opinions on a correction), and names that expressions may read
    editable   when given, only these keys can be changed
    review     the form under review, when the schema has a ``reviewOf`` group
    Raises     DefinitionError when that form is missing
    """
    return Bound(plan(schema, review), data, post, dict(context or {}), editable)


class Bound:
    """See ``bind``. ``validate`` before ``values``; ``draft`` at any time."""

    def __init__(self, plan: Plan, data: Mapping[str, object], post: Posted | None,
                 context: dict[str, object], editable: set[str] | None) -> None:
        self.plan, self.schema = plan, plan.schema
        self.data, self.context, self.editable = data, context, editable
        now = context.get("now")
        self.now = now if isinstance(now, datetime) else None
        self.form = SchemaForm(plan.unbound)
        self.left_out = self._left_out()
        self.hidden: frozenset[str] = self.left_out
        self.fixed: frozenset[str] = frozenset()
        self.computed: dict[str, object] = {}
        self.errors: dict[str, list[str]] = {}
        self._taken = self._take(post)
        self._settle()

    def field(self, key: str) -> TypedField:
        found: TypedField = self.form[key]
        return found

    # ---- reading

    def locked(self, component: Component) -> bool:
        """Whether this person can never change the field, whatever else is entered."""
        return (component.disabled or component.readonly is True
                or (self.editable is not None and component.key not in self.editable))

    def _left_out(self) -> frozenset[str]:
        """Judgements of fields that the values under review do not hold."""
        subject = self.context.get("subject")
        if not isinstance(subject, Mapping) or not subject:
            return frozenset()
        return frozenset(c.id for c in self.plan.fields if c.judges and c.judges.key not in subject)

    def _take(self, post: Posted | None) -> frozenset[str]:
        """Give each field its post or its starting value; the keys that took the post."""
        shown = frozenset(post.getlist(SHOWN)) if post is not None else frozenset()
        taken = set()
        for component in self.plan.fields:
            unseen = bool(shown) and component.key in self.plan.conditional and component.key not in shown
            takes = post is not None and not unseen and not self.locked(component) and component.id not in self.hidden
            self._process(component, post if takes else None)
            if takes:
                taken.add(component.key)
        self._revealable = frozenset(self.plan.conditional - shown) if shown else frozenset()
        return frozenset(taken)

    def _process(self, component: Component, post: Posted | None) -> None:
        field = self.field(component.key)
        if component.key in self.data:
            field.process(post, self.data[component.key])
        else:
            field.process(post)

    # ---- what depends on what

    def _settle(self) -> None:
        self.scope = self._scope()
        for _ in range(MAX_ROUNDS if self.plan.restless else 0):
            before = self.hidden, self.fixed
            self._choose()
            self.scope = self._scope()
            self.hidden = self.left_out | frozenset(self._hide(self.plan.components, False))
            self._fix()
            if (self.hidden, self.fixed) == before:
                break
        self.scope = self._scope()

    def _scope(self) -> logic.Scope:
        """Names for expressions: context, other data, the visible fields, and then the computed ones."""
        values = {k: v for k, v in self.context.items() if k not in _UNSEEN}
        values.update((k, v) for k, v in self.data.items() if k not in self.plan.keys)
        values.update((c.key, self.field(c.key).for_feel()) for c in self.plan.fields if c.id not in self.hidden)
        scope = logic.Scope(values, self.now)
        self.computed = {}
        for component in self.plan.computed:
            if component.expression and component.id not in self.hidden:
                values[component.key] = self.computed[component.key] = logic.value_of(component.expression, scope)
        return scope

    def _choose(self) -> None:
        for component in self.plan.fields:
            if component.choices.dynamic:
                self.field(component.key).settle(self._options(component))

    def _options(self, component: Component) -> tuple[Option, ...]:
        choices = component.choices
        found = logic.value_of(choices.program, self.scope) if choices.program else self.scope.values.get(choices.key)
        return read_options(found)

    def _hide(self, components: tuple[Component, ...], inherited: bool) -> Iterator[str]:
        for component in components:
            hidden = inherited or logic.is_true(component.hide, self.scope)
            if hidden:
                yield component.id
            yield from self._hide(component.children, hidden)

    def _fix(self) -> None:
        """Fields that a condition makes read-only lose what was posted."""
        fixed = {c.key for c in self.plan.fields
                 if not isinstance(c.readonly, bool) and logic.is_true(c.readonly, self.scope)}
        for component in self.plan.fields:
            if component.key in fixed and component.key in self._taken:
                self._process(component, None)
        self._taken -= fixed
        self.fixed |= fixed

    # ---- judging

    def validate(self) -> bool:
        """Whether everything that this person can change is right; fills ``errors``."""
        self.form.facts = FormFacts(self.scope, self.marks)
        self.errors = {}
        for component in self.plan.fields:
            field = self.field(component.key)
            if component.id in self.hidden or self.locked(component) or (component.key in self.fixed and field.empty):
                continue
            if not field.validate(self.form):
                self.errors[component.key] = [str(message) for message in field.errors]
            elif component.key in self._revealable:
                self.errors[component.key] = [f"依您的選擇，請確認「{component.label}」後再送出"]
        return not self.errors

    @property
    def error_list(self) -> list[ErrorLine]:
        return [ErrorLine(control_id(c), c.label, self.errors[c.key][0]) for c in self.plan.fields if c.key in self.errors]

    # ---- giving back

    @property
    def marks(self) -> list[dict[str, str]] | None:
        """Fields judged 需修改; None when the form reviews nothing."""
        if not any(c.judges for c in self.plan.fields):
            return None
        visible = {c.key: self.field(c.key) for c in self.plan.fields if c.judges and c.id not in self.hidden}
        return marks(visible)

    @property
    def values(self) -> dict[str, object]:
        """Clean JSON: hidden dropped, computed worked out here, read-only from ``data``, judgements as ``marks``."""
        found: dict[str, object] = {}
        for component in self.plan.fields:
            if component.id in self.hidden or component.disabled or component.judges:
                continue
            if not (self.locked(component) or component.key in self.fixed):
                found[component.key] = self.field(component.key).json()
            elif component.key in self.data:
                found[component.key] = json_scalar(self.data[component.key])
            elif component.default is not None:
                found[component.key] = component.default
        found.update((key, logic.plain(value)) for key, value in self.computed.items())
        if self.marks is not None:
            found["marks"] = self.marks
        return found

    def draft(self) -> dict[str, Typed]:
        """What was typed, as typed, of everything that this person can change; nothing is refused, only cut at the end."""
        found: dict[str, Typed] = {}
        left = DRAFT_TOTAL
        for component in self.plan.fields:
            if self.locked(component) or component.key in self.fixed or component.id in self.left_out:
                continue
            typed = _cut(self.field(component.key).typed, min(left, DRAFT_TEXT))
            left -= _size(typed)
            found[component.key] = typed
        return found

    @property
    def conditional(self) -> bool:
        """Whether the page must say which fields it showed."""
        return bool(self.plan.conditional)

    @property
    def nodes(self) -> list[Node]:
        """The tree that ``templates/forms/fields.html`` renders."""
        return build(self)


def _cut(typed: Typed, most: int) -> Typed:
    if isinstance(typed, list):
        return [part[:200] for part in typed[: max(most // 200, 0)]]
    return typed[:most] if isinstance(typed, str) else typed


def _size(typed: Typed) -> int:
    return sum(map(len, typed)) if isinstance(typed, list) else len(typed) if isinstance(typed, str) else 1
