"""What is measured, what must hold (design.md §7), and the line that is printed."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

_HOLDS: dict[str, Callable[[float, float], bool]] = {"<=": operator.le, ">=": operator.ge, "==": operator.eq}


@dataclass(frozen=True, slots=True)
class Target:
    """What must hold: the value itself, or its ratio to the floor."""

    of: Literal["value", "ratio"]
    sign: Literal["<=", ">=", "=="]
    limit: float

    def __str__(self) -> str:
        return f"{self.of} {self.sign} {self.limit:g}"

    def holds(self, value: float, ratio: float) -> bool:
        return _HOLDS[self.sign](value if self.of == "value" else ratio, self.limit)


UNITS = {
    "complete_p50_c1": "ms", "completions_per_s_c8": "1/s", "sql_per_completion": "statements",
    "commits_per_completion": "commits", "starts_per_s_c1": "1/s", "queue_p95_100k": "ms", "queue_ratio_100k_1k": "ms",
    "loop_ratio_500": "ms", "timer_poll_10k": "ms", "timers_fired_per_s": "1/s", "timer_delay_p95": "s", "rss_web": "MB"}

TARGETS = {
    "complete_p50_c1": Target("ratio", "<=", 1.7),
    "completions_per_s_c8": Target("ratio", ">=", 0.65),
    "sql_per_completion": Target("value", "<=", 20),
    "commits_per_completion": Target("value", "==", 1),
    "starts_per_s_c1": Target("ratio", ">=", 0.55),          # 80/s where the floor reaches 146/s
    "queue_p95_100k": Target("value", "<=", 15),
    "queue_ratio_100k_1k": Target("ratio", "<=", 1.5),
    "loop_ratio_500": Target("ratio", "<=", 1.2),
    "timer_poll_10k": Target("value", "<=", 5),
    "timers_fired_per_s": Target("value", ">=", 100),
    "timer_delay_p95": Target("value", "<=", 2),
    "rss_web": Target("value", "<=", 110),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value beside its floor. ``holds`` False: something else failed that the number does not show.

    floor  the same work done by the floor server; for the two ``…_ratio_…`` metrics the same page or
           completion of ours where there is little (1,000 open items, round 0)
    """

    metric: str
    value: float
    floor: float
    holds: bool = True

    @property
    def ratio(self) -> float:
        return self.value / self.floor

    @property
    def is_ok(self) -> bool:
        return self.holds and TARGETS[self.metric].holds(self.value, self.ratio)

    def line(self, db: str) -> str:
        return json.dumps({
            "metric": self.metric, "db": db, "value": round(self.value, 3), "unit": UNITS[self.metric],
            "floor": round(self.floor, 3), "ratio": round(self.ratio, 3), "target": str(TARGETS[self.metric]),
            "ok": self.is_ok})


def missing(metric: str, db: str) -> str:
    """The line of a figure that could not be measured."""
    return json.dumps({"metric": metric, "db": db, "value": None, "unit": UNITS[metric], "floor": None, "ratio": None,
                       "target": str(TARGETS[metric]), "ok": False})
