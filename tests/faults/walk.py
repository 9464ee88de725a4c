"""Random lives of registration cases, in processes that are killed at random fault points.

All decisions come from one seeded generator, so a seed tells the whole story again. A person who gets no
answer repeats the click with the same key; a background process that dies is started again and finds its
work in the database. Time is the teller's: it only ever moves forward.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from app.demo.story import judge
from tests.faults import ports
from tests.faults.servant import Answer, Broken, Request

MORNING = datetime(2026, 5, 19, 1, 0, tzinfo=UTC)
LEASE_S = 100                      # longer than any lease: what a dead process held is offered again
REVIEW, CORRECT, CONFIRM = "review_registration", "correct_registration", "confirm_registration"
ADDRESS = ("address", "公司地址", "與登記不符，請填寫登記地址。")
MOST_ROUNDS = 60
MOST_FAILURES = 3                  # of one effect; the fifth is its last try and belongs to another test

CLICK = (("engine.before_lock", 1), ("engine.after_restore", 1), ("engine.after_step", 4), ("uow.before_commit", 1),
         ("uow.after_commit", 1), ("web.before_response", 1))
START = (("engine.after_step", 4), ("uow.before_commit", 1), ("uow.after_commit", 1), ("web.before_response", 1))
CLAIM = (("uow.before_commit", 1), ("uow.after_commit", 1), ("web.before_response", 1))
ANSWER = (("engine.before_lock", 1), ("engine.after_restore", 1), ("engine.after_step", 4))
JOB = (("outbox.claimed", 1), ("outbox.before_effect", 1), ("outbox.after_effect", 1), ("outbox.before_done", 1),
       ("uow.before_commit", 2), ("uow.after_commit", 2), *ANSWER)
TIMER = (("timers.before_fire", 2), ("engine.before_lock", 1), ("engine.after_restore", 1), ("engine.after_step", 4),
         ("uow.before_commit", 1), ("uow.after_commit", 1))
ROUND = (("uow.before_commit", 1), ("uow.after_commit", 1))
FAULTS = {"register": START, "reapply": START, "claim": CLAIM, "release": CLAIM, "draft": CLAIM, "complete": CLICK,
          "withdraw": CLICK, "cancel": (("engine.before_lock", 1), *CLAIM), "retry": CLICK, "job": JOB, "timers": TIMER,
          "relay": ROUND, "retries": TIMER}


class Asked(Protocol):
    """Who does what is asked: a ``Servant``, or the same process."""

    def ask(self, request: Request) -> Answer | None: ...


@dataclass
class Click:
    """One thing a person did. ``answer`` None: refused, or never answered (``gave_up``)."""

    do: str
    args: dict[str, Any]
    answer: Any = None
    refused: str | None = None
    gave_up: bool = False


@dataclass
class Life:
    """A company and its cases, the latest last."""

    number: int
    values: dict[str, str]
    user: int = 0
    cases: list[int] = field(default_factory=list)
    clicks: list[Click] = field(default_factory=list)
    kills: int = 0
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Staff:
    reviewers: tuple[int, ...]
    approvers: tuple[int, ...]
    manager: int


class Teller:
    """Tells the lives of a few companies at the same time, and counts what was killed where."""

    def __init__(self, servant: Asked, staff: Staff, rng: random.Random, *, kill: float = 0.35) -> None:
        self.servant, self.staff, self.rng, self.kill = servant, staff, rng, kill
        self.now, self.lives = MORNING, list[Life]()
        self.kills, self.asked = Counter[str](), 0
        self._failures = Counter[str]()
        self._group: list[Life] = []

    # ---- asking, and being killed

    def ask(self, do: str, *, fault: tuple[str, int] | None = None, **args: Any) -> Any:
        """The answer; None when the process died at the fault point."""
        self.asked += 1
        self.now += timedelta(milliseconds=self.rng.randrange(1, 5000))
        answer = self.servant.ask({"do": do, "now": self.now.isoformat(), "fault": fault, **args})
        if answer is None:
            if fault is None:
                raise Broken(f"{do} was killed and nobody did it")
            self.kills[fault[0]] += 1
        elif "noise" in answer:
            raise Broken("\n".join(answer["noise"]))
        return answer

    def see(self, do: str, **args: Any) -> Any:
        """Look without danger."""
        answer = self.servant.ask({"do": do, "now": self.now.isoformat(), **args})
        if answer is None or "ok" not in answer:
            raise Broken(f"{do}: {answer}")
        return answer["ok"]

    def fault(self, do: str, kill: float | None = None) -> tuple[str, int] | None:
        if self.rng.random() >= (self.kill if kill is None else kill):
            return None
        name, most = self.rng.choice(FAULTS[do])
        return name, self.rng.randint(1, most)

    def click(self, life: Life, do: str, **args: Any) -> Click:
        """A person's click, repeated until it is answered; now and then the person gives up."""
        click = Click(do, args)
        life.clicks.append(click)
        eager = not life.kills and len(life.clicks) > 2
        for attempt in range(4):
            fault = self.fault(do, 0.9 if eager else None) if attempt < 3 else None
            answer = self.ask(do, fault=fault, **args)
            if answer is not None:
                click.answer, click.refused = answer.get("ok"), answer.get("refused")
                return click
            life.kills += 1
            if do not in ("register", "cancel") and self.rng.random() < 0.08:
                break
            if self.rng.random() < 0.3:
                self.background()
        click.gave_up = True
        return click

    # ---- the background processes

    def background(self) -> None:
        """One round of scheduler and workers. Queue entries get lost, come twice and out of order."""
        self.ask("timers", fault=self.fault("timers", 0.25))
        self.ask("retries", fault=self.fault("retries", 0.1))
        found = self.ask("relay", fault=self.fault("relay", 0.08))
        ids = found["ok"] if found else []
        self.rng.shuffle(ids)
        for job_id in ids:
            if self.rng.random() < 0.05:
                continue                                   # lost on the way: its lease brings it back
            for _ in range(2 if self.rng.random() < 0.08 else 1):
                self._job(job_id)

    def _job(self, job_id: str) -> None:
        fault = self.fault("job", 0.2) if self._failures[job_id] < MOST_FAILURES else None
        moods = {}
        if fault is None and self._failures[job_id] < MOST_FAILURES and self.rng.random() < 0.12:
            moods = {"mail": self.rng.choice((ports.LATE, ports.DOWN)),
                     "registry": self.rng.choice((ports.LATE, ports.EXPLODES))}
        answer = self.ask("job", id=job_id, fault=fault, moods=moods)
        if answer is None:
            for life in self._group:
                life.kills += 1
        if answer is None or moods:
            self._failures[job_id] += 1

    def drain(self) -> None:
        """Let the background processes work until nothing waits; leases and back-offs run out meanwhile."""
        for _ in range(MOST_ROUNDS):
            self.background()
            if not self.see("waiting"):
                return
            self.now += timedelta(seconds=LEASE_S)
        raise Broken(f"effects still wait: {self.see('waiting')}")

    # ---- lives

    def tell(self, lives: list[Life]) -> None:
        """Live these until each has ended or waits for nobody."""
        self.lives += lives
        self._group = lives
        for life in lives:
            done = self.click(life, "register", values=life.values, key=f"register:{life.number}")
            life.user, life.cases = done.answer["user"], [done.answer["case"]]
        for _ in range(MOST_ROUNDS * len(lives)):
            going = [life for life in lives if not life.is_over]
            if not going:
                break
            self._step(self.rng.choice(going))
        else:
            raise Broken(f"no end: {[self.see('look', case=life.cases[-1]) for life in going]}")
        self.drain()

    def _step(self, life: Life) -> None:
        seen = self.see("look", case=life.cases[-1])
        if seen["status"] != "running":
            self._after_the_end(life, seen)
        elif seen["items"]:
            self._work(life, seen["items"][0])
        elif seen["incidents"]:
            self.click(life, "retry", user=self.staff.manager, incident=seen["incidents"][0])
        else:
            self._wait(life)

    def _wait(self, life: Life) -> None:
        if self.rng.random() < 0.04:
            self.click(life, "cancel", user=self.staff.manager, case=life.cases[-1])
            return
        self.background()
        self.now += timedelta(seconds=self.rng.choice((2, 40, LEASE_S)))

    def _after_the_end(self, life: Life, seen: dict[str, Any]) -> None:
        is_open = seen["vendor"] in ("駁回", "逾期結案", "撤回", "取消") and len(life.cases) == 1
        if not is_open or self.rng.random() < 0.6:
            life.is_over = True
            return
        key = f"reapply:{life.number}"
        self.click(life, "reapply", user=life.user, values=life.values, key=key)
        case = self.see("started", key=key)
        if case is not None:
            life.cases.append(case)

    def _work(self, life: Life, item: dict[str, Any]) -> None:
        if item["node"] == CORRECT:
            self._correct(life, item)
        elif self.rng.random() < 0.03:
            self.click(life, "cancel", user=self.staff.manager, case=life.cases[-1])
        elif item["assignee"] is None:
            self._take(life, item)
        elif self.rng.random() < 0.06:
            self.click(life, "release", user=item["assignee"], item=item["id"])
        elif self.rng.random() < 0.06:
            self.click(life, "draft", user=item["assignee"], item=item["id"], values={"opinion": "尚未寫完"})
        else:
            self._send(life, item, item["assignee"], self._judgement(item["node"]))

    def _take(self, life: Life, item: dict[str, Any]) -> None:
        if item["node"] == REVIEW and self.rng.random() < 0.12:
            self.click(life, "withdraw", user=life.user, case=life.cases[-1], key=f"withdraw:{life.cases[-1]}:{len(life.clicks)}")
            return
        people = self.staff.reviewers if item["node"] == REVIEW else self.staff.approvers
        self.click(life, "claim", user=self.rng.choice(people), item=item["id"])

    def _judgement(self, node: str) -> dict[str, Any]:
        if node == CONFIRM:
            return {"agree": self.rng.choices(("agree", "return"), (4, 1))[0], "reason": "請補查核依據。"}
        outcome = self.rng.choices(("approve", "correct", "reject"), (5, 3, 2))[0]
        return judge(outcome, *([ADDRESS] if outcome == "correct" else []), opinion="依審核結果辦理。")

    def _correct(self, life: Life, item: dict[str, Any]) -> None:
        patience = self.rng.choices((0, 8, 31), (6, 2, 2))[0]
        if patience:
            self.now += timedelta(days=patience)
            self.background()
            return
        address = f"臺北市中山區民生東路三段{life.number}號之{len(life.clicks)}"
        self._send(life, item, life.user, life.values | {"address": address})

    def _send(self, life: Life, item: dict[str, Any], user: int, values: dict[str, Any]) -> None:
        self.click(life, "complete", user=user, item=item["id"], values=values, expected=item["version"],
                   key=f"task:{item['id']}:{len(life.clicks)}")
