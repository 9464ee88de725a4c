"""Life of an effect, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import outbox
from app.actor import SYSTEM
from app.errors import Stale
from app.extensions import begin_writing, db, end_writing, unit_of_work
from app.outbox.models import OutboxJob
from tests.factories import NOW

pytestmark = pytest.mark.both_databases
SECOND = timedelta(seconds=1)


def after(seconds):
    return NOW + seconds * SECOND


@pytest.fixture
def step(uow):
    """``step(outbox.claim, id, at=5)``: one function in a transaction of its own, ``at`` seconds after the start."""
    def run(function, *arguments, at=0, **options):
        with uow(now=after(at)) as work:
            if function in (outbox.claim_due, outbox.rescue, outbox.recover, outbox.retry_dead):
                return function(work.session, work.now, *arguments, **options)
            return function(work.session, *arguments, work.now, **options)
    return run


@pytest.fixture
def add(uow):
    def run(key="k1", **options):
        with uow(now=NOW) as work:
            return outbox.add(work.session, "mail", key, {"message_id": 1, "名": "王"}, now=NOW, **options).id
    return run


def row(job_id):
    db.session.rollback()
    return db.session.get(OutboxJob, job_id, populate_existing=True)


def state(job_id):
    found = row(job_id)
    return found.status, found.attempts


def test_same_key_twice_is_one_row(add):
    assert add() == add() != add("k2")
    assert row(add()).payload == {"message_id": 1, "名": "王"}


def test_taken_key_spoils_no_transaction_and_no_savepoint(uow):
    with uow(now=NOW) as work:
        first = outbox.add(work.session, "mail", "k1", {"n": 1}, now=NOW)
        with work.session.begin_nested():
            again = outbox.add(work.session, "mail", "k1", {"n": 2}, now=NOW)
        outbox.add(work.session, "mail", "k2", {}, now=NOW)

    assert again is first and first.payload == {"n": 1}
    assert db.session.scalar(select(func.count()).select_from(OutboxJob)) == 2


def test_rolled_back_savepoint_takes_its_effect_with_it(uow):
    with uow(now=NOW) as work:
        savepoint = work.session.begin_nested()
        outbox.add(work.session, "mail", "k1", {}, now=NOW)
        savepoint.rollback()
        outbox.add(work.session, "mail", "k1", {"n": 2}, now=NOW)

    assert [job.payload for job in db.session.scalars(select(OutboxJob))] == [{"n": 2}]


def test_effect_goes_from_pending_to_done(add, step):
    job_id = add(instance_id=7)

    due = step(outbox.claim_due)
    job = step(outbox.claim, job_id)
    step(outbox.finish, job, at=1)

    assert [(d.id, d.kind, d.attempts) for d in due] == [(job_id, "mail", 0)]
    assert (job.key, job.instance_id, job.payload["message_id"]) == ("k1", 7, 1)
    assert state(job_id) == ("done", 0) and row(job_id).finished_at == after(1)
    assert step(outbox.claim_due, at=9999) == [] and step(outbox.claim, job_id, at=9999) is None


def test_claim_due_takes_the_oldest_due_ones(add, step):
    late, soon, later = add("k1", due_at=after(20)), add("k2", due_at=after(10)), add("k3", due_at=after(30))

    assert [due.id for due in step(outbox.claim_due, 1, at=25)] == [soon]
    assert [due.id for due in step(outbox.claim_due, at=25)] == [late]
    assert step(outbox.claim_due, at=25) == [] and state(later) == ("pending", 0)


def test_claim_is_for_one_worker(add, step):
    job_id = add()

    assert step(outbox.claim, job_id).id == job_id
    assert step(outbox.claim, job_id) is None and step(outbox.claim, "unknown") is None


def test_claim_does_not_jump_the_queue(add, step):
    assert step(outbox.claim, add(due_at=after(10)), at=9) is None


def test_failures_back_off_and_end_dead(add, step):
    job_id, now, waits = add(), 0, []
    for _ in range(5):
        status = step(outbox.fail, step(outbox.claim, job_id, at=now), "SMTP 451", at=now)
        waits.append((row(job_id).due_at - after(now)).total_seconds())
        now += waits[-1]

    assert waits[:4] == [5, 30, 120, 600] and status == "dead"
    assert state(job_id) == ("dead", 5) and row(job_id).last_error == "SMTP 451"


def test_failure_that_cannot_be_mended_is_dead_at_once(add, step):
    job_id = add()

    assert step(outbox.fail, step(outbox.claim, job_id), "x" * 9000, retry=False) == "dead"
    assert len(row(job_id).last_error) == 2000


def test_lost_lease_is_rescued_and_the_late_worker_may_not_finish(add, step):
    job_id = add()
    lost = step(outbox.claim, job_id)

    assert step(outbox.rescue, at=119) == 0 and step(outbox.rescue, at=121) == 1
    assert state(job_id) == ("pending", 1)
    second = step(outbox.claim, job_id, at=121)
    with pytest.raises(Stale) as refusal:
        step(outbox.finish, lost, at=122)
    assert refusal.value.code == "outbox.lease_lost"
    assert step(outbox.fail, lost, "late", at=122) is None and state(job_id) == ("running", 1)
    step(outbox.finish, second, at=123)
    assert state(job_id) == ("done", 1)


def test_row_lost_in_the_queue_is_offered_again_without_losing_a_try(add, step):
    job_id = add()
    step(outbox.claim_due)

    assert step(outbox.rescue, at=61) == 1 and state(job_id) == ("pending", 0)


def test_effect_that_kills_its_worker_is_offered_once_more_to_be_given_up(add, step):
    job_id = add()
    for lap in range(5):
        step(outbox.claim, job_id, at=lap * 1000)
        step(outbox.rescue, at=lap * 1000 + 500)

    assert state(job_id) == ("pending", 5) and row(job_id).last_error == "worker lost"
    last = step(outbox.claim, job_id, at=5000)
    assert last.is_exhausted and step(outbox.fail, last, "given up", at=5001) == "dead"


def test_recover_offers_everything_in_flight(add, step):
    sent, running, done = add("k1"), add("k2"), add("k3")
    step(outbox.finish, step(outbox.claim, done))
    step(outbox.claim, running)
    step(outbox.claim_due)

    assert step(outbox.recover, at=1) == 2
    assert (state(sent), state(running), state(done)) == (("pending", 0), ("pending", 1), ("done", 0))


def test_retry_dead_gives_new_tries_that_go_on_counting(add, step):
    ids = [add("k1"), add("k2")]
    for job_id in ids:
        step(outbox.fail, step(outbox.claim, job_id), "no", retry=False)
    with unit_of_work(SYSTEM, now=NOW) as work:
        assert [job.id for job in outbox.list_dead(work.session)] != []

    assert step(outbox.retry_dead, [ids[0]]) == 1
    assert (state(ids[0]), state(ids[1])) == (("pending", 1), ("dead", 1))
    assert step(outbox.claim_due)[0].attempts == 1
    assert step(outbox.fail, step(outbox.claim, ids[0]), "no") == "pending"
    assert step(outbox.retry_dead) == 1


def test_stats_and_beats(add, step, uow):
    add("k1", due_at=after(7)), add("k2", due_at=after(3))
    step(outbox.fail, step(outbox.claim, add("k3")), "no", retry=False)
    step(outbox.beat, "scheduler", at=1)
    step(outbox.beat, "scheduler", at=2)

    with uow() as work:
        numbers = outbox.stats(work.session)
        assert (numbers.waiting, numbers.dead, numbers.oldest_due_at) == (2, 1, after(3))
        assert outbox.beats(work.session) == {"scheduler": after(2)}


def _in_thread(app, task):
    def run(number):
        with app.app_context():
            begin_writing()
            try:
                with unit_of_work(SYSTEM, now=after(1)) as work:
                    return task(work, number)
            finally:
                end_writing()
                db.session.remove()
    return run


def test_rivals_for_a_key_make_one_row(app, ctx):
    def task(work, number):
        return outbox.add(work.session, "mail", f"k{number % 5}", {"n": number}, now=NOW).id

    with ThreadPoolExecutor(6) as pool:
        ids = list(pool.map(_in_thread(app, task), range(60)))

    assert len(set(ids)) == 5


def test_rival_relays_hand_out_each_row_once(app, ctx, uow):
    with uow(now=NOW) as work:
        for number in range(60):
            outbox.add(work.session, "mail", f"k{number}", {}, now=NOW)

    with ThreadPoolExecutor(6) as pool:
        taken = pool.map(_in_thread(app, lambda work, _n: outbox.claim_due(work.session, work.now, 7)), range(30))
        ids = [due.id for batch in taken for due in batch]

    assert len(ids) == len(set(ids)) == 60


def test_rival_workers_claim_once(app, ctx, add):
    job_id = add()

    with ThreadPoolExecutor(6) as pool:
        claims = list(pool.map(_in_thread(app, lambda work, _n: outbox.claim(work.session, job_id, work.now)), range(24)))

    assert sum(claim is not None for claim in claims) == 1
