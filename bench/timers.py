"""Timers: what a look at ten thousand waiting ones costs, how many fire in a second, and how late they are."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app import clock
from app.actor import SYSTEM
from app.config import ROOT
from app.engine import commands
from app.engine.models import RUNNING, PackageVersion, ProcessInstance, Timer
from app.extensions import db, unit_of_work
from app.jobs import processes, rounds
from bench import floor, floor_timers
from bench.figures import Figure
from bench.load import percentile
from bench.servers import Sites
from bench.sizes import Sizes
from bench.worlds import World

LONGEST_WAIT_S = 30
LOOK_S = 0.01                  # between two looks at what is still waiting


def poll(sites: Sites, sizes: Sizes) -> dict[str, Figure]:
    """The scheduler's look at the timers when none is due; in turn with the floor's."""
    world = sites.get("small").world
    engine = _fill(sites, sizes)
    with world.app.app_context(), Session(engine) as session:
        ours = _looking(lambda: rounds.fire_timers(clock.now(), rounds.Failures()))
        floors = _looking(lambda: (floor_timers.poll(session), session.rollback()))
        pairs = [(next(ours), next(floors)) for _ in range(sizes.polls)]
        db.session.remove()
    values = [percentile(each, 50) * 1000 for each in zip(*pairs, strict=True)]
    return {"timer_poll_10k": Figure("timer_poll_10k", *values)}


def _looking(look: Callable[[], object]) -> Iterator[float]:
    while True:
        begun = time.perf_counter()
        look()
        yield time.perf_counter() - begun


def fired(sites: Sites, sizes: Sizes) -> dict[str, Figure]:
    """Many at once, one process: batches of ours and the floor's in turn."""
    world = sites.get("small").world
    engine = _fill(sites, sizes)
    rates: tuple[list[float], list[float]] = ([], [])
    for _ in range(3):
        cases = start_waiting(world, [3600.0] * (sizes.fired // 3))
        with clock.frozen(clock.now() + timedelta(hours=2)), world.app.app_context():
            rates[0].append(_rate(len(cases), lambda: rounds.fire_timers(clock.now(), rounds.Failures())))
            db.session.remove()
        waiting = floor_timers.start(engine, sizes.fired // 3)
        time.sleep(floor_timers.WAITS.total_seconds() + 0.2)
        rates[1].append(_rate(len(waiting), lambda: floor_timers.fire_due(engine)))
    return {"timers_fired_per_s": Figure("timers_fired_per_s", *(percentile(each, 50) for each in rates))}


def _rate(expected: int, fire: Callable[[], int]) -> float:
    begun, count = time.perf_counter(), 0
    while gone := fire():
        count += gone
    if count != expected:
        raise RuntimeError(f"{count} timers fired instead of {expected}")
    return count / (time.perf_counter() - begun)


def delay(sites: Sites, sizes: Sizes) -> dict[str, Figure]:
    """From the due instant until the change can be seen, with the real scheduler process beside the floor's own."""
    site = sites.get("small")
    world, engine = site.world, _fill(sites, sizes)
    command = [sys.executable, "-m", "bench.floor_timers"]
    with _running(processes.scheduler(), world.config.environ()), _running(command, {"FLOOR_URL": world.floor_url}):
        _warm_up(world, engine)
        cases = start_waiting(world, [1 + 0.2 * number for number in range(sizes.delayed)])
        ours = _watch(_due_of(world, cases), lambda: _still_waiting(world, cases))
        floors = [late for number in range(0, sizes.delayed, 5) for late in _floor_delays(engine, 5)]
    return {"timer_delay_p95": Figure("timer_delay_p95", percentile(ours, 95), percentile(floors, 95))}


def _warm_up(world: World, engine: sa.Engine) -> None:
    """Both processes have fired one timer, so that their start is not measured."""
    cases = start_waiting(world, [0.1])
    _watch(_due_of(world, cases), lambda: _still_waiting(world, cases))
    _floor_delays(engine, 1)


def _floor_delays(engine: sa.Engine, count: int) -> list[float]:
    ids = floor_timers.start(engine, count)

    def waiting() -> set[int]:
        with Session(engine) as session:
            return set(session.scalars(sa.select(floor.Timer.id).where(floor.Timer.id.in_(ids))))

    with Session(engine) as session:
        due = {row.id: row.due.replace(tzinfo=UTC).timestamp() for row in
               session.scalars(sa.select(floor.Timer).where(floor.Timer.id.in_(ids)))}
    return _watch(due, waiting)


def _watch(due: dict[int, float], waiting: Callable[[], set[int]]) -> list[float]:
    """Seconds from each due instant (Unix time) until it is no longer waiting."""
    late: list[float] = []
    left = set(due)
    patience = max(due.values(), default=0) + LONGEST_WAIT_S
    while left:
        still = waiting()
        late += [time.time() - due[gone] for gone in left - still]
        left &= still
        if time.time() > patience:
            return [*late, *(time.time() - due[one] for one in left)]
        time.sleep(LOOK_S)
    return late


def start_waiting(world: World, seconds: Iterable[float]) -> list[int]:
    """Cases that wait that long; their ids."""
    with world.app.app_context():
        ids = []
        for wait in seconds:
            with unit_of_work(SYSTEM) as uow:
                due = uow.now + timedelta(seconds=wait)
                case = commands.start(uow, "bench_timer", title="效能量測", business_key=f"T-{due.timestamp()}-{len(ids)}",
                                      parties={}, variables={"wait": due.isoformat()})
                ids.append(case.id)
        db.session.remove()
        return ids


def _due_of(world: World, cases: list[int]) -> dict[int, float]:
    with world.app.app_context():
        rows = db.session.execute(sa.select(Timer.instance_id, Timer.due_at).where(Timer.instance_id.in_(cases))).all()
        db.session.remove()
    return {row.instance_id: row.due_at.timestamp() for row in rows}


def _still_waiting(world: World, cases: list[int]) -> set[int]:
    with world.app.app_context():
        found = set(db.session.scalars(sa.select(Timer.instance_id).where(Timer.instance_id.in_(cases))))
        db.session.remove()
    return found


def _fill(sites: Sites, sizes: Sizes) -> sa.Engine:
    """Timers that are not due, topped up once; the floor's engine."""
    world = sites.get("small").world
    engine = floor.open_engine(world.floor_url)
    with world.app.app_context():
        with unit_of_work(SYSTEM) as uow:
            have = uow.session.scalar(sa.select(sa.func.count()).select_from(Timer)) or 0
            if have < sizes.waiting:
                _insert(uow.session, sizes.waiting)
                floor_timers.fill(engine, sizes.waiting)
        db.session.remove()
    return engine


def _insert(session: Session, count: int) -> None:
    now = clock.now()
    version = session.scalar(sa.select(PackageVersion.id).where(PackageVersion.key == "bench_timer"))
    cases = list(session.scalars(sa.insert(ProcessInstance).returning(ProcessInstance.id), [
        {"version_id": version, "package_key": "bench_timer", "business_key": f"W-{n}", "title": "效能量測",
         "parties": {}, "status": RUNNING, "state": b"", "started_at": now, "started_by": "系統"} for n in range(count)]))
    session.execute(sa.insert(Timer), [
        {"instance_id": case, "task_id": f"wait-{case}", "node_id": "wait_moment", "name": "等候",
         "due_at": now + timedelta(days=1)} for case in cases])


@contextmanager
def _running(command: list[str], environ: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environ})
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)
