"""Demo cases: registrations in every state, made through the same commands as real ones, at times that passed.

Nothing here writes a case's rows itself, so what the pages show is what the diagram did.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import outbox
from app.accounts import commands as accounts
from app.accounts import queries
from app.accounts.models import User
from app.actor import SYSTEM, Actor
from app.demo import companies, people
from app.demo.companies import Company
from app.engine import catalogue, commands, packages
from app.engine.catalogue import Context
from app.engine.models import ProcessInstance, WorkItem
from app.extensions import UnitOfWork
from app.operations import cases
from app.operations.registration import start_registration
from app.outbox.models import OutboxJob
from app.procurement.vendors import commands as vendors
from app.procurement.vendors.consent import VERSION
from app.procurement.vendors.models import CompanyRecord

REVIEW, CORRECT, CONFIRM = "review_registration", "correct_registration", "confirm_registration"
CHECKED = ["registry_tax_id", "registry_name", "registry_address", "contact", "duplicate"]
A_MOMENT = timedelta(seconds=2)


@dataclass
class Story:
    """The teller: knows the time of the tale and the people in it. All of it is one transaction."""

    session: Session
    start: datetime
    password_hash: str
    staff: dict[str, Actor]

    def at(self, days: float) -> datetime:
        return self.start + timedelta(days=days)

    def work(self, who: Actor, day: float) -> UnitOfWork:
        """One command's surroundings on a day of the tale; the commit comes at its end."""
        return UnitOfWork(self.session, who, self.at(day))

    def person(self, person: people.Person) -> Actor:
        return self.staff[person.login]

    def register(self, company: Company, day: float) -> tuple[int, Actor]:
        """A company registers and its data are looked up: (case id, its contact)."""
        visitor = self.work(Actor(None, company.contact), day)
        made = vendors.register(visitor, company.values(), password_hash=self.password_hash, consent_version=VERSION)
        contact = queries.actor_of(made.user)
        case = start_registration(self.work(contact, day), made, company.values())
        self.answer_look_ups(case.id, day)
        return case.id, contact

    def claim(self, case_id: int, node: str, who: Actor, day: float) -> WorkItem:
        return commands.claim(self.work(who, day), self.open_item(case_id, node).id)

    def send(self, case_id: int, node: str, who: Actor, values: Mapping[str, object], day: float) -> None:
        """A person completes the open task of a node, claiming it first when it is the office's."""
        item = self.open_item(case_id, node) if who.party else self.claim(case_id, node, who, day - 0.02)
        commands.complete(self.work(who, day), item.id, values, expected=item.version, command_key=f"demo:{item.id}")
        self.answer_look_ups(case_id, day)

    def withdraw(self, case_id: int, who: Actor, day: float) -> None:
        commands.withdraw(self.work(who, day), case_id, command_key=f"demo:withdraw:{case_id}")

    def cancel(self, case_id: int, who: Actor, reason: str, day: float) -> None:
        cases.cancel(self.work(who, day), self.session.get_one(ProcessInstance, case_id), reason)

    def wait(self, case_id: int, day: float) -> None:
        """Let what is due by then happen."""
        commands.fire_timers(self.work(SYSTEM, day), case_id)

    def open_item(self, case_id: int, node: str) -> WorkItem:
        found: WorkItem | None = self.session.scalar(select(WorkItem).where(
            WorkItem.instance_id == case_id, WorkItem.node_id == node, WorkItem.status == "open"))
        if found is None:
            raise LookupError(f"case {case_id} does not wait at {node}")
        return found

    def answer_look_ups(self, case_id: int, day: float) -> None:
        """Do what the worker would do with asynchronous operations, at the time of the tale."""
        work = UnitOfWork(self.session, SYSTEM, self.at(day) + A_MOMENT)
        waiting = select(OutboxJob.id).where(OutboxJob.instance_id == case_id, OutboxJob.kind == "operation",
                                             OutboxJob.status == "pending")
        for job_id in list(self.session.scalars(waiting)):
            self.session.execute(update(OutboxJob).where(OutboxJob.id == job_id).values(status="sent"))
            job = outbox.claim(self.session, job_id, work.now)
            if job is not None:
                self._answer(work, case_id, job)

    def _answer(self, work: UnitOfWork, case_id: int, job: outbox.Job) -> None:
        asked, case = job.payload, self.session.get_one(ProcessInstance, case_id)
        operation = catalogue.find(str(asked["operation"]))
        assert operation is not None
        ctx = Context(self.session, SYSTEM, work.now, case, packages.get(self.session, case.version_id),
                      str(asked["node_id"]), str(asked["task_id"]))
        result = operation.function(ctx, **asked["parameters"])
        commands.answer_operation(work, int(asked["instance_id"]), str(asked["task_id"]), result=result, command_key=job.key)
        outbox.finish(self.session, job, work.now)


def judge(outcome: str, *marks: tuple[str, str, str], opinion: str = "") -> dict[str, object]:
    """The review form as a reviewer fills it in; marks are (field, label, opinion)."""
    return {"outcome": outcome, "opinion": opinion, "checked": CHECKED if outcome == "approve" else CHECKED[:3],
            "marks": [{"field": field, "label": label, "opinion": text} for field, label, text in marks]}


def create_staff(work: UnitOfWork, password_hash: str) -> dict[str, Actor]:
    made: dict[str, User] = {}
    for person in people.STAFF:
        made[person.login] = accounts.create_user(
            work, email=person.email, name=person.name, title=person.title, password_hash=password_hash,
            roles=person.roles)
    return {login: queries.actor_of(user) for login, user in made.items()}


def fill_registry(session: Session) -> None:
    """What the business registry knows: all companies but one; one has another head, one is dissolved."""
    known = [*companies.PUBLISHERS, companies.CHENHE, companies.HANCHUAN, companies.YUANLING, companies.HEGUANG,
             companies.QINGTIAN, companies.CHENGSHI, companies.MUYUN, companies.LANHAI, companies.SHANLAN,
             companies.TIANQIAO]
    for company in known:
        head = "游志宏" if company is companies.HEGUANG else company.head
        status = "解散" if company is companies.LANHAI else "核准設立"
        session.add(CompanyRecord(tax_id=company.tax_id, name=company.name, head_name=head, address=company.address,
                                  status=status))
    session.flush()
