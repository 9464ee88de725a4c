"""Where names are looked up while an expression runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app.rules.errors import FeelError
from app.rules.feel.limits import Run
from app.rules.feel.values import Value, normalise


class Scope:
    """Local names in front of the scope around it; the outermost one stands before the caller's context."""

    __slots__ = ("names", "outer", "run")

    def __init__(self, names: Mapping[str, Value], outer: Scope | None, run: Run) -> None:
        self.names, self.outer, self.run = names, outer, run

    def inside(self, names: Mapping[str, Value]) -> Scope:
        return Scope(names, self, self.run)


Evaluate = Callable[[Scope], Value]


def compile_name(name: str, at: int, lenient: bool) -> Evaluate:
    """Look a name up; the caller's data become FEEL values only when they are asked for."""
    def look_up(scope: Scope) -> Value:
        here: Scope | None = scope
        while here is not None:
            if name in here.names:
                return here.names[name]
            here = here.outer
        return _from_context(name, at, lenient, scope.run)
    return look_up


def _from_context(name: str, at: int, lenient: bool, run: Run) -> Value:
    try:
        raw = run.context[name]
    except KeyError:
        if run.strict and not lenient:
            raise FeelError(f"找不到變數「{name}」。", at, name=name) from None
        return None
    value = run.top[name] = normalise(raw, run)
    return value
