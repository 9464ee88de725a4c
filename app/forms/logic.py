"""The one place of this room that speaks FEEL. A form never fails because an expression has no answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol, cast

from app.rules import feel

_HOLE = re.compile(r"\{\{(.+?)\}\}", re.DOTALL)


class Program(Protocol):
    """A compiled FEEL expression. ``names`` are its free variables."""

    @property
    def names(self) -> object: ...

    def __call__(self, context: Mapping[str, object], *, now: datetime | None = None) -> object: ...


def compile_feel(source: str) -> Program:
    """Raises feel.FeelSyntaxError (message in Chinese)."""
    return cast(Program, feel.compile(source))


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression can see, and the instant that FEEL's ``now()`` and ``today()`` answer."""

    values: Mapping[str, object]
    now: datetime | None = None


def value_of(program: Program, scope: Scope) -> object:
    """The value, or None where FEEL finds none, as form-js does."""
    try:
        return program(scope.values, now=scope.now)
    except feel.FeelError:
        return None


def is_true(program: Program | None, scope: Scope) -> bool:
    return program is not None and value_of(program, scope) is True


def number_of(value: object) -> Decimal | None:
    """A FEEL number, or None; booleans are no numbers."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | float):
        return None
    number = Decimal(str(value))
    return number if number.is_finite() else None


def plain(value: object) -> object:
    """A FEEL value as JSON can hold it; None for what cannot be stored."""
    try:
        return cast(object, feel.plain(value))
    except feel.FeelError:
        return None


def holes(text: str) -> list[str]:
    """The expressions in ``{{…}}`` of a text."""
    return [found.strip() for found in _HOLE.findall(text)]


def fill(text: str, scope: Scope) -> str:
    """A text with each ``{{expression}}`` replaced by its value, as plain text."""
    def replaced(found: re.Match[str]) -> str:
        try:
            return str(feel.template(found[0], scope.values, now=scope.now))
        except feel.FeelError:
            return ""
    return _HOLE.sub(replaced, text) if "{{" in text else text
