"""FEEL text to tokens. Names may be Chinese; names with other characters must be announced by the caller."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from app.rules.errors import FeelSyntaxError
from app.rules.feel.limits import MAX_SOURCE

KEYWORDS = frozenset({
    "and", "or", "if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "between", "true", "false",
    "null", "function", "instance", "of",
})
_TOKEN = re.compile(
    r"""(?P<blank>\s+|//[^\n]*|/\*.*?\*/)
      | (?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,3})?)
      | (?P<at>@"[^"\\\n]*")
      | (?P<string>"(?:[^"\\]|\\.)*")
      | (?P<name>[^\W\d]\w*)
      | (?P<sign>\.\.|\*\*|!=|<=|>=|->|[-+*/=<>()\[\]{},.:?;])""", re.VERBOSE | re.DOTALL)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{6}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "/": "/"}


class Token(NamedTuple):
    """kind is number, at, string, name, keyword, sign or end; ``glued`` tells that only blanks on the same line
    separate it from the token before."""

    kind: str
    text: str
    at: int
    glued: bool


def tokens(source: str, announced: Iterable[str] = ()) -> list[Token]:
    """All tokens and a final one of kind ``end``.

    announced   names that hold blanks, signs or keywords; the longest one that fits wins
    Raises FeelSyntaxError for text that is too long or holds a character FEEL does not know.
    """
    if len(source) > MAX_SOURCE:
        raise FeelSyntaxError(f"運算式太長，最多 {MAX_SOURCE} 個字。", MAX_SOURCE)
    special = sorted(announced, key=len, reverse=True)
    found: list[Token] = []
    at, glued = 0, False
    while at < len(source):
        kind, text = _next(source, at, special)
        if kind == "blank":
            glued = "\n" not in text and not text.startswith("/")
        else:
            found.append(Token(kind, text, at, glued))
            glued = True
        at += len(text)
    found.append(Token("end", "", len(source), False))
    return found


def _next(source: str, at: int, special: list[str]) -> tuple[str, str]:
    for name in special:
        if source.startswith(name, at) and not _continues(source, at, name):
            return "name", name
    match = _TOKEN.match(source, at)
    if match is None or match.lastgroup is None:
        raise FeelSyntaxError(_complaint(source[at]), at)
    text = match.group()
    return ("keyword" if match.lastgroup == "name" and text in KEYWORDS else match.lastgroup), text


def _continues(source: str, at: int, name: str) -> bool:
    """Whether the name is only a part of a longer word."""
    before, after = source[at - 1:at] if at else "", source[at + len(name):at + len(name) + 1]
    return bool((before and _is_word(before) and _is_word(name[0])) or (after and _is_word(after) and _is_word(name[-1])))


def _is_word(character: str) -> bool:
    return character == "_" or character.isalnum()


def _complaint(character: str) -> str:
    if character == '"':
        return "文字沒有結尾的雙引號。"
    if character in "“”「」『』'":
        return f"文字請用半形雙引號「\"」，這裡是「{character}」。"
    if character in "（）［］｛｝，：＝＜＞＋－":
        return f"符號請用半形，這裡是全形的「{character}」。"
    return f"看不懂的字元「{character}」。"


def unescape(literal: str) -> str:
    """The text between the quotes of a string literal, with its escapes resolved; unknown escapes stay as written."""
    return _ESCAPE.sub(_unescape_one, literal[1:-1])


def _unescape_one(match: re.Match[str]) -> str:
    mark = match[1]
    if len(mark) > 1:
        code = int(mark[1:], 16)
        return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
    return _ESCAPED.get(mark, match[0])
