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
    found = tokens(source)
    starts = [index for index, token in enumerate(found) if _begins(found, index, source)]
    if starts and starts[0] != 0:
        starts.insert(0, 0)
    statements = []
    for start, end in zip(starts, [*starts[1:], len(found) - 1], strict=True):
        statements.append(_statement(found[start:end], source))
    if not statements and found[0].kind != "end":
        raise FeelSyntaxError("腳本的每一行都要寫成「名稱 = 運算式」。", found[0].at)
    if len(statements) > MAX_STATEMENTS:
        raise FeelSyntaxError(f"腳本最多 {MAX_STATEMENTS} 行。", found[starts[MAX_STATEMENTS]].at)
    return tuple(statements)


def _begins(found: list[Token], index: int, source: str) -> bool:
    """Whether an assignment begins at this token: at the start, after ``;``, or on a new line outside brackets."""
    token = found[index]
    if token.kind == "end" or token.text == ";":
        return False
    if index == 0 or found[index - 1].text == ";":
        return True
    assigns = token.kind == "name" and found[index + 1].text == "=" and found[index + 1].kind == "sign"
    return assigns and "\n" in source[found[index - 1].at:token.at] and _depth(found[:index]) == 0


def _depth(found: list[Token]) -> int:
    signs = [token.text for token in found if token.kind == "sign"]
    return sum(sign in _OPENING for sign in signs) - sum(sign in _CLOSING for sign in signs)


def _statement(part: list[Token], source: str) -> tuple[str, Program]:
    while part and part[-1].text == ";":
        part = part[:-1]
    name, sign = part[0], part[1] if len(part) > 1 else part[0]
    if name.kind != "name" or sign.text != "=" or len(part) < 3:
        raise FeelSyntaxError("腳本的每一行都要寫成「名稱 = 運算式」。", name.at)
    last = part[-1]
    text = source[part[2].at:last.at + len(last.text)]
    try:
        return name.text, compile_expression(text)
    except FeelSyntaxError as error:
        raise FeelSyntaxError(error.sentence, part[2].at + (error.position or 0)) from None
