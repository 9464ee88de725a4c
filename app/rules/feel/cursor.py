"""A place in a list of tokens, with what the parser notes on its way: names, functions, size of the tree."""

from __future__ import annotations

from collections.abc import Iterator as Iterate
from contextlib import contextmanager
from typing import TypeVar

from app.rules.errors import FeelSyntaxError
from app.rules.feel.lexer import Token, tokens
from app.rules.feel.limits import MAX_HEIGHT, MAX_NESTING, MAX_NODES
from app.rules.feel.nodes import Node

_Made = TypeVar("_Made", bound=Node)
_SHOWN = {"end": "結尾", "string": "文字", "number": "數字"}


class Cursor:
    """names: variables that must come from outside; optional_names: those that may be missing, because they may be
    fields of filtered elements or stand in a function that asks whether something is there."""

    def __init__(self, source: str, announced: tuple[str, ...] = ()) -> None:
        self.tokens = tokens(source, announced)
        self.index = 0
        self.count = 0
        self.nesting = 0
        self.optional = 0
        self.bound: list[str] = []
        self.names: set[str] = set()
        self.optional_names: set[str] = set()
        self.functions: set[str] = set()

    @property
    def here(self) -> Token:
        return self.tokens[self.index]

    def ahead(self, distance: int) -> Token:
        return self.tokens[min(self.index + distance, len(self.tokens) - 1)]

    def at(self, *texts: str) -> bool:
        """Whether the present token is one of these signs or keywords."""
        token = self.tokens[self.index]
        return token.text in texts and token.kind in ("sign", "keyword")

    def take(self, text: str) -> bool:
        if not self.at(text):
            return False
        self.index += 1
        return True

    def need(self, text: str) -> None:
        if not self.take(text):
            raise FeelSyntaxError(f"這裡應該是「{text}」，卻是{self.shown(self.here)}。", self.here.at)

    def advance(self) -> Token:
        token = self.here
        if token.kind != "end":
            self.index += 1
        return token

    def need_name(self) -> str:
        """A name, its blanks kept as one: adjoining words on one line are one name."""
        if self.here.kind != "name":
            raise FeelSyntaxError(f"這裡應該是名稱，卻是{self.shown(self.here)}。", self.here.at)
        words = [self.advance().text]
        while self.here.kind == "name" and self.here.glued:
            words.append(self.advance().text)
        return " ".join(words)

    def need_end(self) -> None:
        if self.here.kind != "end":
            raise FeelSyntaxError(f"多出了{self.shown(self.here)}。", self.here.at)

    def make(self, node: _Made, *children: Node) -> _Made:
        """Count a new node and note how high the tree has grown."""
        self.count += 1
        if self.count > MAX_NODES:
            raise FeelSyntaxError(f"運算式太複雜，最多 {MAX_NODES} 個部分。", node.at)
        for child in children:
            if child.height >= node.height:
                node.height = child.height + 1
        if node.height > MAX_HEIGHT:
            raise FeelSyntaxError("運算式的層數太多。", node.at)
        return node

    @contextmanager
    def nested(self) -> Iterate[None]:
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise FeelSyntaxError(f"運算式的層數太多，最多 {MAX_NESTING} 層。", self.here.at)
        yield
        self.nesting -= 1

    @contextmanager
    def binding(self, *names: str) -> Iterate[None]:
        """Names that mean something of the expression itself while inside."""
        depth = len(self.bound)
        self.bound.extend(names)
        yield
        del self.bound[depth:]

    def note(self, name: str) -> bool:
        """Record the use of a variable; answers whether it may be missing."""
        if name in self.bound or name == "?":
            return False
        (self.optional_names if self.optional else self.names).add(name)
        return self.optional > 0

    @staticmethod
    def shown(token: Token) -> str:
        return _SHOWN["end"] if token.kind == "end" else f"「{token.text[:20]}」"
