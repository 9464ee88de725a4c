"""Sets of characters as sorted ranges of code points."""

from __future__ import annotations

from collections.abc import Iterable

Charset = tuple[tuple[int, int], ...]
LAST = 0x10FFFF
NONE: Charset = ()
ANY: Charset = ((0, LAST),)
LINE_ENDS: Charset = ((10, 10),)
DIGITS: Charset = ((48, 57),)
WORD: Charset = ((48, 57), (65, 90), (95, 95), (97, 122))
BLANKS: Charset = ((9, 13), (32, 32), (160, 160), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029),
                   (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF))


def joined(sets: Iterable[Charset]) -> Charset:
    ranges = sorted(pair for charset in sets for pair in charset)
    merged: list[tuple[int, int]] = []
    for low, high in ranges:
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def complement(charset: Charset) -> Charset:
    found: list[tuple[int, int]] = []
    low = 0
    for start, end in charset:
        if start > low:
            found.append((low, start - 1))
        low = end + 1
    if low <= LAST:
        found.append((low, LAST))
    return tuple(found)


def overlap(first: Charset, second: Charset) -> bool:
    return any(low <= end and start <= high for low, high in first for start, end in second)


def both_cases(charset: Charset) -> Charset:
    """With the other case of the ASCII letters in it."""
    swapped = [(max(low, base) + shift, min(high, base + 25) + shift)
               for low, high in charset for base, shift in ((65, 32), (97, -32))
               if low <= base + 25 and high >= base]
    return joined((charset, tuple(swapped)))


def as_class(charset: Charset) -> str:
    """The set as Python's ``re`` writes it."""
    if not charset:
        return r"(?!)"
    return "[" + "".join(_code(low) if low == high else f"{_code(low)}-{_code(high)}" for low, high in charset) + "]"


def _code(point: int) -> str:
    return f"\\U{point:08x}"
