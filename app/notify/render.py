"""Message templates: a first line ``主旨：…``, an empty line, the body. Staff write them, so they are bounded.

The language is a small part of Jinja: values, conditions, one loop inside another at most, and the
filters below. Nothing can be called, assigned or imported, so a template can neither reach Python
nor grow beyond its own text and its values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, nodes
from jinja2.filters import do_default
from jinja2.sandbox import ImmutableSandboxedEnvironment

from app import clock
from app.errors import DefinitionError

MAX_SOURCE, MAX_TEXT, MAX_SUBJECT, MAX_DEPTH = 20_000, 50_000, 200, 2
SUBJECT = re.compile(r"\s*主旨[：:](?P<subject>[^\n]*)\n\s*\n(?P<body>.*)", re.DOTALL)
_FORBIDDEN = (nodes.Call, nodes.CallBlock, nodes.Macro, nodes.Assign, nodes.AssignBlock, nodes.NSRef, nodes.Include,
              nodes.Import, nodes.FromImport, nodes.Extends, nodes.Block, nodes.FilterBlock, nodes.With, nodes.Mul,
              nodes.Pow, nodes.Mod)


def render(source: str, context: Mapping[str, Any], *, template: str) -> tuple[str, str]:
    """Subject and body of a message.

    Raises   DefinitionError naming the template: no subject, wrong syntax, a value that is not there,
             something forbidden, more than 50,000 characters
    """
    first, rest = _split(source, template)
    subject = one_line(_fill(first, context, template))[:MAX_SUBJECT]
    body = _fill(rest, context, template).strip() + "\n"
    if not subject:
        raise _refused(template, "主旨是空的")
    return subject, body


def check(source: str, *, template: str) -> None:
    """Raise DefinitionError when a template can never be rendered; values are not needed."""
    for part in _split(source, template):
        _compile(part, template)


def one_line(text: str) -> str:
    """Without line breaks and control characters: fit for a header."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def roc_date(value: date | datetime | str) -> str:
    """``115年5月19日`` in Taipei, of a date, an instant or the ISO text of one."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value or " " in value else date.fromisoformat(value)
    day = _local(value).date() if isinstance(value, datetime) else value
    return clock.roc_date(day)


def roc_datetime(value: datetime | str) -> str:
    """``115年5月19日 17:00`` in Taipei, of an instant or its ISO text."""
    return clock.roc_datetime(_local(datetime.fromisoformat(value) if isinstance(value, str) else value))


def _local(value: datetime) -> datetime:
    return clock.taipei(value if value.tzinfo else value.replace(tzinfo=UTC))


def _join(values: Iterable[object], separator: str = "、") -> str:
    text = separator.join(str(value) for value in values)
    if len(text) > MAX_TEXT:
        raise TemplateError("text too long")
    return text


def _number(value: int) -> str:
    return f"{value:,}"


_FILTERS: dict[str, Callable[..., Any]] = {
    "default": do_default, "join": _join, "length": len, "count": len, "number": _number,
    "roc_date": roc_date, "roc_datetime": roc_datetime, "trim": lambda text: str(text).strip()}


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, trim_blocks=False)
    environment.globals.clear()
    environment.filters = dict(_FILTERS)
    environment.optimized = False                # constant folding would run filters while compiling
    return environment


_ENVIRONMENT = _environment()


def _split(source: str, template: str) -> tuple[str, str]:
    parts = SUBJECT.fullmatch(source.lstrip("\ufeff").replace("\r\n", "\n")) if len(source) <= MAX_SOURCE else None
    if parts is None:
        raise _refused(template, "第一行須為「主旨：…」，空一行後為內文，全文 20,000 字以內")
    return parts["subject"], parts["body"]


def _fill(source: str, context: Mapping[str, Any], template: str) -> str:
    compiled, parts, size = _compile(source, template), [], 0
    try:
        for part in compiled.generate(dict(context)):
            size += len(part)
            if size > MAX_TEXT:
                raise _refused(template, "內容超過 50,000 字")
            parts.append(part)
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise _refused(template, f"無法代入：{error}") from error
    return "".join(parts)


@lru_cache(maxsize=256)
def _compile(source: str, template: str) -> Template:
    try:
        tree = _ENVIRONMENT.parse(source)
        for kind in _FORBIDDEN:
            if tree.find(kind) is not None:
                raise _refused(template, f"範本不能使用 {kind.__name__}")
        if _loop_depth(tree) > MAX_DEPTH:
            raise _refused(template, "迴圈最多兩層")
        return _ENVIRONMENT.from_string(tree)
    except (TemplateError, RecursionError) as error:
        raise _refused(template, f"語法錯誤：{error}") from error


def _loop_depth(node: nodes.Node) -> int:
    own = 1 if isinstance(node, nodes.For) else 0
    return own + max((_loop_depth(child) for child in node.iter_child_nodes()), default=0)


def _refused(template: str, what: str) -> DefinitionError:
    return DefinitionError(f"通知範本「{template}」：{what}。", file=template, rule="mail.template")
