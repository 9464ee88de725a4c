"""``python -m tests.faults.races --tries 300 --seed 7``: two processes do two things in the same instant, again and again.

Each try has one right outcome: exactly one of both happened, and the other was told. Prints one JSON line.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import secrets
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select

import app.operations  # noqa: F401  diagrams name these
from app import clock, create_app, outbox
from app.actor import SYSTEM
from app.audit.models import AuditEvent
from app.config import ROOT, Config
from app.engine import commands, packages, queries
from app.engine.models import Event, ProcessInstance, Submission, WorkItem
from app.engine.reconcile import reconcile
from app.extensions import db, unit_of_work
from app.outbox.models import OutboxJob
from app.procurement.vendors.models import Vendor
from tests import factories
from tests.faults.doors import Doors, door
from tests.faults.ports import Ports
from tests.faults.runner import Inline, company
from tests.faults.servant import Answer, Servant
from tests.faults.walk import MORNING
from tests.unit.engine.diagrams import Scope, publish, timer

HEAD_START_S = 0.002
KINDS = {"two_people": 26, "double_click": 26, "two_tabs": 22, "back_button": 6, "claims": 5, "timer_and_click": 4,
         "two_schedulers": 2, "withdraw_and_claim": 2, "cancel_and_click": 2, "one_job": 3, "one_message": 2,
         "register_twice": 1, "register_two_tabs": 1, "reapply_two_tabs": 1}


def diagram() -> Scope:
    """A task that comes back for ever, with a deadline, and a way to withdraw."""
    p = Scope("race")
    p.start()
    p.xor("again")
    p.user("ask", outputs="x", lane="reviewer")
    p.boundary("bell", "ask", timer("duration", "P3D"))
    p.boundary("leave", "ask", p.message("withdraw"))
    p.end("left")
    p.chain("start", "again", "ask", "again")
    p.flow("bell", "again")
    p.flow("leave", "left")
    return p


@door
def begin(key: str) -> int:
    with unit_of_work(SYSTEM) as uow:
        return commands.start(uow, "race", title="一件", business_key=key, parties={"vendor": "org:1"}).id


@door
def item(case: int) -> dict[str, Any]:
    [found] = queries.case_items(db.session(), case)
    return {"id": found.id, "version": found.version}


@door
def effect(key: str) -> str:
    with unit_of_work(SYSTEM) as uow:
        return outbox.add(uow.session, "probe", key, {}, now=uow.now).id


@door
def message(correlation: str, key: str) -> dict[str, Any]:
    with unit_of_work(SYSTEM) as uow:
        found = commands.deliver_message(uow, "withdraw", correlation, {}, command_key=key)
    return {"case": found.instance_id, "buffered": found.buffered, "replayed": found.replayed}


@door
def cases_of(user: int) -> int:
    return db.session.scalar(select(func.count()).select_from(ProcessInstance).where(
        ProcessInstance.package_key == "vendor_registration", ProcessInstance.started_by_id == user)) or 0


class Race:
    """Two processes, a quiet third, and the tries."""

    def __init__(self, application: Flask, rng: random.Random) -> None:
        self.rng, self.now, self.number = rng, MORNING, 0
        doors = Doors(application)
        self.quiet = Inline(doors)
        self.people = [self._one("staff", roles=["reviewer"], name=name) for name in ("甲", "乙")]
        self.manager = self._one("staff", roles=["manager"], name="丙")
        self.case = self._one("begin", key="race-0")
        self._warm()
        with application.app_context():
            db.engine.dispose()
        gc.freeze()
        self.racers = [Servant(doors), Servant(doors)]
        self.quiet = self.racers[0]

    def _warm(self) -> None:
        found = self.open()
        self._one("complete", user=self.people[0], item=found["id"], expected=1, key="warm", values={"x": 1})

    def _ask(self, do: str, **args: Any) -> Answer:
        answer: Answer | None = self.quiet.ask({"do": do, "now": self.now.isoformat(), **args})
        assert answer is not None
        return answer

    def _one(self, do: str, **args: Any) -> Any:
        return self._ask(do, **args)["ok"]

    def open(self, case: int | None = None) -> dict[str, Any]:
        found: dict[str, Any] = self._one("item", case=case or self.case)
        return found

    def both(self, *requests: dict[str, Any]) -> list[Answer]:
        """The answers of two requests that begin in the same instant."""
        moment = time.monotonic() + HEAD_START_S
        for racer, request in zip(self.racers, requests, strict=True):
            racer.send(request | {"now": self.now.isoformat(), "at": moment})
        answers = [racer.receive() for racer in self.racers]
        return [answer for answer in answers if answer is not None]

    def run(self, kind: str) -> str | None:
        """One try; what was wrong, or None."""
        self.number += 1
        self.now += timedelta(seconds=1)
        wrong = TRIES[kind](self)
        return f"{kind} {self.number}: {wrong}" if wrong else None

    def send(self, found: dict[str, Any], user: int, key: str, version: int | None = None) -> dict[str, Any]:
        return {"do": "complete", "user": user, "item": found["id"], "expected": version or found["version"],
                "key": f"{key}:{self.number}", "values": {"x": self.number, "by": key}}


def _one_won(answers: list[Answer], *refusals: str) -> str | None:
    """Exactly one was answered, the other refused in one of these ways."""
    told = sorted("ok" if "ok" in answer else f"{answer['refused']}" for answer in answers)
    return None if any(told == sorted(("ok", refusal)) for refusal in refusals) else f"{answers}"


def two_people(race: Race) -> str | None:
    found = race.open()
    return _one_won(race.both(race.send(found, race.people[0], "a"), race.send(found, race.people[1], "b")), "Stale")


def double_click(race: Race) -> str | None:
    found = race.open()
    first, second = race.both(*[race.send(found, race.people[0], "a")] * 2)
    if "ok" not in first or "ok" not in second:
        return f"{first} {second}"
    replayed = {first["ok"].pop("replayed"), second["ok"].pop("replayed")}
    return None if first["ok"] == second["ok"] and replayed == {True, False} else f"{first} {second}"


def two_tabs(race: Race) -> str | None:
    found = race.open()
    return _one_won(race.both(race.send(found, race.people[0], "a"), race.send(found, race.people[0], "b")), "Stale")


def back_button(race: Race) -> str | None:
    """Sent; then back, and sent again from the same page and from one opened anew."""
    found = race.open()
    click = race.send(found, race.people[0], "a")
    first = race._ask(**click)
    again, anew = race.both(dict(click), race.send(found, race.people[0], "b"))
    if not again.get("ok", {}).get("replayed") or again["ok"]["item_ids"] != first["ok"]["item_ids"]:
        return f"{first} {again}"
    return None if anew.get("refused") == "Stale" else f"{anew}"


def claims(race: Race) -> str | None:
    found = race.open()
    answers = race.both(*({"do": "claim", "user": user, "item": found["id"]} for user in race.people))
    winner = race.people[0] if "ok" in answers[0] else race.people[1]
    race._ask("release", user=winner, item=found["id"])
    return _one_won(answers, "Stale")


def timer_and_click(race: Race) -> str | None:
    found = race.open()
    race.now += timedelta(days=4)
    sent, fired = race.both(race.send(found, race.people[0], "a"), {"do": "fire", "case": race.case})
    outcome = ("ok" if "ok" in sent else sent["refused"], fired.get("ok"))
    return None if outcome in (("ok", 0), ("Stale", 1)) else f"{sent} {fired}"


def two_schedulers(race: Race) -> str | None:
    race.now += timedelta(days=4)
    fired = [answer.get("ok") for answer in race.both(*[{"do": "fire", "case": race.case}] * 2)]
    return None if sorted(fired, key=str) == [0, 1] else f"fired {fired}"


def withdraw_and_claim(race: Race) -> str | None:
    case = race._one("begin", key=f"race-{race.number}")
    found = race.open(case)
    answers = race.both({"do": "withdraw", "user": race.people[1], "case": case, "key": f"w:{race.number}"},
                        {"do": "claim", "user": race.people[0], "item": found["id"]})
    return _one_won(answers, "Stale", "WrongState")


def cancel_and_click(race: Race) -> str | None:
    case = race._one("begin", key=f"race-{race.number}")
    found = race.open(case)
    cancelled, sent = race.both({"do": "cancel", "user": race.manager, "case": case}, race.send(found, race.people[0], "a"))
    is_right = "ok" in cancelled and ("ok" in sent or sent["refused"] in ("Stale", "WrongState"))
    return None if is_right else f"{cancelled} {sent}"


def one_job(race: Race) -> str | None:
    """Two workers are handed the same row; what it does is counted at the end."""
    job_id = race._one("effect", key=f"probe:{race.number}")
    told = sorted(answer["ok"] for answer in race.both(*[{"do": "job", "id": job_id}] * 2))
    return None if told == ["done", "not ours"] else f"{told}"


def one_message(race: Race) -> str | None:
    key = f"race-{race.number}"
    case = race._one("begin", key=key)
    answers = race.both(*[{"do": "message", "correlation": key, "key": f"m:{race.number}"}] * 2)
    if any("ok" not in answer for answer in answers):
        return f"{answers}"
    told = [(answer["ok"]["case"], answer["ok"]["replayed"]) for answer in answers]
    return None if sorted(told) == [(case, False), (case, True)] else f"{answers}"


def register_twice(race: Race) -> str | None:
    values = company(race.number).values()
    answers = race.both(*[{"do": "register", "values": values, "key": f"r:{race.number}"}] * 2)
    return None if all("ok" in a for a in answers) and answers[0]["ok"] == answers[1]["ok"] else f"{answers}"


def register_two_tabs(race: Race) -> str | None:
    values = company(race.number).values()
    return _one_won(race.both(*({"do": "register", "values": values, "key": f"r{tab}:{race.number}"} for tab in "ab")),
                    "InvalidInput")


def reapply_two_tabs(race: Race) -> str | None:
    values = company(race.number).values()
    made = race._one("register", values=values, key=f"r:{race.number}")
    while waiting := race._one("relay"):
        for job_id in waiting:
            race._one("job", id=job_id)
    race._one("withdraw", user=made["user"], case=made["case"], key=f"w:{race.number}")
    answers = race.both(*({"do": "reapply", "user": made["user"], "values": values, "key": f"a{tab}:{race.number}"}
                          for tab in "ab"))
    cases = race._one("cases_of", user=made["user"])
    told = [answer.get("refused") for answer in answers if answer.get("ok") is None]
    return None if cases == 2 and told in ([None], ["WrongState"]) else f"{answers} {cases}"


TRIES: dict[str, Callable[[Race], str | None]] = {kind: globals()[kind] for kind in KINDS}


def settle(application: Flask) -> list[str]:
    """What the tables must say when all is over."""
    wrong = []
    with application.app_context():
        session = db.session()
        if found := reconcile(session):
            wrong.append(f"reconcile: {found[:5]}")
        done = session.scalar(select(func.count()).select_from(WorkItem).where(WorkItem.status == "done"))
        for table, of in ((Submission, Submission.item_id.is_not(None)), (Event, Event.kind == "task.completed")):
            count = session.scalar(select(func.count()).select_from(table).where(of))
            if count != done:
                wrong.append(f"{done} tasks done, {count} {table.__tablename__}")
        twice = session.execute(select(AuditEvent.subject, func.count()).where(AuditEvent.action == "case:withdrawn")
                                .group_by(AuditEvent.subject).having(func.count() > 1)).all()
        if twice:
            wrong.append(f"withdrawn twice: {twice}")
        probes = session.scalar(select(func.count()).select_from(OutboxJob).where(OutboxJob.kind == "probe"))
        marks = session.scalar(select(func.count()).select_from(AuditEvent).where(AuditEvent.action == "probe:done"))
        if probes != marks:
            wrong.append(f"{probes} effects, carried out {marks} times")
        doubled = session.execute(select(Vendor.tax_id, func.count()).group_by(Vendor.tax_id).having(func.count() > 1)).all()
        if doubled:
            wrong.append(f"companies registered twice: {doubled}")
        db.session.remove()
        db.engine.dispose()
    return wrong


def _install_probe() -> None:
    """A kind of job whose effect can be counted."""
    from app import audit
    from app.jobs import handlers
    handlers.HANDLERS["probe"] = handlers.Handler(
        lambda job, _config: lambda uow: audit.record(uow, "probe:done", f"probe:{job.id}"))


def run(tries: int, seed: int, only: str | None) -> dict[str, object]:
    began, rng = time.monotonic(), random.Random(seed)
    config = Config.from_env()
    application = create_app(config)
    Ports(config.data_dir / "received.jsonl").install()
    _install_probe()
    factories.password_hash()
    with application.app_context():
        with unit_of_work(SYSTEM, now=clock.now()) as uow:
            packages.deploy_all(uow, ROOT)
            publish(uow, diagram())
        for key in ("race", "vendor_registration"):
            packages.get(db.session(), packages.active(db.session(), key).id)
        db.session.remove()
        db.engine.dispose()
    race, done, wrong = Race(application, rng), Counter[str](), []
    for kind in rng.choices(list(KINDS), list(KINDS.values()), k=tries):
        kind = only or kind
        done[kind] += 1
        if problem := race.run(kind):
            wrong.append(problem)
    for racer in race.racers:
        racer.close()
    wrong += settle(application)
    return {"seed": seed, "tries": tries, "of": dict(done.most_common()), "seconds": round(time.monotonic() - began, 1),
            "wrong": wrong}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=300)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--only", choices=list(KINDS))
    chosen = parser.parse_args()
    report = run(chosen.tries, chosen.seed, chosen.only)
    print(json.dumps(report, ensure_ascii=False))
    return 1 if report["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
