"""The tree that the templates draw: every decision is taken here, the macros only write it down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from markupsafe import Markup

from app.forms import logic, marking
from app.forms.fields import Typed, TypedField
from app.forms.model import CHOICES, MANY, TEXTS, Component
from app.forms.review import JUDGE, OPINION, REVISE
from app.forms.show import Parts, adorner, compare, text_of

if TYPE_CHECKING:
    from app.forms.binding import Bound


@dataclass(frozen=True, slots=True)
class Choice:
    """One radio button, check box or entry of a list."""

    id: str
    value: str
    label: str
    checked: bool


@dataclass(slots=True)
class Node:
    """One thing on the page. ``kind`` names the macro that draws it.

    describedby   ids of error, hint and opinion, for the control
    marker        the page tells the server that this conditional field was shown
    hidden        drawn out of sight, inactive, for the browser to show when ``hide`` no longer holds
    """

    kind: str
    id: str
    key: str = ""
    label: str = ""
    hint: str = ""
    help: str = ""
    section: str = ""
    errors: list[str] = field(default_factory=list)
    optional: bool = False
    typed: Typed = ""
    choices: list[Choice] = field(default_factory=list)
    attrs: dict[str, str] = field(default_factory=dict)
    width: str = ""
    prefix: str = ""
    suffix: str = ""
    text: str | Markup = ""
    opinion: str = ""
    children: list[Node] = field(default_factory=list)
    hide: str = ""
    hidden: bool = False
    marker: bool = False
    before: str = ""
    parts: Parts = ()
    changed: bool = False
    open: bool = False
    rows: list[list[str]] = field(default_factory=list)

    @property
    def describedby(self) -> str:
        parts = (("e", self.errors), ("h", self.hint), ("o", self.opinion))
        return " ".join(f"{self.id}-{suffix}" for suffix, there in parts if there)


def build(bound: Bound) -> list[Node]:
    return _Builder(bound).nodes(bound.plan.components)


_KINDS = {"textfield": "input", "number": "input", "datetime": "input", "taglist": "checklist"}


class _Builder:
    def __init__(self, bound: Bound) -> None:
        self.bound = bound
        self.opinions = {str(m.get("field")): str(m.get("opinion", "")) for m in _mappings(bound.context.get("marks"))}
        self.subject = _mapping(bound.context.get("subject"))
        self.previous = _mapping(bound.context.get("previous"))

    def nodes(self, components: Iterable[Component]) -> list[Node]:
        found = (self.node(c) for c in components if not c.key.startswith(OPINION))
        return [node for node in found if node is not None]

    def node(self, component: Component) -> Node | None:
        hidden = logic.is_true(component.hide, self.bound.scope)
        if component.id in self.bound.left_out or (hidden and not self.browser_can_show(component)):
            return None
        if component.judges:
            node = self.judgement(component)
        elif component.entered:
            node = self.field(component)
        else:
            node = self.other(component)
        node.hide, node.hidden = component.hide_source if self.browser_can_show(component) else "", hidden
        return node

    def browser_can_show(self, component: Component) -> bool:
        """Only conditions over what this person enters here: nothing else may reach the page."""
        names = getattr(component.hide, "names", None)
        return bool(component.hide) and bool(names) and set(names or ()) <= {c.key for c in self.bound.plan.fields}

    def other(self, component: Component) -> Node:
        node = Node(component.type, f"f-{component.id}", label=self.fill(component.label), hint=self.fill(component.hint))
        if component.type == "group":
            node.children = self.nodes(component.children)
        elif component.type == "text":
            node.text = marking.render(str(component.raw.get("text") or ""), self.bound.scope)
        elif component.computed:
            node.key, node.id = component.key, f"f-{component.key}"
            node.text = text_of(component, logic.plain(self.bound.computed.get(component.key)))
        elif component.type == "table":
            node.rows = self.table(component)
        return node

    def field(self, component: Component) -> Node:
        found = self.bound.field(component.key)
        node = Node(_KINDS.get(component.type, component.type), f"f-{component.key}", key=component.key,
                    label=self.fill(component.label), hint=self.fill(component.hint), help=component.properties.get("help", ""),
                    section=component.section, errors=self.bound.errors.get(component.key, []),
                    optional=not (component.limits.required or component.limits.required_when or component.type == "checkbox"),
                    typed=found.typed, opinion=self.opinions.get(component.key, ""),
                    marker=component.key in self.bound.plan.conditional,
                    prefix=adorner(component, "prefixAdorner"), suffix=adorner(component, "suffixAdorner"))
        if self.bound.locked(component) or component.key in self.bound.fixed:
            node.kind, node.text = "readonly", text_of(component, self.stored(component, found))
            return node
        node.choices = self.choices(node, found)
        node.attrs, node.width = control_attrs(component, found), control_width(component)
        if node.kind != "radio" and node.kind != "checklist":
            node.attrs |= self.aria(node)
        return node

    def stored(self, component: Component, found: TypedField) -> object:
        return self.bound.data.get(component.key, found.json())

    def aria(self, node: Node) -> dict[str, str]:
        attrs = {"aria-describedby": node.describedby} if node.describedby else {}
        return attrs | ({"aria-invalid": "true"} if node.errors else {})

    def choices(self, node: Node, found: TypedField) -> list[Choice]:
        if found.component.type not in CHOICES | MANY:
            return []
        typed = found.typed if isinstance(found.typed, list) else [str(found.typed)]
        return [Choice(f"{node.id}-{n}", o.key, o.label, o.key in typed) for n, o in enumerate(found.choices)]

    def judgement(self, component: Component) -> Node:
        """One field under review: its value, what it was before, and 接受／需修改 with the opinion."""
        judged = component.judges
        assert judged is not None
        node = self.field(component)
        node.kind, node.section = "judge", judged.section
        node.text = text_of(judged, self.subject.get(judged.key))
        if self.previous:
            node.before = text_of(judged, self.previous.get(judged.key))
            node.changed = node.before != node.text
            node.parts = compare(judged, node.before, str(node.text)) if node.changed else ()
        found = next(c for c in self.bound.plan.fields if c.key == OPINION + component.key.removeprefix(JUDGE))
        opinion = self.field(found)
        opinion.hint, opinion.optional = "廠商會看到這段文字。", False
        opinion.attrs |= self.aria(opinion) | {"rows": "2"}
        node.children = [opinion]
        node.open = node.changed or bool(opinion.errors) or self.bound.field(component.key).typed == REVISE
        return node

    def table(self, component: Component) -> list[list[str]]:
        """Head and rows of a read-only table."""
        columns = _mappings(component.raw.get("columns"))
        source = logic.plain(logic.value_of(component.expression, self.bound.scope)) if component.expression else None
        head = [str(c.get("label") or c.get("key") or "") for c in columns]
        cells = [[_cell(row.get(str(c.get("key")))) for c in columns] for row in _mappings(source)[:500]]
        return [head, *cells]

    def fill(self, text: str) -> str:
        return logic.fill(text, self.bound.scope)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: object) -> list[Mapping[str, object]]:
    return [part for part in value if isinstance(part, Mapping)] if isinstance(value, list | tuple) else []


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return f"{value:,}" if isinstance(value, int | Decimal) else "" if value is None else str(value)


def control_attrs(component: Component, found: TypedField) -> dict[str, str]:
    """Attributes of the control besides id, name and value."""
    attrs: dict[str, str] = {}
    if component.type == "number":
        attrs["inputmode"] = "numeric" if component.raw.get("decimalDigits") == 0 else "decimal"
    if component.type == "datetime":
        attrs["type"] = date_control(component, found)
    if component.type == "textarea":
        attrs["rows"] = "4"
    if component.type in TEXTS:
        for rule in component.rules:
            attrs.update(rule.attrs)
    if token := component.properties.get("autocomplete"):
        attrs["autocomplete"] = token
    return attrs


def date_control(component: Component, found: TypedField) -> str:
    """The browser's own date control, but a text line for ROC dates and for what that control could not show."""
    if component.properties.get("display") == "roc_date" or (found.typed and found.typed != found.json()):
        return "text"
    return {"date": "date", "time": "time"}.get(component.subtype, "datetime-local")


def control_width(component: Component) -> str:
    """``q-w-s``, ``-m``, ``-l`` from ``properties.width``, the rule, or the greatest length."""
    width = component.properties.get("width") or next((r.width for r in component.rules if r.width), "")
    longest = component.limits.max_length
    if not width and isinstance(longest, Decimal) and component.type == "textfield":
        width = "s" if longest <= 10 else "m" if longest <= 20 else "l" if longest <= 60 else ""
    if not width and component.type in {"number", "datetime"}:
        width = "m"
    return width if width in {"s", "m", "l"} else ""
