"""How much is measured: enough for a figure, or just enough to see that the bench works."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """
    cases         cases in turn with one client
    batch, rounds   cases a batch with eight clients, batches
    pages, page_rounds   queue pages of each server in a round, rounds
    few, many     open items of the two queues
    aged, all_rounds   loop rounds before the old case is measured, and in all
    rounds_measured    completions of the old and of young cases
    waiting       waiting timers that are not due
    polls         timer polls
    fired         timers that are due at once
    delayed       timers whose delay is watched
    """

    cases: int = 300
    batch: int = 40
    rounds: int = 15
    pages: int = 60
    page_rounds: int = 5
    few: int = 1_000
    many: int = 100_000
    aged: int = 500
    all_rounds: int = 1_200
    rounds_measured: int = 100
    waiting: int = 10_000
    polls: int = 100
    fired: int = 300
    delayed: int = 40


FULL = Sizes()
QUICK = Sizes(cases=3, batch=4, rounds=1, pages=3, page_rounds=1, few=30, many=300, aged=4, all_rounds=10, rounds_measured=3,
              waiting=100, polls=5, fired=6, delayed=3)
