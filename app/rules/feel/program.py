"""Compiled expressions: made once, kept in a cache, safe to run in many threads at the same time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from app.rules.errors import FeelError, FeelLimit, FeelSyntaxError
from app.rules.feel import nodes
from app.rules.feel.compiler import build
from app.rules.feel.limits import Run
from app.rules.feel.nodes import Node
from app.rules.feel.parser import Parser
from app.rules.feel.scope import Scope
from app.rules.feel.values import Value, chinese_kind, normalise

if TYPE_CHECKING:
    from app.rules.calendar import WorkCalendar

_CACHED = 4096
_FAULTS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class Program:
    """An expression ready to run.

    source          the text it was made from
    names           variables it needs from outside
    optional_names  variables that may be missing: fields of filtered elements, arguments of ``is defined``
    functions       standard functions it calls
    tree            the syntax tree, for checks and displays
    """

    __slots__ = ("_evaluate", "functions", "names", "optional_names", "source", "tree")

    def __init__(self, source: str, tree: Node, parser: Parser) -> None:
        self.source, self.tree = source, tree
        self.names, self.optional_names = frozenset(parser.names), frozenset(parser.optional_names)
        self.functions = frozenset(parser.functions)
        self._evaluate = build(tree)

    def __call__(self, context: Mapping[str, object], *, now: datetime | None = None,
                 calendar: WorkCalendar | None = None, strict: bool = False) -> Value:
        """The value in this context.

        now     the present instant for ``now()`` and ``today()``; without it these raise
        strict  unknown variables raise FeelError instead of being null
        Raises  FeelError, FeelLimit
        """
        run = Run(context, now, calendar, strict)
        return self.within(Scope(run.top, None, run))

    def test(self, value: object, context: Mapping[str, object], *, now: datetime | None = None,
             calendar: WorkCalendar | None = None, strict: bool = False) -> bool | None:
        """Whether a value passes these unary tests; the value is ``?`` in them."""
        run = Run(context, now, calendar, strict)
        answer = self.within(Scope({"?": normalise(value, run)}, Scope(run.top, None, run), run))
        return answer if isinstance(answer, bool) else None

    def within(self, scope: Scope) -> Value:
        """Run inside a scope that already exists, on its meter."""
        try:
            return self._evaluate(scope)
        except RecursionError:
            raise FeelLimit("運算式的層數太多。") from None
        except _FAULTS as fault:
            raise FeelError(fault=type(fault).__name__) from fault


@lru_cache(_CACHED)
def compile_expression(source: str, announced: tuple[str, ...] = ()) -> Program:
    """A FEEL expression. A leading ``=`` (Camunda's way of marking FEEL) is allowed.

    announced  names with blanks, signs or keywords in them; names of several plain words need no announcement
    Raises     FeelSyntaxError with position
    """
    return _made(source, announced, Parser.expression)


@lru_cache(_CACHED)
def compile_tests(source: str, announced: tuple[str, ...] = ()) -> Program:
    """The unary tests of a decision table cell; empty or ``-`` fits everything. Raises FeelSyntaxError."""
    return _made(source, announced, _unary_tests)


def _made(source: str, announced: tuple[str, ...], parse: Callable[[Parser], Node]) -> Program:
    try:
        parser = Parser(_without_mark(source), announced)
        tree = parse(parser)
        parser.need_end()
        return Program(source, tree, parser)
    except RecursionError:
        raise FeelSyntaxError("運算式的層數太多。", 0) from None


def _without_mark(source: str) -> str:
    """The text with a leading ``=`` blanked, so that positions stay those of the source."""
    stripped = source.lstrip()
    if not stripped.startswith("="):
        return source
    indent = len(source) - len(stripped)
    return source[:indent] + " " + stripped[1:]


def _unary_tests(parser: Parser) -> Node:
    start = parser.here.at
    if parser.here.kind == "end" or (parser.at("-") and parser.ahead(1).kind == "end"):
        parser.index = len(parser.tokens) - 1
        return nodes.Tests(start, (), (), False)
    if parser.here.text == "not" and parser.ahead(1).text == "(":
        negated = _negated_tests(parser)
        if negated is not None:
            return negated
    tests, asks = _listed_tests(parser)
    return parser.make(nodes.Tests(start, tests, asks, False), *tests)


def _negated_tests(parser: Parser) -> Node | None:
    """``not(…)`` around all tests; None, with nothing consumed, when the text goes on after the bracket."""
    start, names, optional = parser.index, set(parser.names), set(parser.optional_names)
    parser.index += 2
    try:
        tests, asks = _listed_tests(parser)
        parser.need(")")
        parser.need_end()
        return parser.make(nodes.Tests(start, tests, asks, True), *tests)
    except FeelSyntaxError:
        parser.index, parser.names, parser.optional_names = start, names, optional
        parser.nesting = parser.optional = 0
        parser.bound.clear()
        return None


def _listed_tests(parser: Parser) -> tuple[tuple[Node, ...], tuple[bool, ...]]:
    tests: list[Node] = []
    asks: list[bool] = []
    while True:
        start = parser.index
        tests.append(parser.test())
        asks.append(any(token.text == "?" for token in parser.tokens[start:parser.index]))
        if not parser.take(","):
            return tuple(tests), tuple(asks)


def announced_names(source: str, context: Mapping[str, object]) -> tuple[str, ...]:
    """The names of a context that are not one plain word and occur in the source."""
    return tuple(sorted(name for name in context
                        if not name.isidentifier() and name[:1].isidentifier() and name in source))


def evaluate(source: str, context: Mapping[str, object], *, now: datetime | None = None,
             calendar: WorkCalendar | None = None, strict: bool = False) -> Value:
    """Compile (or take from the cache) and run an expression; see ``Program``."""
    program = compile_expression(source, announced_names(source, context))
    return program(context, now=now, calendar=calendar, strict=strict)


def unary(source: str, value: object, context: Mapping[str, object], *, now: datetime | None = None,
          calendar: WorkCalendar | None = None, strict: bool = False) -> bool | None:
    """Whether a value passes unary tests such as ``< 5``, ``"財物","勞務"`` or ``? > 5 and ? < 10``."""
    program = compile_tests(source, announced_names(source, context))
    return program.test(value, context, now=now, calendar=calendar, strict=strict)


def as_bool(value: Value, what: str = "條件") -> bool:
    """The value when it is true or false; anything else raises FeelError naming what was asked."""
    if isinstance(value, bool):
        return value
    raise FeelError(f"{what}的結果必須是「是」或「否」，卻是{chinese_kind(value)}。", what=what)
