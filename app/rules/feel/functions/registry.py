"""The table of standard functions: how they are found in the text, and how arguments are checked before a call.

A function is declared once, with annotations; its FEEL parameter names are the Python ones with blanks for ``_``.
``Decimal`` number · ``str`` · ``bool`` · ``list[Value]`` · ``date`` date or date-time · ``dict[str, Value]`` context ·
``Range`` · ``Function`` · ``Value`` anything. An argument of another kind makes the result null, as DMN prescribes;
a single value where a list is wanted is a list of one, and the other way round.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, Overflow
from typing import NamedTuple

from app.rules.errors import FeelError, FeelLimit, FeelSyntaxError
from app.rules.feel.lexer import Token
from app.rules.feel.scope import Evaluate, Scope
from app.rules.feel.values import Function, Range, Value

ASKING = frozenset({"is defined", "get or else"})  # may be asked about names that do not exist
_KINDS: dict[str, frozenset[type] | None] = {
    "Decimal": frozenset({Decimal}), "str": frozenset({str}), "bool": frozenset({bool}),
    "list[Value]": frozenset({list}), "date": frozenset({date, datetime}), "dict[str, Value]": frozenset({dict}),
    "Range": frozenset({Range}), "Function": frozenset({Function}), "Value": None,
}
_LIST = frozenset({list})


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    kinds: frozenset[type] | None
    optional: bool
    variadic: bool

    def fit(self, value: Value) -> tuple[bool, Value]:
        """Whether the value can be passed, and the value to pass."""
        if self.kinds is None or type(value) in self.kinds:
            return True, value
        if self.kinds is _LIST or list in self.kinds:
            return True, [] if value is None else [value]
        if isinstance(value, list) and len(value) == 1 and type(value[0]) in self.kinds:
            return True, value[0]
        return self.optional and value is None, value


@dataclass(frozen=True, slots=True)
class Builtin:
    name: str
    parameters: tuple[Parameter, ...]
    body: Callable[..., Value]

    @property
    def least(self) -> int:
        return sum(not parameter.optional for parameter in self.parameters)

    @property
    def most(self) -> int | None:
        return None if self.parameters and self.parameters[-1].variadic else len(self.parameters)

    def fitted(self, values: Sequence[Value]) -> list[Value] | None:
        """The arguments as the body wants them; None when one does not fit."""
        fitted: list[Value] = []
        last = len(self.parameters) - 1
        for position, value in enumerate(values):
            fits, passed = self.parameters[min(position, last)].fit(value)
            if not fits:
                return None
            fitted.append(passed)
        return fitted


FUNCTIONS: dict[str, Builtin] = {}
_BY_FIRST_WORD: dict[str, list[tuple[tuple[str, ...], str]]] = {}


def function(name: str) -> Callable[[Callable[..., Value]], Callable[..., Value]]:
    """Declare a standard function under its FEEL name."""
    def declare(body: Callable[..., Value]) -> Callable[..., Value]:
        parameters = tuple(map(_parameter, list(inspect.signature(body).parameters.values())[1:]))
        FUNCTIONS[name] = Builtin(name, parameters, body)
        words = tuple(name.split())
        known = _BY_FIRST_WORD.setdefault(words[0], [])
        known.append((words, name))
        known.sort(key=lambda entry: -len(entry[0]))
        return body
    return declare


def _parameter(found: inspect.Parameter) -> Parameter:
    annotation = str(found.annotation)
    variadic = found.kind is inspect.Parameter.VAR_POSITIONAL
    optional = variadic or found.default is not inspect.Parameter.empty
    return Parameter(found.name.strip("_").replace("_", " "), _KINDS[annotation.removesuffix(" | None")],
                     optional, variadic)


class Called(NamedTuple):
    name: str
    words: int


def function_here(tokens: Sequence[Token], index: int) -> Called | None:
    """The longest standard function whose words and opening bracket stand at this place."""
    for words, name in _BY_FIRST_WORD.get(tokens[index].text, ()):
        end = index + len(words)
        if end < len(tokens) and tokens[end].text == "(" and tokens[end].kind == "sign" and all(
                tokens[index + offset].text == word for offset, word in enumerate(words)):
            return Called(name, len(words))
    return None


def arranged(parameters: Sequence[str], values: list[Value], named: Sequence[str]) -> list[Value] | None:
    """Arguments in the order of the parameters; missing ones are null, unknown names or too many give None."""
    if not named:
        return values + [None] * (len(parameters) - len(values)) if len(values) <= len(parameters) else None
    given = dict(zip(named, values, strict=True))
    return [given.get(name) for name in parameters] if given.keys() <= set(parameters) else None


def caller(name: str, arguments: list[Evaluate], named: tuple[str, ...], at: int) -> Evaluate:
    """The closure of a call. Raises FeelSyntaxError when the number or names of arguments cannot be right."""
    builtin = FUNCTIONS[name]
    if named:
        arguments = _by_name(builtin, arguments, named, at)
    _check_count(builtin, len(arguments), at)
    spreads = len(builtin.parameters) == 1 and builtin.parameters[0].variadic and len(arguments) == 1
    body = builtin.body

    def call(scope: Scope) -> Value:
        values = [argument(scope) for argument in arguments]
        scope.run.tick(2)
        if spreads and isinstance(values[0], list):
            values = values[0]
            scope.run.tick(len(values))
        fitted = builtin.fitted(values)
        if fitted is None:
            return None
        try:
            return body(scope.run, *fitted)
        except FeelError as error:
            error.at(at)
            raise
        except Overflow:
            raise FeelLimit("數字超出允許的範圍。", at) from None
        except (ArithmeticError, ValueError):
            return None
    return call


def _by_name(builtin: Builtin, arguments: list[Evaluate], named: tuple[str, ...], at: int) -> list[Evaluate]:
    given = dict(zip(named, arguments, strict=True))
    names = [parameter.name for parameter in builtin.parameters]
    unknown = [name for name in named if name not in names]
    if unknown or len(given) != len(named):
        raise FeelSyntaxError(f"{builtin.name}() 沒有參數「{'、'.join(unknown or named)}」。", at)
    last = max(map(names.index, named))
    return [given.get(name, _null) for name in names[:last + 1]]


def _null(scope: Scope) -> Value:
    return None


def _check_count(builtin: Builtin, count: int, at: int) -> None:
    least, most = builtin.least, builtin.most
    if count < least or (most is not None and count > most):
        wanted = f"{least}" if least == most else f"至少 {least}" if most is None else f"{least} 到 {most}"
        raise FeelSyntaxError(f"{builtin.name}() 需要 {wanted} 個參數，這裡有 {count} 個。", at)


def function_names() -> frozenset[str]:
    """The names of all standard functions, for completion in editors and for checks."""
    return frozenset(FUNCTIONS)
