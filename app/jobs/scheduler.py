"""The clock of the house: ``python -m app.jobs.scheduler``. Several at once are harmless."""

from __future__ import annotations

import logging
import signal
import threading
import time
from datetime import datetime, timedelta

from flask import Flask
from redis import Redis, RedisError
from sqlalchemy.exc import SQLAlchemyError

from app import clock, create_app
from app.config import Config
from app.extensions import db, release
from app.jobs import queue, rounds, sweep

log = logging.getLogger("qiliu.scheduler")
PAUSE_S = 0.3
BEAT_EVERY = timedelta(seconds=5)
SWEEP_EVERY = timedelta(hours=1)
NEVER = datetime.min.replace(tzinfo=clock.TAIPEI)


class Scheduler:
    """One round after the other; a round that found work is followed by the next at once."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._config: Config = app.extensions["qiliu"]
        self._redis: Redis | None = queue.connect(self._config) if self._config.redis_url else None
        self._resting = {"timer": rounds.Failures(), "incident": rounds.Failures()}
        self._beaten = self._swept = NEVER
        self._queue_is_away = False

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            if not self.round(clock.now()):
                stop.wait(PAUSE_S)

    def round(self, now: datetime) -> int:
        """One look at everything. Returns how much there was to do; a database that is away costs a second."""
        with self._app.app_context():
            try:
                return self._work(now)
            except SQLAlchemyError:
                log.exception("database")
                db.session.remove()
                time.sleep(1)
                return 0

    def _work(self, now: datetime) -> int:
        if now - self._beaten >= BEAT_EVERY:
            rounds.beat(now, "scheduler")
            self._beaten = now
        done = self._relay(now)
        done += rounds.fire_timers(now, self._resting["timer"])
        done += rounds.retry_incidents(now, self._resting["incident"])
        if now - self._swept >= SWEEP_EVERY:
            sweep.sweep(now)
            self._swept = now
        release()
        return done

    def _relay(self, now: datetime) -> int:
        """Hand due rows to the queue. Without a queue the workers look into the database themselves."""
        if self._redis is None:
            rounds.relay(now, limit=0)
            return 0
        try:
            waiting = queue.open_queue(self._redis)
            ids = rounds.relay(now, min(rounds.BATCH * 4, queue.room_left(waiting)))
            queue.hand_over(waiting, ids, seconds=self._config.job_seconds)
        except RedisError as error:
            if not self._queue_is_away:
                log.warning("the queue is away, jobs wait in the database: %s", error)
            self._queue_is_away = True
            return 0
        self._queue_is_away = False
        return len(ids)


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s scheduler %(levelname)s %(message)s")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    Scheduler(create_app()).run(stop)


if __name__ == "__main__":
    main()
