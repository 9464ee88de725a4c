"""An old case must cost what a young one does: completions after hundreds of rounds of a correction loop."""

from __future__ import annotations

import asyncio
import secrets

import sqlalchemy as sa

from app.accounts.models import User
from app.accounts.queries import actor_of
from app.engine import commands, queries
from app.engine.models import DONE, ProcessInstance, WorkItem
from app.extensions import db, unit_of_work
from bench.figures import Figure
from bench.load import Phase, timed
from bench.servers import Site, Sites
from bench.sizes import Sizes
from bench.worlds import EMAIL, World

ONCE_MORE, ENOUGH = 500, 50


def old_and_young(sites: Sites, sizes: Sizes) -> dict[str, Figure]:
    site = sites.get("small")
    old, young, item = asyncio.run(_measure(site, sizes))
    left = sizes.all_rounds - sizes.aged - sizes.rounds_measured
    finished = _go_round(site.world, item, left, last=ENOUGH)
    return {"loop_ratio_500": Figure("loop_ratio_500", old.p50_ms, young.p50_ms, holds=finished == DONE)}


async def _measure(site: Site, sizes: Sizes) -> tuple[Phase, Phase, str]:
    """The old case and young ones in turn, through the web; the open task of the old case at the end."""
    door = await site.product_door().log_in()
    try:
        item = await door.start("bench_loop")
        _go_round(site.world, item, sizes.aged)
        old, young = Phase(), Phase()
        fresh = [await door.start("bench_loop") for _ in range(sizes.rounds_measured)]
        for one in fresh:
            item, = await door.open_items([item])
            await timed(door.complete(item, ONCE_MORE), old)
            await timed(door.complete(one, ONCE_MORE), young)
        return old, young, item
    finally:
        await door.close()


def _go_round(world: World, item: str, rounds: int, last: int = ONCE_MORE) -> str:
    """Complete that many rounds of the case of ``item``, the last with ``last``; the status of the case."""
    with world.app.app_context():
        case = db.session.scalar(sa.select(WorkItem.instance_id).where(WorkItem.id == item)) or 0
        actor = actor_of(db.session.scalars(sa.select(User).where(User.email == EMAIL)).unique().one())
        for number in range(rounds):
            amount = last if number == rounds - 1 else ONCE_MORE
            with unit_of_work(actor) as uow:
                for one in queries.case_items(uow.session, case):
                    commands.complete(uow, one.id, {"amount": amount}, expected=1, command_key=secrets.token_hex(8))
        status = db.session.scalar(sa.select(ProcessInstance.status).where(ProcessInstance.id == case)) or ""
        db.session.remove()
    return status
