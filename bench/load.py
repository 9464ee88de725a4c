"""A small load generator: coroutines over kept-alive connections, the same for the floor and the product."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp


def percentile(values: Sequence[float], p: float) -> float:
    """Linear interpolation between the closest ranks; ``values`` must not be empty."""
    ordered = sorted(values)
    at = (len(ordered) - 1) * p / 100
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


@dataclass
class Phase:
    """What one stretch of work measured: seconds a call, and wall seconds in all."""

    seconds: list[float] = field(default_factory=list)
    wall: float = 0.0

    @property
    def p50_ms(self) -> float:
        return percentile(self.seconds, 50) * 1000

    @property
    def p95_ms(self) -> float:
        return percentile(self.seconds, 95) * 1000

    @property
    def per_s(self) -> float:
        return len(self.seconds) / self.wall


async def spread(items: Sequence[Any], clients: int, call: Callable[[Any], Awaitable[None]]) -> float:
    """Work through the items with n clients; wall seconds."""
    waiting = iter(items)

    async def client() -> None:
        for item in waiting:
            await call(item)

    begun = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return time.perf_counter() - begun


class Target:
    """One server under load. Subclasses say how it starts and completes."""

    def __init__(self, base: str, headers: dict[str, str], cookies: dict[str, str] | None = None) -> None:
        self.base, self.headers, self.cookies = base, headers, cookies

    async def start(self, session: aiohttp.ClientSession) -> Any:
        raise NotImplementedError

    async def complete(self, session: aiohttp.ClientSession, item: Any) -> Any:
        """Complete one open task and return the next one, or None at the end."""
        raise NotImplementedError

    async def timed(self, session: aiohttp.ClientSession, method: str, path: str, phase: Phase | None = None,
                    **kwargs: Any) -> tuple[int, str, Any]:
        begun = time.perf_counter()
        async with session.request(method, self.base + path, allow_redirects=False, **kwargs) as answer:
            body = await answer.text()
        if phase is not None:
            phase.seconds.append(time.perf_counter() - begun)
        return answer.status, body, answer.headers

    def open(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(headers=self.headers, cookies=self.cookies,
                                     cookie_jar=None if self.cookies is None else aiohttp.CookieJar(unsafe=True))


async def run_round(target: Target, clients: int, count: int) -> tuple[Phase, Phase]:
    """``count`` cases started, then both of their tasks completed: (starts, completions)."""
    starts, completions = Phase(), Phase()
    async with target.open() as session:
        first: list[Any] = []

        async def start(_: Any) -> None:
            begun = time.perf_counter()
            first.append(await target.start(session))
            starts.seconds.append(time.perf_counter() - begun)

        async def complete_into(item: Any, following: list[Any]) -> None:
            begun = time.perf_counter()
            following.append(await target.complete(session, item))
            completions.seconds.append(time.perf_counter() - begun)

        starts.wall = await spread(range(count), clients, start)
        second: list[Any] = []
        last: list[Any] = []
        completions.wall = await spread(first, clients, lambda item: complete_into(item, second))
        completions.wall += await spread(second, clients, lambda item: complete_into(item, last))
    return starts, completions
