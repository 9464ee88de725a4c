"""A small load generator: coroutines over kept-alive connections, the same for the floor and the product."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import aiohttp

T = TypeVar("T")


def percentile(values: Sequence[float], p: float) -> float:
    """Linear interpolation between the closest ranks; ``values`` must not be empty."""
    ordered = sorted(values)
    at = (len(ordered) - 1) * p / 100
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def median(values: Sequence[float]) -> float:
    return percentile(values, 50)


@dataclass
class Phase:
    """What one kind of call measured: seconds each, and the rate of each batch, calls a second."""

    seconds: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    @property
    def p50_ms(self) -> float:
        return percentile(self.seconds, 50) * 1000

    @property
    def p95_ms(self) -> float:
        return percentile(self.seconds, 95) * 1000


class Door(Protocol):
    """One server under load: how it is asked to start, complete and list. Each raises when the answer is wrong."""

    async def start(self, key: str = "bench_two_steps") -> str: ...
    async def complete(self, item: str, amount: int = 500) -> None: ...
    async def list_tasks(self) -> None: ...
    async def open_items(self, first: Sequence[str]) -> list[str]: ...
    async def close(self) -> None: ...


async def timed(call: Awaitable[object], phase: Phase) -> None:
    begun = time.perf_counter()
    await call
    phase.seconds.append(time.perf_counter() - begun)


async def spread(items: Sequence[T], clients: int, call: Callable[[T], Awaitable[None]]) -> float:
    """Work through the items with n clients; wall seconds."""
    waiting = iter(items)

    async def client() -> None:
        for item in waiting:
            await call(item)

    begun = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return time.perf_counter() - begun


async def alternate(calls: Sequence[Callable[[], Awaitable[object]]], phases: Sequence[Phase], count: int) -> None:
    """Call one after the other, again and again: whatever slows the machine slows all of them."""
    for _ in range(count):
        for call, phase in zip(calls, phases, strict=True):
            await timed(call(), phase)


async def answer(response: aiohttp.ClientResponse, expected: int) -> str:
    """The body. Raises when the status is another."""
    body = await response.text()
    if response.status != expected:
        raise RuntimeError(f"{response.method} {response.url.path}: {response.status} instead of {expected}: {body[:400]}")
    return body
