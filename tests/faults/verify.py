"""Nothing lost, nothing doubled: what the tables must say after the lives that ``walk`` told."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import files
from app.accounts.models import User, UserRole
from app.audit.models import AuditEvent
from app.engine import packages
from app.engine.models import OPEN, Command, Event, Incident, ProcessInstance, Submission, Subscription, Timer, WorkItem
from app.engine.reconcile import reconcile
from app.files.models import StoredFile
from app.notify.mail import message_id
from app.notify.models import Message
from app.outbox.models import OutboxJob
from app.procurement.numbers import NumberSeries
from app.procurement.vendors.models import Vendor
from tests.faults.ports import received
from tests.faults.walk import Click, Life, Teller

ONCE = ("step.completed", "task.completed", "task.opened", "task.cancelled", "timer.fired", "message.received", "decision.made")
VENDOR_LETTERS = {"acknowledge_receipt": "received", "request_correction": "correction", "remind_vendor": "reminder",
                  "expire_registration": "expired", "approve_vendor": "approved", "reject_vendor": "rejected",
                  "withdraw_registration": "withdrawn"}
OFFICE_LETTERS = {"notify_reviewers": ("review_waiting", "reviewer"), "notify_approvers": ("confirm_waiting", "approver"),
                  "notify_returned": ("review_returned", "reviewer")}


class Verdict:
    """Collects sentences about what is wrong; none is the only good answer."""

    def __init__(self, session: Session, teller: Teller, mails: Path, base_url: str) -> None:
        self.session, self.teller, self.mails, self.base_url = session, teller, mails, base_url
        self.wrong: list[str] = []
        self.events: dict[int, list[Event]] = defaultdict(list)
        self.of_task: dict[str, list[Event]] = defaultdict(list)
        for event in session.scalars(select(Event).order_by(Event.id)):
            self.events[event.instance_id].append(event)
            self.of_task[event.task_id or ""].append(event)

    def read(self) -> list[str]:
        for life in self.teller.lives:
            self._life(life)
        for case in self.session.scalars(select(ProcessInstance)):
            self._case(case)
        self._letters()
        self._outbox()
        self._documents()
        self._audit()
        self.must(not (found := reconcile(self.session)), f"reconcile: {found}")
        return self.wrong

    def must(self, holds: object, otherwise: str) -> None:
        if not holds:
            self.wrong.append(otherwise)

    def rows(self, model: Any, *where: Any) -> list[Any]:
        return list(self.session.scalars(select(model).where(*where)).unique())

    def count(self, model: Any, *where: Any) -> int:
        return self.session.scalar(select(func.count()).select_from(model).where(*where)) or 0

    # ---- clicks: an answered one is in the history, no click is there twice

    def _life(self, life: Life) -> None:
        vendors = self.rows(Vendor, Vendor.tax_id == life.values["tax_id"])
        self.must(len(vendors) == 1, f"company {life.number}: {len(vendors)} vendors")
        cases = self.rows(ProcessInstance, ProcessInstance.subject == f"vendor:{vendors[0].id}")
        self.must(sorted(case.id for case in cases) == sorted(life.cases), f"company {life.number}: cases {cases}")
        for click in life.clicks:
            self._click(life, click)

    def _click(self, life: Life, click: Click) -> None:
        name = f"company {life.number}: {click.do} {click.args.get('item') or click.args.get('case') or ''}"
        key = click.args.get("key")
        done = self.session.get(Command, key) if key else None
        if key and click.answer is not None:
            self.must(done is not None, f"{name} was answered and is lost")
        if click.do == "complete":
            sent = self.rows(Submission, Submission.item_id == click.args["item"])
            ends = [e for e in self.of_task[click.args["item"]] if e.kind == "task.completed"]
            self.must(len(sent) <= 1 and len(sent) == len(ends), f"{name}: {len(sent)} submissions, {len(ends)} completions")
            self.must(done is None or (sent and sent[0].values == click.args["values"]), f"{name}: the form is not what was sent")
            if click.answer is not None and done is not None:
                kept = {k: v for k, v in click.answer.items() if k != "replayed"}
                self.must(kept == done.result, f"{name}: answered {kept}, kept {done.result}")
        if click.do == "claim" and click.answer is not None:
            claims = [e.actor_id for e in self.of_task[click.args["item"]] if e.kind == "task.claimed"]
            self.must(click.args["user"] in claims, f"{name} was answered and is lost")
        self.must(click.refused is None or click.do in ("withdraw", "retry", "cancel", "claim", "draft", "release", "complete"),
                  f"{name} was refused: {click.refused}")

    def _all_events(self) -> Iterator[Event]:
        return (event for events in self.events.values() for event in events)

    # ---- cases: each transition once, never stuck

    def _case(self, case: ProcessInstance) -> None:
        name, events = case.business_key, self.events[case.id]
        twice = [k for k, n in Counter((e.kind, e.task_id) for e in events if e.kind in ONCE).items() if n > 1]
        self.must(not twice, f"{name}: happened twice: {twice}")
        kinds = Counter(e.kind for e in events)
        self.must(kinds["case.started"] == 1, f"{name}: started {kinds['case.started']} times")
        ended = kinds["case.ended"] + kinds["case.cancelled"]
        self.must(ended == (case.status != "running"), f"{name} is {case.status} and ended {ended} times")
        moved = {e.revision for e in events}
        self.must(moved >= set(range(1, case.revision + 1)), f"{name}: revisions {sorted(moved)} of {case.revision}")
        self._items(case, events)
        self._goes_on(case)

    def _items(self, case: ProcessInstance, events: list[Event]) -> None:
        items = self.rows(WorkItem, WorkItem.instance_id == case.id)
        handed = Counter(e.task_id for e in events if e.kind in ("task.claimed", "task.released", "task.assigned"))
        for item in items:
            version = 1 + handed[item.id] + (item.status != OPEN)
            self.must(item.version == version,
                      f"{case.business_key} {item.node_id}: version {item.version}, history says {version}")
        done = sum(item.status == "done" for item in items)
        sent = self.count(Submission, Submission.instance_id == case.id)
        self.must(sent == done + 1, f"{case.business_key}: {sent} submissions, {done} tasks done and a start")

    def _goes_on(self, case: ProcessInstance) -> None:
        """I1: an open task, a timer, a message wait, an incident, an effect on its way; or it has ended."""
        here = (WorkItem.instance_id == case.id, WorkItem.status == OPEN)
        moves = (self.count(WorkItem, *here) + self.count(Timer, Timer.instance_id == case.id)
                 + self.count(Subscription, Subscription.instance_id == case.id)
                 + self.count(Incident, Incident.instance_id == case.id, Incident.resolved_at.is_(None)))
        self.must(case.status != "running" or moves, f"{case.business_key} is stuck")

    # ---- effects: I7, a row of the outbox for each change and the other way round

    def _letters(self) -> None:
        wanted = Counter[str]()
        owners = {vendor.id: [u.id for u in self.rows(User, User.organisation_id == vendor.organisation_id)]
                  for vendor in self.rows(Vendor)}
        office = {role: self.rows(UserRole.user_id, UserRole.role == role) for role in ("reviewer", "approver")}
        cases = {case.id: case for case in self.rows(ProcessInstance)}
        for event in self._all_events():
            if event.kind == "case.cancelled":
                people = owners[int(cases[event.instance_id].subject[7:])]
                wanted.update(f"cancelled:{event.instance_id}:{user}" for user in people)
            if event.kind != "step.completed":
                continue
            if event.node_id in VENDOR_LETTERS:
                people, template = owners[int(cases[event.instance_id].subject[7:])], VENDOR_LETTERS[event.node_id]
            elif event.node_id in OFFICE_LETTERS:
                template, role = OFFICE_LETTERS[event.node_id]
                people = office[role]
            else:
                continue
            wanted.update(f"vendor_registration/{template}:{event.task_id}:{user}" for user in people)
        messages = self.rows(Message)
        written = Counter(message.key for message in messages)
        self.must(wanted == written, f"letters missing {wanted - written}, too many {written - wanted}")
        self.must(all(m.sent_at for m in messages), "a letter is not marked as sent")
        arrived = received(self.mails)
        self.must(set(arrived) == {message_id(m.key, self.base_url) for m in messages}, "letters that left are not those written")
        self.must(all(len(set(copies)) == 1 for copies in arrived.values()), "a letter left twice with different words")

    def _outbox(self) -> None:
        rows = self.rows(OutboxJob)
        self.must(all(row.status == "done" for row in rows),
                  f"outbox: {[(row.kind, row.status, row.last_error) for row in rows if row.status != 'done']}")
        keys = {kind: {row.key for row in rows if row.kind == kind} for kind in ("mail", "document", "operation")}
        self.must(keys["mail"] == {m.key for m in self.rows(Message)}, "mails of the outbox are not the letters")
        self.must(keys["document"] == {f.key for f in self.rows(StoredFile)}, "documents of the outbox are not the files")
        answered = set(self.session.scalars(select(Command.key).where(Command.name == "answer")))
        cancelled = {case.id for case in self.rows(ProcessInstance, ProcessInstance.status == "cancelled")}
        left = {row.key for row in rows
                if row.kind == "operation" and row.key not in answered and row.instance_id not in cancelled}
        self.must(not left and answered <= keys["operation"], f"look-ups without an answer: {left}")

    def _documents(self) -> None:
        receipts = sum(e.kind == "step.completed" and e.node_id == "acknowledge_receipt" for e in self._all_events())
        stored = self.rows(StoredFile)
        self.must(len(stored) == receipts, f"{len(stored)} files for {receipts} receipts")
        self.must(self.count(AuditEvent, AuditEvent.action == "file:added") == len(stored), "a file was recorded twice")
        for row in stored:
            self.must(files.read_file(row), f"file {row.key} is empty")

    # ---- I5: every change of state has one line with both values

    def _audit(self) -> None:
        for vendor in self.rows(Vendor):
            lines = self.session.scalars(select(AuditEvent).where(AuditEvent.subject == f"vendor:{vendor.id}")
                                         .order_by(AuditEvent.id))
            state, registered = None, 0
            for line in lines:
                if line.action == "vendor:registered":
                    state, registered = "審核中", registered + 1
                elif "state" in (line.after or {}):
                    before = (line.before or {}).get("state")
                    self.must(before == state, f"vendor {vendor.id}: was {state}, the trail says {before} ({line.action})")
                    state = line.after["state"]
                self.must(line.actor, f"{line.action}: nobody did it")
            self.must(registered == 1, f"vendor {vendor.id}: registered {registered} times")
            self.must(state == vendor.state, f"vendor {vendor.id} is {vendor.state}, the trail says {state}")
        for action, kind in (("case:cancelled", "case.cancelled"), ("case:withdrawn", None)):
            lines = [line.subject for line in self.rows(AuditEvent, AuditEvent.action == action)]
            self.must(len(set(lines)) == len(lines), f"{action} twice: {lines}")
            if kind:
                self.must(len(lines) == sum(e.kind == kind for e in self._all_events()), f"{action}: {len(lines)} lines")
        given = sum(row.last for row in self.rows(NumberSeries))
        self.must(given == self.count(ProcessInstance), f"{given} numbers for {self.count(ProcessInstance)} cases")
        self.must(packages.active(self.session, "vendor_registration"), "no procedure")


def story(life: Life) -> str:
    """A life in lines, for the report of a failure."""
    return "\n".join(f"  {click.do} {json.dumps(click.args, ensure_ascii=False)[:150]} → "
                     f"{'gave up' if click.gave_up else click.refused or click.answer}" for click in life.clicks)
