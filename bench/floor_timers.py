"""The floor's timers: an index on the due instant, one row locked, restore, run, save, delete, commit."""

from __future__ import annotations

import os
import signal
import threading
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from SpiffWorkflow.bpmn import BpmnWorkflow
from sqlalchemy.orm import Session

from app.extensions import begin_writing
from bench.floor import SERIALIZER, Case, Timer, open_engine, specification

PAUSE_S = 0.3                  # between two polls, the product's own
WAITS = timedelta(seconds=1)   # what the diagram says


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def poll(session: Session, limit: int = 50) -> list[int]:
    """Ids of timers that are due."""
    return list(session.scalars(sa.select(Timer.id).where(Timer.due <= _now()).order_by(Timer.due).limit(limit)))


def fill(engine: sa.Engine, waiting: int) -> None:
    """Timers that are not due for a day."""
    begin_writing()
    with Session(engine) as session:
        due = _now() + timedelta(days=1)
        session.execute(sa.insert(Timer), [{"case": 0, "due": due} for _ in range(waiting)])
        session.commit()


def start(engine: sa.Engine, count: int) -> list[int]:
    """Cases that wait for a second; ids of their timers."""
    spec = specification("floor_timer.bpmn", "bench_floor_timer")
    begin_writing()
    with Session(engine) as session:
        timers = []
        for _ in range(count):
            workflow = BpmnWorkflow(spec)
            workflow.do_engine_steps()
            case = Case(state=SERIALIZER.serialize_json(workflow), status="wait")
            session.add(case)
            session.flush()
            timers.append(Timer(case=case.id, due=_now() + WAITS))
        session.add_all(timers)
        session.commit()
        return [timer.id for timer in timers]


def fire(engine: sa.Engine, timer_id: int) -> None:
    """One timer, one transaction."""
    with Session(engine) as session:
        timer = session.get(Timer, timer_id, with_for_update=True)
        if timer is None:
            return
        case = session.get(Case, timer.case, with_for_update=True)
        assert case is not None
        workflow = SERIALIZER.deserialize_json(case.state)
        workflow.refresh_waiting_tasks()
        workflow.do_engine_steps()
        case.state, case.status = SERIALIZER.serialize_json(workflow), "run"
        session.delete(timer)
        session.commit()


def fire_due(engine: sa.Engine) -> int:
    """One look: fire what is due. Returns how many that were."""
    begin_writing()
    with Session(engine) as session:
        due = poll(session)
    for timer_id in due:
        fire(engine, timer_id)
    return len(due)


def main() -> None:
    """A scheduler of its own: ``FLOOR_URL`` names the database."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    engine = open_engine(os.environ["FLOOR_URL"])
    while not stop.is_set():
        if not fire_due(engine):
            stop.wait(PAUSE_S)


if __name__ == "__main__":
    main()
