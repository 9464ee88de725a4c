"""Carries out jobs: ``python -m app.jobs.worker``. Each in a process of its own, so that none can harm the next.

With Redis this is an rq worker. Without, it takes due rows straight from the database.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import signal
import threading
import time

from flask import Flask
from redis import RedisError
from rq import Worker
from rq.job import Job
from rq.queue import Queue
from rq.serializers import JSONSerializer
from sqlalchemy.exc import SQLAlchemyError

from app import clock, create_app
from app.config import Config
from app.documents import pdf
from app.extensions import db
from app.jobs import entry, logs, queue, rounds

log = logging.getLogger("qiliu.worker")
PAUSE_S, LONGEST_PAUSE_S = 0.3, 10


class ForkingWorker(Worker):
    """rq's worker; its children share no database connection with it."""

    max_connection_wait_time = 5.0

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        _forget_connections()
        super().main_work_horse(job, queue)


def _forget_connections() -> None:
    app = entry.current()
    with app.app_context():
        db.engine.dispose(close=False)


def serve_queue(config: Config) -> None:
    """Until SIGTERM: the job at hand is finished first. A queue that is away is waited for; jobs wait in SQL meanwhile."""
    wait_s = PAUSE_S
    while True:
        try:
            connection = queue.connect(config)
            worker = ForkingWorker([queue.open_queue(connection)], connection=connection, serializer=JSONSerializer,
                                   log_job_description=False)
            wait_s = PAUSE_S
            worker.work(logging_level="WARNING")
            return
        except RedisError as error:
            log.warning("the queue is away, asking again in %.1f s: %s", wait_s, error)
        for number in (signal.SIGTERM, signal.SIGINT):      # rq's handlers belong to a worker that is gone
            signal.signal(number, signal.SIG_DFL)
        time.sleep(wait_s)
        wait_s = min(wait_s * 2, LONGEST_PAUSE_S)


def serve_database(app: Flask, stop: threading.Event) -> None:
    """The same without a queue: take one due row after the other."""
    while not stop.is_set():
        try:
            with app.app_context():
                ids = rounds.relay(clock.now(), limit=1)
        except SQLAlchemyError:
            log.exception("database")
            ids = []
            stop.wait(1)
        for job_id in ids:
            _in_a_child(app, job_id)
        if not ids:
            stop.wait(PAUSE_S)


def _in_a_child(app: Flask, job_id: str) -> None:
    """Run one job in a forked process and stop it when it takes too long; the lease does the rest."""
    config: Config = app.extensions["qiliu"]
    with app.app_context():
        db.engine.dispose()                       # nothing open is taken over by the child
    child = multiprocessing.get_context("fork").Process(target=_child, args=(job_id,))
    child.start()
    child.join(config.job_seconds)
    if child.is_alive():
        log.warning("job %s is stopped after %d s", job_id, config.job_seconds)
        child.kill()
        child.join()


def _child(job_id: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    entry.run(job_id)


def main() -> None:
    logs.set_up("worker")
    app = create_app(pages=False)
    entry.use(app)
    pdf.engine_name()                             # loaded once here instead of in each child (1.5 s)
    gc.freeze()                                   # children share these pages instead of copying them
    config: Config = app.extensions["qiliu"]
    if config.redis_url:
        serve_queue(config)
        return
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    serve_database(app, stop)


if __name__ == "__main__":
    main()
