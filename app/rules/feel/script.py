"""Script tasks: a list of FEEL assignments, one per line or separated by ``;``."""

from __future__ import annotations

from functools import lru_cache

from app.rules.errors import FeelSyntaxError
from app.rules.feel.lexer import Token, tokens
from app.rules.feel.program import Program, compile_expression

MAX_STATEMENTS = 50
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


@lru_cache(1024)
def script(source: str) -> tuple[tuple[str, Program], ...]:
    """The assignments of a script in order: (name, program).

    A new line begins a new assignment only when it starts with ``name =``, so an expression may span lines.
    Raises FeelSyntaxError; positions are those of the whole script.
    """
    parts = _statements(tokens(source), source)
    if len(parts) > MAX_STATEMENTS:
        raise FeelSyntaxError(f"腳本最多 {MAX_STATEMENTS} 行。", parts[MAX_STATEMENTS][0].at)
    return tuple(_statement(part, source) for part in parts)


def _statements(found: list[Token], source: str) -> list[list[Token]]:
    """The tokens of each assignment; ``;`` separates, and so does a line that starts one outside brackets."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for index, token in enumerate(found[:-1]):
        if token.kind == "sign":
            depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if _is(token, ";") and depth == 0:
            parts.append([])
            continue
        if parts[-1] and depth == 0 and _starts_line(found, index, source):
            parts.append([])
        parts[-1].append(token)
    return [part for part in parts if part]


def _starts_line(found: list[Token], index: int, source: str) -> bool:
    """Whether ``name =`` stands at the beginning of a line."""
    token, before = found[index], found[index - 1]
    between = source[before.at + len(before.text):token.at]
    return token.kind == "name" and _is(found[index + 1], "=") and "\n" in between


def _is(token: Token, sign: str) -> bool:
    return token.kind == "sign" and token.text == sign


def _statement(part: list[Token], source: str) -> tuple[str, Program]:
    name = part[0]
    if name.kind != "name" or len(part) < 3 or not _is(part[1], "=") or _is(part[2], "="):
        raise FeelSyntaxError("腳本的每一行都要寫成「名稱 = 運算式」。", name.at)
    last = part[-1]
    text = source[part[2].at:last.at + len(last.text)]
    try:
        return name.text, compile_expression(text)
    except FeelSyntaxError as error:
        raise FeelSyntaxError(error.sentence, part[2].at + (error.position or 0)) from None
