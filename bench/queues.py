"""The queue page at a thousand and at a hundred thousand open items, a tenth of them the officer's."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import clock
from app.actor import SYSTEM
from app.engine.models import OPEN, RUNNING, PackageVersion, ProcessInstance, WorkItem
from app.extensions import db, unit_of_work
from bench import floor
from bench.figures import Figure
from bench.load import Phase, alternate, median
from bench.servers import Site, Sites
from bench.sizes import Sizes
from bench.worlds import ROLE, World

WARM_UP = 10                   # pages
ROLES = (ROLE, "approver", "tester", "finance", "seal", "designer", "manager", "agency", "committee", "undertaker")


def pages(sites: Sites, sizes: Sizes) -> dict[str, Figure]:
    """Page by page in turn: ours with many, the floor with many, ours with few; medians of the rounds."""
    many, few = sites.get("large"), sites.get("small")
    for site, total in ((many, sizes.many), (few, sizes.few)):
        fill(site.world, total)
        floor.fill_queue(site.world.floor_url, total)
    rounds = asyncio.run(_read(many, few, sizes))
    p95 = [median([of_one.p95_ms for of_one in each]) for each in zip(*rounds, strict=True)]
    p50 = [median([of_one.p50_ms for of_one in each]) for each in zip(*rounds, strict=True)]
    return {"queue_p95_100k": Figure("queue_p95_100k", p95[0], p95[1]),
            "queue_ratio_100k_1k": Figure("queue_ratio_100k_1k", p50[0], p50[2])}


async def _read(many: Site, few: Site, sizes: Sizes) -> list[list[Phase]]:
    """Rounds of (ours with many, the floor with many, ours with few)."""
    doors = [await many.product_door().log_in(), many.floor_door(), await few.product_door().log_in()]
    calls = [door.list_tasks for door in doors]
    await alternate(calls, [Phase(), Phase(), Phase()], WARM_UP)
    rounds = [[Phase(), Phase(), Phase()] for _ in range(sizes.page_rounds)]
    for phases in rounds:
        await alternate(calls, phases, sizes.pages)
    for door in doors:
        await door.close()
    return rounds


def fill(world: World, total: int) -> None:
    """Top the open items up to ``total``; every other one of a role belongs to a colleague or is the office's pool."""
    with world.app.app_context():
        with unit_of_work(SYSTEM) as uow:
            have = uow.session.scalar(sa.select(sa.func.count()).select_from(WorkItem).where(WorkItem.status == OPEN)) or 0
            version = uow.session.scalar(sa.select(PackageVersion.id).where(PackageVersion.key == "bench_two_steps"))
            for at in range(have, total, 5000):
                _insert(uow.session, range(at, min(total, at + 5000)), version or 0)
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("analyze")
        db.session.remove()


def _insert(session: Session, numbers: range, version: int) -> None:
    now = clock.now()
    cases = session.scalars(sa.insert(ProcessInstance).returning(ProcessInstance.id), [
        {"version_id": version, "package_key": "bench_two_steps", "business_key": f"Q-{n}", "title": "效能量測",
         "parties": {}, "status": RUNNING, "state": b"", "started_at": now, "started_by": "系統"} for n in numbers])
    session.execute(sa.insert(WorkItem), [
        {"id": f"00000000-0000-4000-8000-{n:012d}", "instance_id": case, "package_key": "bench_two_steps",
         "business_key": f"Q-{n}", "title": "效能量測", "node_id": "fill_request", "name": "填寫需求", "role": ROLES[n % 10],
         "form_key": "bench_two_steps/small", "properties": {"formKey": "bench_two_steps/small", "outputs": "amount"},
         "status": OPEN, "version": 1, "opened_at": now, "due_at": now + timedelta(minutes=n % 43200),
         "sort_at": now + timedelta(minutes=n % 43200), "assignee_id": 999 if n // 10 % 2 else None,
         "assignee": "同事" if n // 10 % 2 else None} for n, case in zip(numbers, cases, strict=True)])
