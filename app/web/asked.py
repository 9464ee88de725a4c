"""What an address or a form asks for, made safe before anything looks it up.

Numbers above what a row's id can be, and NUL characters, exist in no table: databases answer them
with a fault, we answer them as what they are, something that is not there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Flask, Request, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import IntegerConverter, Map, PathConverter, UnicodeConverter, ValidationError

LARGEST_ID = 2**31 - 1       # an INTEGER of PostgreSQL
LAST_PAGE = 4000


class _RowId(IntegerConverter):
    def __init__(self, map: Map) -> None:
        super().__init__(map, max=LARGEST_ID)


class _Text(UnicodeConverter):
    def to_python(self, value: str) -> str:
        return _plain(value)


class _Path(PathConverter):
    def to_python(self, value: str) -> str:
        return _plain(value)


class _Fields(ImmutableMultiDict[str, Any]):
    """Fields of a form or an address, without NUL: nobody can type it."""

    def __init__(self, pairs: Iterable[tuple[str, Any]] | None = None) -> None:
        if isinstance(pairs, list):
            pairs = [(_without_nul(key), _without_nul(value)) for key, value in pairs]
        super().__init__(pairs)


class _Request(Request):
    parameter_storage_class = _Fields


def register(app: Flask) -> None:
    """Before any route is added: these converters and this request stand for the usual ones."""
    app.request_class = _Request
    app.url_map.converters.update(int=_RowId, string=_Text, default=_Text, path=_Path)


def row_id(text: str) -> int | None:
    """The id a form or an address names, or None when it can be none."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 11 else 0
    return number if 0 < number <= LARGEST_ID else None


def page_arg() -> int:
    """The page asked for, from 1; anything unreadable is the first."""
    return min(row_id(request.args.get("page", "")) or 1, LAST_PAGE)


def _plain(value: str) -> str:
    if "\0" in value:
        raise ValidationError
    return value


def _without_nul(value: Any) -> Any:
    return value.replace("\0", "") if isinstance(value, str) else value
