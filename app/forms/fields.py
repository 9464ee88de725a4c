"""WTForms fields of this room: each keeps what was typed beside what it means.

``typed`` is shown again and goes into drafts, whatever it is; ``data`` is the meaning, or the empty
value with ``fault`` saying why not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite
from typing import Any, Protocol

from wtforms import Field
from wtforms.form import BaseForm
from wtforms.utils import unset_value

from app.forms.model import CHOICES, MANY, Component, Option
from app.forms.texts import clean, narrow


class Posted(Protocol):
    """What a browser sent: werkzeug's MultiDict, or anything like it."""

    def getlist(self, key: str) -> list[str]: ...


Typed = str | bool | list[str]


class TypedField(Field):
    """A field of a schema. ``process`` takes the post when there is one, else the starting value."""

    typed: Typed = ""
    data: Any = ""
    fault: str | None = None

    def __init__(self, *, component: Component, **kwargs: Any) -> None:
        self.component = component
        self.choices: Sequence[Option] = component.options
        super().__init__(**kwargs)

    def process(self, formdata: Posted | None, data: Any = unset_value, extra_filters: Any = None) -> None:
        value = self.component.default if data is unset_value else data
        self.object_data = value
        self.raw_data = None if formdata is None else [str(part) for part in formdata.getlist(self.name)]
        self.typed = self.typed_from_value(value) if self.raw_data is None else self.typed_from_post(self.raw_data)
        self.settle()

    def settle(self, choices: Sequence[Option] | None = None) -> None:
        """Read the typed text again, after the choices are known."""
        self.choices = self.choices if choices is None else choices
        self.process_errors: list[str] = []
        self.fault = None
        try:
            self.data = self.read(self.typed)
        except ValueError as error:
            self.data, self.fault = self.nothing(), str(error)

    def typed_from_post(self, parts: list[str]) -> Typed:
        return clean(parts[0]) if parts else ""

    def typed_from_value(self, value: object) -> Typed:
        return clean(scalar_text(value))

    def nothing(self) -> object:
        return None

    @property
    def empty(self) -> bool:
        """Nothing was entered; 0 and an option that means false are something."""
        nothing = self.nothing()
        return type(self.data) is type(nothing) and self.data == nothing

    def read(self, typed: Any) -> object:
        raise NotImplementedError

    def for_feel(self) -> object:
        """The value as conditions see it."""
        return self.data

    def json(self) -> object:
        """The value as it is stored."""
        return self.data


def scalar_text(value: object) -> str:
    """A stored scalar as a person would have typed it; anything else as nothing."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float | Decimal) else ""


class TextLine(TypedField):
    """One line. Spaces at both ends are not part of the value; named rules may bring it into form."""

    def nothing(self) -> str:
        return ""

    def read(self, typed: str) -> str:
        value = typed.strip()
        for rule in self.component.rules:
            value = rule.clean(value) if rule.clean and value and len(value) <= 1000 else value
        return value


class TextBlock(TextLine):
    """Several lines."""

    def typed_from_post(self, parts: list[str]) -> str:
        return clean(parts[0], lines=True) if parts else ""

    def typed_from_value(self, value: object) -> str:
        return clean(scalar_text(value), lines=True)


_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d{1,18})(\.\d{1,9})?", re.ASCII)


class NumberLine(TypedField):
    """A decimal number; thousands may be grouped. Stored as int, or as decimal text when it has a fraction."""

    def read(self, typed: str) -> Decimal | None:
        text = narrow(typed) if len(typed) <= 100 else typed
        if not text:
            return None
        if not _NUMBER.fullmatch(text):
            raise ValueError(f"{self.component.label}須為數字，例如 12600")
        return Decimal(text.replace(",", ""))

    def json(self) -> int | str | None:
        if self.data is None:
            return None
        return int(self.data) if self.data == self.data.to_integral_value() else format(self.data.normalize(), "f")


_ROC = re.compile(r"(?:民國)?(\d{2,3})(?:[./年-](\d{1,2})[./月-](\d{1,2})日?|(\d{2})(\d{2}))", re.ASCII)


class DateLine(TypedField):
    """A date, time or local date-time of Taipei, kept as ISO text. Dates may be typed as ROC dates."""

    def read(self, typed: str) -> str | None:
        text = narrow(typed) if self.component.subtype != "datetime" else typed.strip()
        if not text:
            return None
        return _READERS.get(self.component.subtype, read_date)(text, self.component.label)


def read_date(text: str, label: str) -> str:
    """``2026-05-19``, ``115/5/19``, ``1150519`` or ``民國115年5月19日`` as ISO; ValueError says the format."""
    found = _ROC.fullmatch(text) if len(text) <= 20 else None
    try:
        if found:
            return date(int(found[1]) + 1911, int(found[2] or found[4]), int(found[3] or found[5])).isoformat()
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise ValueError(f"{label}須為日期，例如 115/5/19")


def _read_time(text: str, label: str) -> str:
    try:
        if re.fullmatch(r"\d{2}:\d{2}(:\d{2})?", text, re.ASCII):
            return time.fromisoformat(text).isoformat(timespec="minutes")
    except ValueError:
        pass
    raise ValueError(f"{label}須為時間，例如 17:00")


def _read_datetime(text: str, label: str) -> str:
    day, _, clock = text.replace(" ", "T").partition("T")
    try:
        return f"{read_date(narrow(day), label)}T{_read_time(narrow(clock), label)}"
    except ValueError:
        raise ValueError(f"{label}須為日期與時間，例如 115/5/19 17:00") from None


_READERS = {"date": read_date, "time": _read_time, "datetime": _read_datetime}


class Tick(TypedField):
    """One check box."""

    def typed_from_post(self, parts: list[str]) -> bool:
        return any(part not in ("", "false", "0", "off") for part in parts)

    def typed_from_value(self, value: object) -> bool:
        return value is True or value in ("true", "on", "y", "1")

    def nothing(self) -> bool:
        return False

    def read(self, typed: bool) -> bool:
        return typed


class OneOf(TypedField):
    """One of the options, by key. Anything that was not offered is a fault, not a value."""

    def typed_from_post(self, parts: list[str]) -> str:
        """A judgement that was not sent is the one the page showed first; any other field is empty then."""
        return clean(parts[0]) if parts else scalar_text(self.component.default) if self.component.judges else ""

    def read(self, typed: str) -> object:
        if not typed:
            return None
        for option in self.choices:
            if option.key == typed:
                return option.value
        raise ValueError(f"{self.component.label}的選項不正確，請重新選擇")

    def json(self) -> object:
        return json_scalar(self.data)


class SomeOf(TypedField):
    """Any of the options, in the order of the form."""

    def typed_from_post(self, parts: list[str]) -> list[str]:
        return [clean(part) for part in parts[:500] if part]

    def typed_from_value(self, value: object) -> list[str]:
        return [clean(scalar_text(part)) for part in value] if isinstance(value, list | tuple) else []

    def nothing(self) -> list[object]:
        return []

    def read(self, typed: list[str]) -> list[object]:
        if set(typed) - {option.key for option in self.choices}:
            raise ValueError(f"{self.component.label}的選項不正確，請重新選擇")
        return [option.value for option in self.choices if option.key in typed]

    def json(self) -> list[object]:
        return [json_scalar(value) for value in self.data]


def json_scalar(value: object) -> object:
    """Decimal as int or decimal text; every other scalar as it is."""
    if isinstance(value, float):
        value = Decimal(str(value)) if isfinite(value) else None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else format(value.normalize(), "f")
    return value


FIELD_CLASSES: Mapping[str, type[TypedField]] = {
    "textfield": TextLine, "textarea": TextBlock, "number": NumberLine, "datetime": DateLine, "checkbox": Tick,
    **dict.fromkeys(CHOICES, OneOf), **dict.fromkeys(MANY, SomeOf)}


class SchemaForm(BaseForm):
    """The WTForms form of a schema. Keys are looked up, never set as attributes, so that no key can shadow a method."""

    facts: Any = None
