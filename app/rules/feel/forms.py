"""The forms of FEEL that begin with a sign or a word of their own: brackets, ``if``, ``for``, ``some``, ``function``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.rules.errors import FeelSyntaxError
from app.rules.feel import nodes
from app.rules.feel.lexer import Token, unescape
from app.rules.feel.nodes import Node

if TYPE_CHECKING:
    from app.rules.feel.parser import Parser

# How tightly a sign holds its left side; operands are parsed with the rank above.
OR, AND, COMPARE, ADD, MULTIPLY, POWER, NEGATE, POSTFIX = 1, 2, 3, 4, 5, 6, 7, 8


def _negation(parser: Parser, token: Token) -> Node:
    with parser.nested():
        operand = parser.expression(NEGATE)
    return parser.make(nodes.Negation(token.at, operand), operand)


def _input(parser: Parser, token: Token) -> Node:
    return parser.make(nodes.Name(token.at, "?", False))


def _group(parser: Parser, token: Token) -> Node:
    inner = parser.test()
    if parser.take(".."):
        return range_between(parser, token, inner, low_included=False)
    parser.need(")")
    return inner


def _list(parser: Parser, token: Token) -> Node:
    if parser.take("]"):
        return parser.make(nodes.ListOf(token.at, ()))
    items = [parser.expression()]
    if parser.take(".."):
        return range_between(parser, token, items[0], low_included=True)
    while parser.take(","):
        items.append(parser.expression())
    parser.need("]")
    return parser.make(nodes.ListOf(token.at, tuple(items)), *items)


def _open_range(parser: Parser, token: Token) -> Node:
    low = parser.expression()
    parser.need("..")
    return range_between(parser, token, low, low_included=False)


def range_between(parser: Parser, opening: Token, low: Node, *, low_included: bool) -> Node:
    high = parser.expression()
    if not parser.at("]", ")", "["):
        raise FeelSyntaxError(f"範圍應以「]」或「)」結束，卻是{parser.shown(parser.here)}。", parser.here.at)
    closing = parser.advance().text
    return parser.make(nodes.RangeOf(opening.at, low, high, low_included, closing == "]"), low, high)


def _context(parser: Parser, token: Token) -> Node:
    entries: list[tuple[str, Node]] = []
    depth = len(parser.bound)
    while not parser.at("}"):
        key = _key(parser)
        parser.need(":")
        entries.append((key, parser.expression()))
        parser.bound.append(key)
        if not parser.take(","):
            break
    parser.need("}")
    del parser.bound[depth:]
    return parser.make(nodes.ContextOf(token.at, tuple(entries)), *(node for _, node in entries))


def _key(parser: Parser) -> str:
    if parser.here.kind == "string":
        return unescape(parser.advance().text)
    words: list[str] = []
    while parser.here.kind in ("name", "keyword"):
        words.append(parser.advance().text)
    if not words:
        raise FeelSyntaxError(f"這裡應該是欄位名稱，卻是{parser.shown(parser.here)}。", parser.here.at)
    return " ".join(words)


def _if(parser: Parser, token: Token) -> Node:
    condition = parser.expression()
    parser.need("then")
    then = parser.expression()
    parser.need("else")
    otherwise = parser.expression()
    return parser.make(nodes.If(token.at, condition, then, otherwise), condition, then, otherwise)


def _for(parser: Parser, token: Token) -> Node:
    depth = len(parser.bound)
    iterators = _iterators(parser, "return")
    start = parser.index
    with parser.binding("partial"):
        body = parser.expression()
    del parser.bound[depth:]
    uses_partial = any(found.text == "partial" for found in parser.tokens[start:parser.index])
    return parser.make(nodes.For(token.at, iterators, body, uses_partial), body, *_sources(iterators))


def _quantified(parser: Parser, token: Token) -> Node:
    depth = len(parser.bound)
    iterators = _iterators(parser, "satisfies")
    condition = parser.expression()
    del parser.bound[depth:]
    node = nodes.Quantified(token.at, token.text == "every", iterators, condition)
    return parser.make(node, condition, *_sources(iterators))


def _iterators(parser: Parser, closing: str) -> tuple[nodes.Iterator, ...]:
    found: list[nodes.Iterator] = []
    while True:
        name = parser.need_name()
        parser.need("in")
        source = parser.expression()
        end = parser.expression() if parser.take("..") else None
        found.append(nodes.Iterator(name, source, end))
        parser.bound.append(name)
        if not parser.take(","):
            parser.need(closing)
            return tuple(found)


def _function(parser: Parser, token: Token) -> Node:
    parser.need("(")
    parameters: list[str] = []
    while not parser.at(")"):
        parameters.append(parser.need_name())
        if parser.take(":"):
            parser.type_name()
        if not parser.take(","):
            break
    parser.need(")")
    with parser.binding(*parameters):
        body = parser.expression()
    return parser.make(nodes.FunctionOf(token.at, tuple(parameters), body), body)


def _sources(iterators: tuple[nodes.Iterator, ...]) -> list[Node]:
    return [node for iterator in iterators for node in (iterator.source, iterator.end) if node is not None]


FORMS: dict[str, Callable[[Parser, Token], Node]] = {
    "-": _negation, "?": _input, "(": _group, "[": _list, "]": _open_range,
    "{": _context, "if": _if, "for": _for, "some": _quantified,
    "every": _quantified, "function": _function,
}
