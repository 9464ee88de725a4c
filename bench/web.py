"""Cases through the web: latency and throughput of completions, starts, and the memory of a worker."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bench.doors import FloorDoor, ProductDoor
from bench.figures import Figure
from bench.load import Phase, alternate, median, spread, timed
from bench.servers import Site, Sites
from bench.sizes import Sizes

WARM_UP = 20                   # cases each
CLIENTS = 8
Doors = tuple[ProductDoor, FloorDoor]


def one_client(sites: Sites, sizes: Sizes) -> dict[str, Figure]:
    """Starts and completions in turn, request by request: one of ours, one of the floor's."""
    site = sites.get("small")
    ours, floors = asyncio.run(_with_doors(site, lambda doors: _in_turn(doors, sizes.cases)))
    return {"complete_p50_c1": Figure("complete_p50_c1", ours[1].p50_ms, floors[1].p50_ms),
            "starts_per_s_c1": Figure("starts_per_s_c1", *(1000 / kind[0].p50_ms for kind in (ours, floors)))}


def eight_clients(sites: Sites, sizes: Sizes) -> dict[str, Figure]:
    """Batches in turn; the median of their rates."""
    site = sites.get("small")
    ours, floors = asyncio.run(_with_doors(site, lambda doors: _batches(doors, sizes.batch, sizes.rounds)))
    return {"completions_per_s_c8": Figure("completions_per_s_c8", median(ours.rates), median(floors.rates))}


def memory(sites: Sites, sizes: Sizes) -> dict[str, Figure]:
    """After the work above, or after some of its own, and after the pages that an officer looks at."""
    site = sites.get("small")
    asyncio.run(_with_doors(site, lambda doors: _batches(doors, sizes.batch, 1)))
    asyncio.run(_with_doors(site, lambda doors: spread(range(40), 4, lambda _: doors[0].list_tasks())))
    return {"rss_web": Figure("rss_web", site.product.rss_mb(), site.floor.rss_mb())}


async def _with_doors(site: Site, work) -> object:
    doors = (await site.product_door().log_in(), site.floor_door())
    try:
        await _warm_up(doors)
        return await work(doors)
    finally:
        for door in doors:
            await door.close()


async def _warm_up(doors: Doors) -> None:
    for door in doors:
        await _complete_all(door, await _start_all(door, WARM_UP, 4), 4, Phase())


async def _in_turn(doors: Doors, cases: int) -> tuple[Sequence[Phase], Sequence[Phase]]:
    """(starts, completions) of ours and of the floor."""
    starts, completions = (Phase(), Phase()), (Phase(), Phase())
    items: list[list[str]] = [[], []]

    def starting(which: int):
        async def start() -> None:
            items[which].append(await doors[which].start())
        return start

    await alternate([starting(0), starting(1)], starts, cases)
    for _ in ("first task", "second task"):
        for mine, theirs in zip(*items, strict=True):
            await timed(doors[0].complete(mine), completions[0])
            await timed(doors[1].complete(theirs), completions[1])
        items = [await door.open_items(have) for door, have in zip(doors, items, strict=True)]
    return (starts[0], completions[0]), (starts[1], completions[1])


async def _batches(doors: Doors, cases: int, rounds: int) -> tuple[Phase, Phase]:
    phases = (Phase(), Phase())
    for _ in range(rounds):
        for door, phase in zip(doors, phases, strict=True):
            await _complete_all(door, await _start_all(door, cases, CLIENTS), CLIENTS, phase)
    return phases


async def _start_all(door: ProductDoor | FloorDoor, cases: int, clients: int) -> list[str]:
    started: list[str] = []

    async def start(_: int) -> None:
        started.append(await door.start())

    await spread(range(cases), clients, start)
    return started


async def _complete_all(door: ProductDoor | FloorDoor, items: Sequence[str], clients: int, phase: Phase) -> None:
    """Both tasks of each case; adds one rate."""
    seconds = await spread(items, clients, door.complete)
    following = await door.open_items(items)
    seconds += await spread(following, clients, door.complete)
    phase.rates.append((len(items) + len(following)) / seconds)
