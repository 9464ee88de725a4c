"""What is done, where the case stands, how many cases wait: as classes of the stylesheet and as words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

LEVELS = (1, 10, 30, 60)       # open cases from which a step is drawn darker, q-h1 … q-h4


class Count(NamedTuple):
    """Open cases at a step and how many of them are overdue."""

    open: int
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """Classes of a shape, of its words and of its signs."""

    shape: str = "n"
    text: str = ""
    glyph: str = "g"


@dataclass(frozen=True, slots=True)
class State:
    done: Collection[str] = frozenset()
    flows: Collection[str] = frozenset()
    now: Collection[str] = frozenset()
    counts: Mapping[str, Count] = field(default_factory=dict)

    @property
    def tells_path(self) -> bool:
        return bool(self.done or self.now or self.flows)

    def look(self, node: str) -> Look:
        if node in self.now:
            return Look("n-now", "t-now", "g g-now")
        count = self.counts.get(node)
        if count is not None and count.open:
            level = sum(count.open >= least for least in LEVELS)
            return Look(f"n q-h{level}", "t-now", "g g-now") if level > 2 else Look(f"n q-h{level}")
        return Look("n-on") if node in self.done else Look()

    def edge(self, flow: str) -> str:
        """Walked, not walked yet, or plain when the picture tells no path."""
        if flow in self.flows:
            return "e-on"
        return "e" if self.tells_path else "e-p"

    def words(self, node: str, name: str) -> str:
        """For the title of a step, read aloud and shown on hover."""
        count = self.counts.get(node)
        if count is not None:
            late = f"，逾期 {count.overdue} 件" if count.overdue else ""
            return f"{name}：{count.open} 件{late}"
        if node in self.now:
            return f"{name}：目前步驟"
        return f"{name}：已完成" if node in self.done else name
