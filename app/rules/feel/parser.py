"""Pratt parser for FEEL expressions: tokens to a syntax tree. Chains are loops, the rest is bounded nesting."""

from __future__ import annotations

from decimal import Overflow

from app.rules.errors import FeelSyntaxError
from app.rules.feel import nodes
from app.rules.feel.cursor import Cursor
from app.rules.feel.forms import ADD, AND, COMPARE, FORMS, MULTIPLY, OR, POSTFIX, POWER, range_between
from app.rules.feel.functions import ASKING, function_here
from app.rules.feel.lexer import Token, unescape
from app.rules.feel.limits import NUMBERS
from app.rules.feel.nodes import Node
from app.rules.feel.temporal import read_literal

RANKS = {
    "or": OR, "and": AND, "=": COMPARE, "!=": COMPARE, "<": COMPARE, "<=": COMPARE, ">": COMPARE, ">=": COMPARE,
    "between": COMPARE, "in": COMPARE, "instance": COMPARE, "+": ADD, "-": ADD, "*": MULTIPLY, "/": MULTIPLY,
    "**": POWER, ".": POSTFIX, "[": POSTFIX, "(": POSTFIX,
}
COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
_CONSTANTS = {"true": True, "false": False, "null": None}
_CLOSING = frozenset({")", ",", "]", "}", "and", "or", "then", "else", "return", "satisfies"})


class Parser(Cursor):
    """One parse; use the functions of ``program.py`` from outside."""

    def expression(self, rank: int = 0) -> Node:
        if rank:
            return self._climb(rank)
        with self.nested():
            return self._climb(0)

    def _climb(self, rank: int) -> Node:
        left = self._prefix()
        while True:
            token = self.here
            found = RANKS.get(token.text, 0) if token.kind in ("sign", "keyword") else 0
            if found == 0 or found < rank or (token.text == "[" and self._closes_range()):
                return left
            left = self._infix(left, token, found)

    def _closes_range(self) -> bool:
        """In ``]1..5[`` the last bracket ends the range."""
        after = self.ahead(1)
        return after.kind == "end" or after.text in _CLOSING

    def _infix(self, left: Node, token: Token, rank: int) -> Node:
        if rank == POSTFIX:
            return self._postfix(left, token)
        if rank in (OR, AND):
            return self._junction(left, token.text, rank)
        if rank in (ADD, MULTIPLY, POWER):
            return self._arithmetic(left, rank)
        if token.text in COMPARISONS:
            self.index += 1
            right = self.expression(ADD)
            return self.make(nodes.Compare(token.at, token.text, left, right), left, right)
        return self._word_comparison(left, token)

    def _junction(self, left: Node, operator: str, rank: int) -> Node:
        operands = [left]
        while self.take(operator):
            operands.append(self.expression(rank + 1))
        return self.make(nodes.Junction(left.at, operator, tuple(operands)), *operands)

    def _arithmetic(self, left: Node, rank: int) -> Node:
        rest: list[tuple[str, Node]] = []
        while self.here.kind == "sign" and RANKS.get(self.here.text) == rank:
            sign = self.advance().text
            rest.append((sign, self.expression(rank + 1)))
        return self.make(nodes.Arithmetic(left.at, left, tuple(rest)), left, *(node for _, node in rest))

    def _word_comparison(self, left: Node, token: Token) -> Node:
        self.index += 1
        if token.text == "between":
            low = self.expression(ADD)
            self.need("and")
            high = self.expression(ADD)
            return self.make(nodes.Between(token.at, left, low, high), left, low, high)
        if token.text == "instance":
            self.need("of")
            return self.make(nodes.InstanceOf(token.at, left, self.type_name()), left)
        tests = self._tests_in_brackets() if self.at("(") else (self.test(ADD),)
        return self.make(nodes.Membership(token.at, left, tests), left, *tests)

    def _tests_in_brackets(self) -> tuple[Node, ...]:
        """``in (1..5]`` is a range, ``in (1, 2)`` are tests."""
        opening = self.advance()
        with self.nested():
            tests = [self.test()]
            if self.take(".."):
                return (range_between(self, opening, tests[0], low_included=False),)
            while self.take(","):
                tests.append(self.test())
            self.need(")")
        return tuple(tests)

    def test(self, rank: int = 0) -> Node:
        """A unary test: ``< 5``, a range, or an expression."""
        token = self.here
        if token.kind == "sign" and token.text in COMPARISONS:
            self.index += 1
            operand = self.expression(ADD)
            return self.make(nodes.Test(token.at, token.text, operand), operand)
        return self.expression(rank)

    def type_name(self) -> str:
        """``date and time``, ``list<number>`` …; the part in angle brackets is read and not checked."""
        words: list[str] = []
        while self.here.kind == "name" or (self.at("and") and words in (["date"], ["days"], ["years"])) or (
                self.at("function", "null") and not words):
            words.append(self.advance().text)
        if not words:
            raise FeelSyntaxError(f"這裡應該是型別名稱，卻是{self.shown(self.here)}。", self.here.at)
        if self.take("<"):
            depth = 1
            while depth and self.here.kind != "end":
                depth += {"<": 1, ">": -1}.get(self.advance().text, 0)
        return " ".join(words)

    def _postfix(self, left: Node, token: Token) -> Node:
        if token.text == "(" and isinstance(left, nodes.Literal):
            raise FeelSyntaxError("這裡不能接括號。", token.at)
        self.index += 1
        if token.text == ".":
            return self.make(nodes.Path(token.at, left, self._field()), left)
        if token.text == "(":
            arguments, named = self.arguments()
            return self.make(nodes.Invoke(token.at, left, arguments, named), left, *arguments)
        self.optional += 1
        with self.nested(), self.binding("item"):
            condition = self.test()
        self.optional -= 1
        self.need("]")
        return self.make(nodes.Filter(token.at, left, condition), left, condition)

    def _field(self) -> str:
        return self.advance().text if self.here.kind == "keyword" else self.need_name()

    def arguments(self) -> tuple[tuple[Node, ...], tuple[str, ...]]:
        """After the opening bracket: the arguments, and their names when all are named."""
        values: list[Node] = []
        named: list[str] = []
        while not self.at(")"):
            name = self._argument_name()
            if name is not None:
                named.append(name)
            values.append(self.expression())
            if not self.take(","):
                break
        self.need(")")
        if named and len(named) != len(values):
            raise FeelSyntaxError("參數要嘛全部寫名稱，要嘛全部不寫。", self.here.at)
        return tuple(values), tuple(named)

    def _argument_name(self) -> str | None:
        distance = 0
        while self.ahead(distance).kind in ("name", "keyword"):
            distance += 1
        if distance == 0 or self.ahead(distance).text != ":" or self.ahead(distance).kind != "sign":
            return None
        name = " ".join(self.advance().text for _ in range(distance))
        self.index += 1
        return name

    def _prefix(self) -> Node:
        token = self.here
        if token.kind in ("name", "keyword"):
            called = function_here(self.tokens, self.index)
            if called is not None and called.name not in self.bound:
                return self._call(token, called.name, called.words)
        if token.kind in ("number", "string", "at"):
            return self._literal(token)
        if token.kind == "name":
            name = self.need_name()
            return self.make(nodes.Name(token.at, name, self.note(name)))
        return self._sign_or_word(token)

    def _call(self, token: Token, function: str, words: int) -> Node:
        self.index += words + 1
        self.functions.add(function)
        self.optional += function in ASKING
        with self.nested():
            arguments, named = self.arguments()
        self.optional -= function in ASKING
        return self.make(nodes.Call(token.at, function, arguments, named), *arguments)

    def _literal(self, token: Token) -> Node:
        self.index += 1
        if token.kind == "string":
            return self.make(nodes.Literal(token.at, unescape(token.text)))
        if token.kind == "at":
            value = read_literal(token.text[2:-1])
            if value is None:
                raise FeelSyntaxError(f"看不懂的日期或期間「{token.text[2:-1][:30]}」。", token.at)
            return self.make(nodes.Literal(token.at, value))
        try:
            return self.make(nodes.Literal(token.at, NUMBERS.create_decimal(token.text)))
        except Overflow:
            raise FeelSyntaxError("數字超出允許的範圍。", token.at) from None

    def _sign_or_word(self, token: Token) -> Node:
        if token.kind == "keyword" and token.text in _CONSTANTS:
            self.index += 1
            return self.make(nodes.Literal(token.at, _CONSTANTS[token.text]))
        form = FORMS.get(token.text) if token.kind in ("keyword", "sign") else None
        if form is None:
            raise FeelSyntaxError(f"這裡少了一個值，卻看到{self.shown(token)}。", token.at)
        self.index += 1
        return form(self, token)
