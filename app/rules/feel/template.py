"""Texts with expressions in them, as form-js writes them: ``{{name}}``, ``{{#if …}}…{{/if}}``, ``{{#loop …}}…{{/loop}}``.

The result is plain text: whoever puts it into a page escapes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from app.rules.errors import FeelSyntaxError
from app.rules.feel.limits import MAX_TEMPLATE, Run
from app.rules.feel.program import Program, compile_expression
from app.rules.feel.scope import Scope
from app.rules.feel.text import to_text
from app.rules.feel.values import Value

if TYPE_CHECKING:
    from app.rules.calendar import WorkCalendar

_TAG = re.compile(r"\{\{\s*(#if|#loop|/if|/loop)?\s*([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}\}")
_MOST_ROUNDS = 1000


@dataclass(frozen=True, slots=True)
class _Part:
    """text: a piece as it stands; otherwise an expression, and for blocks what they hold."""

    kind: str
    text: str
    program: Program | None = None
    inner: tuple[_Part, ...] = ()


def template(source: str, context: Mapping[str, object], *, now: datetime | None = None,
             calendar: WorkCalendar | None = None, strict: bool = False) -> str:
    """The text with every expression replaced by its value; null prints nothing. One meter for the whole text.

    Raises FeelSyntaxError (position in the text), FeelError, FeelLimit.
    """
    run = Run(context, now, calendar, strict)
    scope = Scope(run.top, None, run)
    if source.lstrip().startswith("="):
        return to_text(compile_expression(source).within(scope), run) or ""
    made: list[str] = []
    _fill(_parts(source), scope, made)
    return "".join(made)


def _fill(parts: tuple[_Part, ...], scope: Scope, made: list[str]) -> None:
    for part in parts:
        if part.program is None:
            scope.run.tick(1 + len(part.text) // 32)
            made.append(part.text)
            continue
        value = part.program.within(scope)
        if part.kind == "":
            made.append(to_text(value, scope.run) or "")
        elif part.kind == "#if":
            if value is True:
                _fill(part.inner, scope, made)
        else:
            _loop(part, value, scope, made)


def _loop(part: _Part, value: Value, scope: Scope, made: list[str]) -> None:
    """``this`` is the element; the fields of a context are names of their own."""
    for item in (value if isinstance(value, list) else [])[:_MOST_ROUNDS]:
        inner = scope.inside({"this": item})
        _fill(part.inner, inner.inside(item) if isinstance(item, dict) else inner, made)


@lru_cache(512)
def _parts(source: str) -> tuple[_Part, ...]:
    if len(source) > MAX_TEMPLATE:
        raise FeelSyntaxError(f"文字太長，最多 {MAX_TEMPLATE} 個字。", MAX_TEMPLATE)
    levels: list[list[_Part]] = [[]]
    opened: list[tuple[str, Program, int]] = []
    end = 0
    for tag in _TAG.finditer(source):
        levels[-1].append(_Part("text", source[end:tag.start()]))
        end = tag.end()
        kind = tag[1] or ""
        if kind.startswith("/"):
            _close(kind, opened, levels, tag.start())
        elif kind:
            opened.append((kind, _program(tag), tag.start()))
            levels.append([])
        else:
            levels[-1].append(_Part("", tag[2], _program(tag)))
    if opened:
        raise FeelSyntaxError(f"「{{{{{opened[-1][0]}}}}}」沒有結尾。", opened[-1][2])
    levels[-1].append(_Part("text", source[end:]))
    return tuple(levels[0])


def _close(kind: str, opened: list[tuple[str, Program, int]], levels: list[list[_Part]], at: int) -> None:
    if not opened or opened[-1][0] != "#" + kind[1:]:
        raise FeelSyntaxError(f"「{{{{{kind}}}}}」沒有對應的開頭。", at)
    name, program, _ = opened.pop()
    inner = tuple(levels.pop())
    levels[-1].append(_Part(name, "", program, inner))


def _program(tag: re.Match[str]) -> Program:
    try:
        return compile_expression(tag[2].strip())
    except FeelSyntaxError as error:
        raise FeelSyntaxError(error.sentence, tag.start(2) + (error.position or 0)) from None
