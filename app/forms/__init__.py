"""Forms: one schema, many uses. Pure: no database, no Flask. This is the public door.

A schema is form-js JSON, version 19. What form-js has no word for stands in ``properties``:

rule             names of our checks, comma between: tax_id, tw_phone, tw_mobile, postcode, password, marks_agree
requiredMessage  what an empty field says instead of 請填寫…
requiredWhen     FEEL: required only when true
autocomplete     the browser's token (organization, tel, …)
help             a longer explanation, folded away
section          the heading it belongs to in summaries, when not its group
display          currency, plain (no thousands), roc_date
width            s, m, l
personalData     yes: for exports and deletion
reviewable       no: a reviewer does not judge it
reviewOf         on a group: key of the form whose fields are judged here, one by one
title            on the form itself: its name
"""

from __future__ import annotations

from app.forms.binding import SHOWN, Bound, ErrorLine, bind
from app.forms.model import Field, FormSchema, Option
from app.forms.rules import RULES, Rule
from app.forms.schema import load
from app.forms.show import Change, Row, changes, summary, text_of


def field_keys(content: bytes, file: str) -> list[str]:
    """Keys of a form's fields, for the engine's check of a package. Raises DefinitionError."""
    return [field.key for field in load(content, file).fields()]


__all__ = ["RULES", "SHOWN", "Bound", "Change", "ErrorLine", "Field", "FormSchema", "Option", "Row", "Rule", "bind", "changes",
           "field_keys", "load", "summary", "text_of"]
