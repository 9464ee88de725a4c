"""What the words of ``validate`` mean, as one WTForms validator a field; the first message wins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from wtforms.validators import StopValidation

from app import clock
from app.forms.fields import SchemaForm, TypedField
from app.forms.logic import Scope, is_true, number_of, value_of
from app.forms.model import CHOICES, MANY, TEXTS, Bound, Component, Option
from app.forms.reading import LONGEST
from app.forms.texts import count


@dataclass(frozen=True, slots=True)
class FormFacts:
    """What a check may see: the FEEL scope, the judgements, and the field it stands on."""

    scope: Scope
    marks: list[dict[str, str]] | None = None
    label: str = ""
    options: tuple[Option, ...] = field(default=())

    def option(self, value: object) -> str:
        return next((o.label for o in self.options if o.key == str(value)), str(value))

    def on(self, found: TypedField) -> FormFacts:
        return replace(self, label=found.component.label, options=tuple(found.choices))


class Checks:
    """The validator of one component."""

    def __init__(self, component: Component) -> None:
        self.component = component

    def __call__(self, form: SchemaForm, found: TypedField) -> None:
        facts: FormFacts = form.facts
        if found.fault:
            raise StopValidation(found.fault)
        if found.empty:
            raise StopValidation(_missing(self.component, facts))
        for check in _CHECKS:
            for message in check(self.component, found, facts):
                raise StopValidation(message)


Check = Callable[[Component, TypedField, FormFacts], Iterator[str]]


def _missing(component: Component, facts: FormFacts) -> str | None:
    """The message when a field is empty and must not be; None stops quietly."""
    limits = component.limits
    if not (limits.required or is_true(limits.required_when, facts.scope)):
        return None
    if limits.required_message:
        return limits.required_message
    if component.type == "checkbox":
        return f"請勾選「{component.label}」"
    verb = "請選擇" if component.type in CHOICES | MANY else "請填寫"
    return verb + component.label


def _number(bound: Bound, facts: FormFacts) -> Decimal | None:
    if bound is None or isinstance(bound, Decimal):
        return bound
    return number_of(value_of(bound, facts.scope))


def _length(component: Component, found: TypedField, facts: FormFacts) -> Iterator[str]:
    if component.type not in TEXTS:
        return
    length = count(found.data)
    shortest = _number(component.limits.min_length, facts)
    longest = _number(component.limits.max_length, facts) or Decimal(LONGEST[component.type])
    if length > longest:
        yield f"{component.label}超過 {longest:,f} 字，請刪減 {length - longest:,f} 字"
    if shortest is not None and length < shortest:
        yield f"{component.label}至少 {shortest:f} 字，還差 {shortest - length:f} 字"


def _range(component: Component, found: TypedField, facts: FormFacts) -> Iterator[str]:
    if component.type != "number":
        return
    low, high = _number(component.limits.low, facts), _number(component.limits.high, facts)
    if low is not None and found.data < low:
        yield f"{component.label}不可小於 {low:,f}"
    if high is not None and found.data > high:
        yield f"{component.label}不可大於 {high:,f}"


def _steps(component: Component, found: TypedField, _facts: FormFacts) -> Iterator[str]:
    if component.type != "number":
        return
    digits, step = component.raw.get("decimalDigits"), number_of(component.raw.get("increment"))
    if isinstance(digits, int) and found.data != round(found.data, digits):
        yield f"{component.label}須為整數" if digits == 0 else f"{component.label}最多 {digits} 位小數"
    if step and found.data % step:
        yield f"{component.label}須為 {step:,f} 的倍數"


def _pattern(component: Component, found: TypedField, _facts: FormFacts) -> Iterator[str]:
    pattern = component.limits.pattern
    if pattern and component.type in TEXTS and not pattern.search(found.data):
        yield component.limits.pattern_message or f"{component.label}的格式不正確"


def _rules(component: Component, found: TypedField, facts: FormFacts) -> Iterator[str]:
    for rule in component.rules:
        if message := rule.check(found.data, facts.on(found)):
            yield message


def _past(component: Component, found: TypedField, facts: FormFacts) -> Iterator[str]:
    """``disallowPassedDates`` against the Taipei day of the caller's ``now``."""
    now = facts.scope.now
    today = clock.taipei_date(now) if now else None
    if component.raw.get("disallowPassedDates") is not True or component.subtype == "time" or today is None:
        return
    if found.data[:10] < today.isoformat():
        yield f"{component.label}不可早於今天"


_CHECKS: tuple[Check, ...] = (_length, _range, _steps, _pattern, _past, _rules)
