"""Forms: one schema, many uses. Pure: no database, no Flask. This is the public door."""

from __future__ import annotations

from app.forms.binding import SHOWN, Bound, ErrorLine, bind
from app.forms.model import Field, FormSchema, Option
from app.forms.rules import RULES, Rule
from app.forms.schema import load
from app.forms.show import Change, Row, changes, summary, text_of

__all__ = ["RULES", "SHOWN", "Bound", "Change", "ErrorLine", "Field", "FormSchema", "Option", "Row", "Rule", "bind", "changes",
           "load", "summary", "text_of"]
