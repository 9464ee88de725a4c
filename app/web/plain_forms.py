"""Answers of commands put beside the fields of a form, and the summary over the forms of one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from app.forms import ErrorLine
from app.forms.secrets import SecretsForm


class HasErrors(Protocol):
    @property
    def error_list(self) -> list[ErrorLine]: ...


def summary(*forms: HasErrors) -> list[ErrorLine]:
    """All errors of these forms, in the order of the page."""
    return [line for form in forms for line in form.error_list]


def refuse(form: SecretsForm, fields: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Place refusals of a command at the fields of the form; what belongs to none of them is given back."""
    for key, messages in fields.items():
        for message in messages if key in form else ():
            form.refuse(key, message)
    return {key: list(messages) for key, messages in fields.items() if key not in form}
