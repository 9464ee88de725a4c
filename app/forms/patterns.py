"""Regular expressions that staff write into forms: only those that cannot run away are taken.

Python's engine backtracks. We bound the number of ways in which a pattern can be tried on a text
of the field's greatest length; nested repetition makes that number explode and is refused.
"""

from __future__ import annotations

import re
from re import _constants as sre  # type: ignore[attr-defined]  # the engine's own parser, not in typeshed
from re import _parser as sre_parse  # type: ignore[attr-defined]
from typing import Any

MAX_PATTERN = 300
#: Three open repetitions over 500 characters, anchored: about 0.2 s at the very worst.
MAX_WAYS = 200_000_000
_REPEATS = {sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT}
_REFUSED = {sre.GROUPREF: "反向參照", sre.GROUPREF_EXISTS: "條件式群組", sre.ASSERT: "前後查找", sre.ASSERT_NOT: "前後查找"}


class UnsafePattern(ValueError):
    """The pattern is wrong or could take too long; the text says which, in Chinese."""


def compile_pattern(source: str, longest: int) -> re.Pattern[str]:
    """A pattern for texts of at most ``longest`` characters, searched like form-js does; ASCII ``\\d`` and ``\\w``."""
    if len(source) > MAX_PATTERN:
        raise UnsafePattern(f"格式樣式超過 {MAX_PATTERN} 字")
    try:
        tree = sre_parse.parse(source, re.ASCII)
        ways = _ways(list(tree), longest) * (1 if _anchored(tree) else longest)
        pattern = re.compile(source, re.ASCII)
    except (re.error, RecursionError, OverflowError) as error:
        raise UnsafePattern(f"格式樣式不是正確的正規表示式（{error}）") from error
    if ways > MAX_WAYS:
        raise UnsafePattern("格式樣式可能比對過久，請避免重複中的重複，並在開頭加上 ^")
    return pattern


def _anchored(tree: Any) -> bool:
    return bool(len(tree)) and tree[0][0] is sre.AT


def _ways(items: list[Any], longest: int) -> int:
    """In how many ways the engine may divide a text among these items, capped well above the limit."""
    total = 1
    for op, args in items:
        total = min(total * _ways_of(op, args, longest), MAX_WAYS * 1000)
    return total


def _ways_of(op: Any, args: Any, longest: int) -> int:
    if op in _REFUSED:
        raise UnsafePattern(f"格式樣式不可使用{_REFUSED[op]}")
    if op in _REPEATS:
        low, high, body = args
        inner = _ways(list(body), longest)
        high = longest if high is sre.MAXREPEAT else min(int(high), longest)
        tries: int = min(inner, 1000) ** min(high, 60) * (high - min(low, high) + 1)
        return tries
    if op is sre.SUBPATTERN:
        return _ways(list(args[-1]), longest)
    if op is sre.ATOMIC_GROUP:
        return _ways(list(args), longest)
    if op is sre.BRANCH:
        return sum(_ways(list(branch), longest) for branch in args[1])
    return 1
