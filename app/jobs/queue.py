"""The queue between scheduler and workers. It carries ids only; losing it loses nothing.

Every entry may be there twice or be outdated: a worker claims the row in SQL before it does anything.
"""

from __future__ import annotations

from collections.abc import Iterable

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from app.config import Config

NAME = "qiliu"
ENTRY = "app.jobs.entry.run"
LONGEST = 500          # entries; what waits beyond them waits in SQL


def connect(config: Config) -> Redis:
    return Redis.from_url(config.redis_url, socket_connect_timeout=3, health_check_interval=30)


def open_queue(connection: Redis) -> Queue:
    return Queue(NAME, connection=connection, serializer=JSONSerializer)


def room_left(queue: Queue) -> int:
    """How many entries still fit. Raises RedisError when the queue is away."""
    return max(0, LONGEST - queue.count)


def hand_over(queue: Queue, ids: Iterable[str], *, seconds: int) -> None:
    """Put outbox rows on the queue; a job is stopped after ``seconds``."""
    for job_id in ids:
        queue.enqueue(ENTRY, job_id, job_timeout=seconds, result_ttl=0, failure_ttl=60, ttl=3600)
