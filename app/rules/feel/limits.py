"""The bounds that keep a hostile expression cheap, and the meter that is passed through an evaluation.

Source: measured with the attack corpus in ``tests/unit/rules/hostile.py``; every attack ends within half a second.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from decimal import Context, DivisionByZero, InvalidOperation, Overflow
from typing import TYPE_CHECKING

from app.rules.errors import FeelError, FeelLimit

if TYPE_CHECKING:
    from app.rules.calendar import WorkCalendar
    from app.rules.feel.values import Value

MAX_SOURCE = 4000      # characters of an expression
MAX_TEMPLATE = 50_000  # characters of a template text
MAX_NODES = 1000       # nodes of its syntax tree
MAX_NESTING = 40       # brackets, ifs and fors inside each other
MAX_HEIGHT = 150       # levels of its syntax tree, chains included
MAX_STEPS = 100_000    # units of work of one evaluation: one element, one call, 32 characters of text
MAX_LIST = 20_000      # elements of a list
MAX_TEXT = 65_536      # characters of a string
MAX_CALLS = 50         # calls of user-defined functions inside each other
MAX_VALUE_DEPTH = 40   # lists and contexts inside each other
MAX_SECONDS = 0.35     # wall clock of one evaluation
LOOK_EVERY = 500       # steps between two looks at the clock

# 34 significant digits as DMN prescribes (decimal128); the exponent is that of the browser's numbers.
NUMBERS = Context(prec=34, Emax=308, Emin=-308, traps=[InvalidOperation, DivisionByZero, Overflow])


class Run:
    """One evaluation: its outer variables, its clock and calendar, and what it may still spend."""

    __slots__ = ("calendar", "calls", "context", "deadline", "left", "look", "now", "strict", "top")

    def __init__(self, context: Mapping[str, object], now: datetime | None = None,
                 calendar: WorkCalendar | None = None, strict: bool = False) -> None:
        self.context, self.now, self.calendar, self.strict = context, now, calendar, strict
        self.top: dict[str, Value] = {}
        self.left, self.look = MAX_STEPS, MAX_STEPS - LOOK_EVERY
        self.deadline: float | None = None
        self.calls = 0

    def tick(self, steps: int = 1) -> None:
        """Spend steps before the work is done. Raises FeelLimit when none are left or time is up."""
        self.left -= steps
        if self.left < self.look:
            self._look_at_clock()

    def text(self, length: int) -> None:
        """Announce a string of this length before it is built."""
        if length > MAX_TEXT:
            raise FeelLimit(f"文字超過 {MAX_TEXT} 個字。")
        self.tick(1 + length // 32)

    def elements(self, count: int) -> None:
        """Announce a list of this many elements before it is built."""
        if count > MAX_LIST:
            raise FeelLimit(f"清單超過 {MAX_LIST} 項。")
        self.tick(1 + count)

    def instant(self) -> datetime:
        """The clock that was handed in; there is no other."""
        if self.now is None:
            raise FeelError("這裡沒有提供目前時間，不能使用 now() 或 today()。")
        return self.now

    def _look_at_clock(self) -> None:
        if self.left < 0:
            raise FeelLimit("運算式計算量過大。")
        if self.deadline is None:
            self.deadline = time.monotonic() + MAX_SECONDS
        elif time.monotonic() > self.deadline:
            raise FeelLimit("運算式計算時間過長。")
        self.look = self.left - LOOK_EVERY
