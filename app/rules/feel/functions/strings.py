"""Functions of text. Lengths and positions count characters (code points), the first is 1."""

from __future__ import annotations

import re
from decimal import Decimal

from app.rules.feel.functions.registry import function
from app.rules.feel.limits import MAX_TEXT, NUMBERS, Run
from app.rules.feel.text import to_text
from app.rules.feel.values import Value
from app.rules.patterns import Pattern, safe_pattern

_NUMBER = re.compile(r"-?(\d{1,400}(\.\d{0,400})?|\.\d{1,400})([eE][+-]?\d{1,3})?", re.ASCII)
_REFERENCE = re.compile(r"\$(\d)")


@function("string")
def string(run: Run, from_: Value) -> Value:
    return to_text(from_, run)


@function("number")
def number(run: Run, from_: Value, grouping_separator: str | None = None,
           decimal_separator: str | None = None) -> Value:
    """Text as a number, e.g. ``number("1,234.5", ",", ".")``; null when it is not one."""
    if isinstance(from_, Decimal):
        return from_
    if not isinstance(from_, str) or len(from_) > 500:
        return None
    text = from_.strip()
    if grouping_separator:
        text = text.replace(grouping_separator, "")
    if decimal_separator:
        text = text.replace(decimal_separator, ".")
    return NUMBERS.create_decimal(text) if _NUMBER.fullmatch(text) else None


@function("string length")
def string_length(run: Run, string: str) -> Value:
    return Decimal(len(string))


@function("upper case")
def upper_case(run: Run, string: str) -> Value:
    run.text(len(string))
    return string.upper()


@function("lower case")
def lower_case(run: Run, string: str) -> Value:
    run.text(len(string))
    return string.lower()


@function("trim")
def trim(run: Run, string: str) -> Value:
    run.text(len(string))
    return string.strip()


@function("substring")
def substring(run: Run, string: str, start_position: Decimal, length: Decimal | None = None) -> Value:
    """From a position (negative counts from the end), to the end or for some characters."""
    start = _whole(start_position)
    first = start - 1 if start > 0 else len(string) + start
    if start == 0 or first < 0 or (length is not None and length < 1):
        return "" if start and length is not None and first >= 0 else None
    run.text(len(string))
    return string[first:] if length is None else string[first:first + _whole(length)]


def _whole(number: Decimal) -> int:
    """Numbers beyond any text are cut, so that huge ones cost nothing."""
    return int(max(min(number, Decimal(MAX_TEXT + 1)), Decimal(-MAX_TEXT - 1)))


@function("substring before")
def substring_before(run: Run, string: str, match: str) -> Value:
    head, found, _ = string.partition(match) if match else ("", "", "")
    return head if found else ""


@function("substring after")
def substring_after(run: Run, string: str, match: str) -> Value:
    return string.partition(match)[2] if match else string


@function("contains")
def contains(run: Run, string: str, match: str) -> Value:
    run.tick(1 + len(string) // 64)
    return match in string


@function("starts with")
def starts_with(run: Run, string: str, match: str) -> Value:
    return string.startswith(match)


@function("ends with")
def ends_with(run: Run, string: str, match: str) -> Value:
    return string.endswith(match)


@function("string join")
def string_join(run: Run, list_: list[Value], delimiter: str | None = None) -> Value:
    """Null elements are left out; anything but text makes the result null."""
    parts = [item for item in list_ if item is not None]
    texts = [item for item in parts if isinstance(item, str)]
    if len(texts) != len(parts):
        return None
    run.text(sum(map(len, texts)) + len(texts) * len(delimiter or ""))
    return (delimiter or "").join(texts)


@function("matches")
def matches(run: Run, input_: str, pattern: str, flags: str | None = None) -> Value:
    """Whether the pattern is found anywhere; anchor it with ``^…$`` for the whole text."""
    compiled = _compiled(run, input_, pattern, flags)
    return compiled.expression.search(input_) is not None


@function("replace")
def replace(run: Run, input_: str, pattern: str, replacement: str, flags: str | None = None) -> Value:
    """Every match replaced; ``$1`` to ``$9`` are the groups, ``$0`` the match."""
    compiled = _compiled(run, input_, pattern, flags)
    parts: list[str] = []
    end = length = 0
    for found in compiled.expression.finditer(input_):
        parts += [input_[end:found.start()], _filled(replacement, found)]
        end = found.end()
        length += len(parts[-1])
        run.tick(1 + len(parts[-1]) // 32)
        run.text(length) if length > MAX_TEXT else None
    parts.append(input_[end:])
    run.text(sum(map(len, parts)))
    return "".join(parts)


def _filled(replacement: str, found: re.Match[str]) -> str:
    if "$" not in replacement:
        return replacement
    groups = found.re.groups
    return _REFERENCE.sub(lambda mark: (found[int(mark[1])] or "") if int(mark[1]) <= groups else "", replacement)


@function("split")
def split(run: Run, string: str, delimiter: str) -> Value:
    """The parts between the matches of a pattern; groups in the pattern are not returned."""
    compiled = _compiled(run, string, delimiter, None)
    parts: list[Value] = []
    end = 0
    for found in compiled.expression.finditer(string):
        if found.end() > found.start():
            parts.append(string[end:found.start()])
            end = found.end()
    run.elements(len(parts) + 1)
    return [*parts, string[end:]]


def _compiled(run: Run, text: str, pattern: str, flags: str | None) -> Pattern:
    """The checked pattern; its worst case on this text is charged before it runs."""
    compiled = safe_pattern(pattern, flags or "")
    run.tick(5 + compiled.charge(len(text)) // 200)
    return compiled
