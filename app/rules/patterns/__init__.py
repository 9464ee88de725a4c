"""Regular expressions that cannot run away.

A pattern is parsed by us, its worst case on a text is known before it runs, and only then Python's ``re`` sees it,
rewritten: ``\\d`` and ``\\w`` mean ASCII as in the browser, ``$`` means the very end. Look-around, back references and
named groups are not offered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from app.rules.errors import FeelError, FeelLimit
from app.rules.patterns.cost import starts_anchored, worst_case
from app.rules.patterns.parser import Part, parse_pattern

MAX_PATTERN = 200      # characters of a pattern
MAX_WORK = 5_000_000   # steps of one search in the worst case, about a tenth of a second
_FLAGS = {"i": re.IGNORECASE, "s": re.DOTALL, "m": re.MULTILINE, "x": re.NOFLAG}


@dataclass(frozen=True, slots=True)
class Pattern:
    """A checked pattern. Call ``charge`` with the length of the text before using ``expression``."""

    expression: re.Pattern[str]
    tree: Part
    anchored: bool

    def charge(self, length: int) -> int:
        """Steps the search may take on a text of this length. Raises FeelLimit when that is too many."""
        work = worst_case(self.tree, length) * (1 if self.anchored else length + 1) + length
        if work > MAX_WORK:
            raise FeelLimit("這個樣式比對這段文字可能過久，請縮短文字或改寫樣式。")
        return work


@lru_cache(512)
def safe_pattern(pattern: str, flags: str = "") -> Pattern:
    """The pattern, ready for use.

    flags   any of i (ignore case), s (dot matches line ends), m (^ and $ at lines), x (blanks do not count)
    Raises  FeelError when it cannot be read, FeelLimit when it could backtrack without end
    """
    if len(pattern) > MAX_PATTERN:
        raise FeelLimit(f"樣式太長，最多 {MAX_PATTERN} 個字。")
    if set(flags) - set(_FLAGS):
        raise FeelError(f"不支援的樣式旗標「{flags[:10]}」。")
    tree, rewritten = parse_pattern(pattern, flags)
    worst_case(tree, 1)
    options = re.ASCII
    for flag in flags:
        options |= _FLAGS[flag]
    return Pattern(re.compile(rewritten, options), tree, "m" not in flags and starts_anchored(tree))
