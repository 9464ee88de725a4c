"""Syntax tree to closures: each node becomes one Python function of the scope, so evaluation does no dispatch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.rules.errors import FeelError, FeelLimit
from app.rules.feel import collect, nodes
from app.rules.feel.arithmetic import calculate, negate
from app.rules.feel.compare import compare, contains, equal, matches_test, order
from app.rules.feel.functions import arranged, caller
from app.rules.feel.limits import MAX_CALLS, Run
from app.rules.feel.nodes import Node
from app.rules.feel.scope import Evaluate, Scope, compile_name
from app.rules.feel.values import Comparison, Function, Range, Value, kind


def build(node: Node) -> Evaluate:
    """The closure of a node and everything below it."""
    return _BUILDERS[type(node)](node)


def _literal(node: nodes.Literal) -> Evaluate:
    value = node.value
    return lambda scope: value


def _name(node: nodes.Name) -> Evaluate:
    return compile_name(node.name, node.at, node.lenient)


def _negation(node: nodes.Negation) -> Evaluate:
    operand = build(node.operand)
    return lambda scope: negate(operand(scope))


def _arithmetic(node: nodes.Arithmetic) -> Evaluate:
    first, rest, at = build(node.first), [(sign, build(operand)) for sign, operand in node.rest], node.at

    def evaluate(scope: Scope) -> Value:
        value = first(scope)
        for sign, operand in rest:
            try:
                value = calculate(sign, value, operand(scope), scope.run)
            except FeelError as error:
                error.at(at)
                raise
        return value
    return evaluate


def _junction(node: nodes.Junction) -> Evaluate:
    """``or`` is decided by the first true, ``and`` by the first false; anything not boolean makes it unknown."""
    operands, decisive = [build(operand) for operand in node.operands], node.operator == "or"

    def evaluate(scope: Scope) -> Value:
        known = True
        for operand in operands:
            value = operand(scope)
            if value is decisive:
                return decisive
            known = known and value is (not decisive)
        return (not decisive) if known else None
    return evaluate


def _compare(node: nodes.Compare) -> Evaluate:
    left, right, operator = build(node.left), build(node.right), node.operator
    return lambda scope: compare(operator, left(scope), right(scope), scope.run)


def _between(node: nodes.Between) -> Evaluate:
    value, low, high = build(node.value), build(node.low), build(node.high)

    def evaluate(scope: Scope) -> Value:
        bottom, top = low(scope), high(scope)
        if bottom is None or top is None:
            return None
        return contains(Range(bottom, top, True, True), value(scope))
    return evaluate


def _membership(node: nodes.Membership) -> Evaluate:
    value, tests = build(node.value), [build(test) for test in node.tests]

    def evaluate(scope: Scope) -> Value:
        tested, unknown = value(scope), False
        inner = scope.inside({"?": tested})
        for test in tests:
            wanted = test(inner)
            if wanted is None and len(tests) == 1:
                return None
            for option in collect.options(wanted, scope.run):
                found = matches_test(option, tested, scope.run)
                if found is True:
                    return True
                unknown = unknown or (found is None and isinstance(option, Range | Comparison))
        return None if unknown else False
    return evaluate


def _instance_of(node: nodes.InstanceOf) -> Evaluate:
    value, name = build(node.value), node.type_name

    def evaluate(scope: Scope) -> Value:
        found = value(scope)
        return found is not None if name == "Any" else kind(found) == name.lower() if name == "Null" else \
            kind(found) == name
    return evaluate


def _if(node: nodes.If) -> Evaluate:
    condition, then, otherwise = build(node.condition), build(node.then), build(node.otherwise)
    return lambda scope: then(scope) if condition(scope) is True else otherwise(scope)


def _iterators(iterators: tuple[nodes.Iterator, ...]) -> list[collect.Source]:
    return [collect.Source(item.name, build(item.source), build(item.end) if item.end else None)
            for item in iterators]


def _for(node: nodes.For) -> Evaluate:
    return collect.compile_for(_iterators(node.iterators), build(node.body), node.uses_partial)


def _quantified(node: nodes.Quantified) -> Evaluate:
    return collect.compile_quantified(_iterators(node.iterators), build(node.condition), node.every)


def _path(node: nodes.Path) -> Evaluate:
    return collect.compile_path(build(node.base), node.name)


def _filter(node: nodes.Filter) -> Evaluate:
    condition = node.condition
    number = condition.operand if isinstance(condition, nodes.Negation) else condition
    return collect.compile_filter(build(node.base), build(condition), is_index=isinstance(number, nodes.Literal))


def _call(node: nodes.Call) -> Evaluate:
    return caller(node.function, [build(argument) for argument in node.arguments], node.named, node.at)


def _invoke(node: nodes.Invoke) -> Evaluate:
    callee, arguments = build(node.callee), [build(argument) for argument in node.arguments]
    named, at = node.named, node.at

    def evaluate(scope: Scope) -> Value:
        function = callee(scope)
        if not isinstance(function, Function):
            if scope.run.strict:
                raise FeelError("這裡呼叫的不是函式。", at)
            return None
        values = [argument(scope) for argument in arguments]
        ordered = arranged(function.parameters, values, named)
        return None if ordered is None else call_function(function, ordered, scope.run)
    return evaluate


def call_function(function: Function, values: list[Value], run: Run) -> Value:
    """Call a function written in FEEL, within the bound on calls inside each other."""
    run.tick(5)
    run.calls += 1
    if run.calls > MAX_CALLS:
        raise FeelLimit("函式呼叫的層數太多。")
    try:
        return function.call(values, run)
    finally:
        run.calls -= 1


def _function(node: nodes.FunctionOf) -> Evaluate:
    parameters, body = node.parameters, build(node.body)

    def evaluate(scope: Scope) -> Value:
        def call(values: list[Value], run: Run) -> Value:
            return body(scope.inside(dict(zip(parameters, values, strict=False))))
        return Function(parameters, call)
    return evaluate


def _list(node: nodes.ListOf) -> Evaluate:
    items = [build(item) for item in node.items]
    return lambda scope: [item(scope) for item in items]


def _context(node: nodes.ContextOf) -> Evaluate:
    entries = [(key, build(entry)) for key, entry in node.entries]

    def evaluate(scope: Scope) -> Value:
        made: dict[str, Value] = {}
        inner = scope.inside(made)
        for key, entry in entries:
            made[key] = entry(inner)
        return made
    return evaluate


def _range(node: nodes.RangeOf) -> Evaluate:
    low, high = build(node.low), build(node.high)
    low_included, high_included = node.low_included, node.high_included

    def evaluate(scope: Scope) -> Value:
        bottom, top = low(scope), high(scope)
        if bottom is not None and top is not None and order(bottom, top) is None:
            return None
        return Range(bottom, top, low_included and bottom is not None, high_included and top is not None)
    return evaluate


def _test(node: nodes.Test) -> Evaluate:
    operator, operand = node.operator, build(node.operand)
    return lambda scope: Comparison(operator, operand(scope))


def _tests(node: nodes.Tests) -> Evaluate:
    """Without tests everything fits. A test that mentions ``?`` answers itself, others meet the value under test."""
    tests, negated = list(zip([build(test) for test in node.tests], node.asks, strict=True)), node.negated

    def evaluate(scope: Scope) -> Value:
        if not tests:
            return True
        value = scope.names["?"]
        hit = any(_fits(test(scope), value, asks, scope.run) for test, asks in tests)
        return hit is not negated
    return evaluate


def _fits(test: Value, value: Value, asks: bool, run: Run) -> bool:
    if isinstance(test, bool) and (asks or not isinstance(value, bool)):
        return test
    if isinstance(test, list):
        return equal(test, value, run) is True or any(
            matches_test(option, value, run) is True for option in collect.options(test, run))
    return matches_test(test, value, run) is True


_BUILDERS: dict[type[Node], Callable[[Any], Evaluate]] = {
    nodes.Literal: _literal, nodes.Name: _name, nodes.Negation: _negation, nodes.Arithmetic: _arithmetic,
    nodes.Junction: _junction, nodes.Compare: _compare, nodes.Between: _between, nodes.Membership: _membership,
    nodes.InstanceOf: _instance_of, nodes.If: _if, nodes.For: _for, nodes.Quantified: _quantified,
    nodes.Path: _path, nodes.Filter: _filter, nodes.Call: _call, nodes.Invoke: _invoke,
    nodes.FunctionOf: _function, nodes.ListOf: _list, nodes.ContextOf: _context, nodes.RangeOf: _range,
    nodes.Test: _test, nodes.Tests: _tests,
}
