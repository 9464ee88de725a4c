"""The clock of the house: ``python -m app.jobs.scheduler``. Several at once are harmless."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Flask
from redis import Redis, RedisError

from app import clock, create_app
from app.config import Config
from app.extensions import db, release
from app.jobs import logs, queue, rounds, sweep

log = logging.getLogger("qiliu.scheduler")
PAUSE_S = 0.3
EVERY = {"beat": timedelta(seconds=5), "messages": timedelta(seconds=10), "sweep": timedelta(hours=1)}


class Scheduler:
    """One round after the other; a round that found work is followed by the next at once."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._config: Config = app.extensions["qiliu"]
        self._redis: Redis | None = queue.connect(self._config) if self._config.redis_url else None
        self._resting = {what: rounds.Failures() for what in ("timer", "incident", "message")}
        self._last: dict[str, datetime] = {}
        self._queue_is_away = False

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            if not self.round(clock.now()):
                stop.wait(PAUSE_S)

    def round(self, now: datetime) -> int:
        """One look at everything. Returns how much there was to do."""
        parts: list[Callable[[datetime], int]] = [
            self._beat, self._relay, lambda at: rounds.fire_timers(at, self._resting["timer"]),
            lambda at: rounds.retry_incidents(at, self._resting["incident"]), self._messages, self._sweep]
        with self._app.app_context():
            return sum(_guarded(part, now) for part in parts)

    def _beat(self, now: datetime) -> int:
        if self._is_time("beat", now):
            rounds.beat(now, "scheduler")
        return 0

    def _messages(self, now: datetime) -> int:
        return rounds.deliver_messages(now, self._resting["message"]) if self._is_time("messages", now) else 0

    def _sweep(self, now: datetime) -> int:
        return sweep.sweep(now) if self._is_time("sweep", now) else 0

    def _is_time(self, what: str, now: datetime) -> bool:
        last = self._last.get(what)
        if last is not None and now - last < EVERY[what]:
            return False
        self._last[what] = now
        return True

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


def _guarded(part: Callable[[datetime], int], now: datetime) -> int:
    """The clock never stops: what goes wrong in one part is logged, the others go on."""
    try:
        return part(now)
    except Exception:
        log.exception("a round failed")
        db.session.remove()
        time.sleep(1)
        return 0
    finally:
        release()


def main() -> None:
    logs.set_up("scheduler")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    Scheduler(create_app(pages=False)).run(stop)


if __name__ == "__main__":
    main()
