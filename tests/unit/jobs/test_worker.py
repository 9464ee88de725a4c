"""Workers as real processes: with a queue and without, also when they are killed."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from app import clock, notify
from app.config import Config
from app.extensions import db
from app.jobs import queue, rounds
from app.outbox.models import OutboxJob
from tests.conftest import UowFactory
from tests.support.stack import Stack

MAILS = 4


@pytest.fixture
def mails(uow: UowFactory) -> None:
    with uow() as work:
        for number in range(MAILS):
            notify.send(work.session, "主旨：測試\n\n您好", template="t", to=notify.Recipient("a@b.example", "甲"),
                        context={}, key=f"m{number}", now=work.now)


@pytest.fixture
def stack_of(config: Config) -> Iterator[Stack]:
    with Stack(config.with_changes(job_seconds=3)) as running:
        yield running


def count(status: str) -> int:
    db.session.rollback()
    return db.session.query(OutboxJob).filter(OutboxJob.status == status).count()


def wait_until(holds: Callable[[], bool], timeout_s: float = 60) -> bool:
    for _ in range(int(timeout_s / 0.05)):
        if holds():
            return True
        time.sleep(0.05)
    return holds()


def all_done() -> bool:
    return count("done") == MAILS


def relay(config: Config) -> None:
    """The scheduler's part, in this process."""
    with queue.connect(config) as connection:
        waiting = queue.open_queue(connection)
        queue.hand_over(waiting, rounds.relay(clock.now(), queue.room_left(waiting)), seconds=config.job_seconds)


@pytest.mark.both_databases
def test_without_a_queue_the_worker_reads_the_database(stack_of: Stack, mails: None) -> None:
    stack_of.start("worker")

    assert wait_until(all_done)
    assert len(list(stack_of.config.mail_dir.glob("*.eml"))) == MAILS


def test_with_a_queue_the_worker_takes_what_is_handed_over(stack_of: Stack, mails: None, valkey: str) -> None:
    stack_of.config = stack_of.config.with_changes(redis_url=f"{valkey}?db=1")
    relay(stack_of.config)
    stack_of.start("worker")

    assert wait_until(all_done)
    assert len(list(stack_of.config.mail_dir.glob("*.eml"))) == MAILS


def test_a_worker_waits_for_a_queue_that_is_away(stack_of: Stack, mails: None, valkey: str, tmp_path: Path) -> None:
    socket = tmp_path / "away.sock"
    stack_of.config = stack_of.config.with_changes(redis_url=f"unix://{socket}?db=3")
    stack_of.start("worker")
    time.sleep(4)                                              # started, and refused more than once
    assert stack_of.is_running("worker")

    socket.symlink_to(valkey.removeprefix("unix://"))
    relay(stack_of.config)

    assert wait_until(all_done)


def test_a_worker_that_waits_for_its_queue_ends_when_told(stack_of: Stack, tmp_path: Path) -> None:
    stack_of.config = stack_of.config.with_changes(redis_url=f"unix://{tmp_path}/away.sock")
    stack_of.start("worker")
    time.sleep(4)

    stack_of.kill("worker", signal.SIGTERM)                    # raises when it is still there after 20 s


@pytest.mark.parametrize("point", ["outbox.claimed", "outbox.before_effect", "outbox.after_effect", "outbox.before_done"])
def test_a_killed_job_is_done_by_the_next_worker(stack_of: Stack, mails: None, point: str) -> None:
    stack_of.start("worker", environ={"QILIU_FAULT": point})
    assert wait_until(lambda: count("running") == MAILS)      # each died at the point before it could finish
    stack_of.kill("worker")

    stack_of.start("worker")

    assert wait_until(all_done)
    assert len(list(stack_of.config.mail_dir.glob("*.eml"))) == MAILS


def test_a_lost_queue_loses_nothing(stack_of: Stack, mails: None, valkey: str) -> None:
    stack_of.config = stack_of.config.with_changes(redis_url=f"{valkey}?db=2")
    relay(stack_of.config)
    with queue.connect(stack_of.config) as connection:
        connection.flushdb()
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        relay(stack_of.config)
    stack_of.start("worker")

    assert wait_until(all_done)


def test_the_app_fixture_and_the_processes_share_one_database(app: Flask, stack_of: Stack) -> None:
    assert app.extensions["qiliu"].database_url == stack_of.config.database_url
