"""Drive a case the way people and the background processes do, at a time the test decides.

    flow.register(COMPANY); flow.office_sends(REVIEW, reviewer, judge("approve")); flow.days(8)
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import select

from app import clock, files, outbox
from app.accounts import queries as accounts
from app.accounts.models import User
from app.actor import SYSTEM, Actor
from app.config import ROOT
from app.demo.companies import Company
from app.engine import commands, packages, queries
from app.engine.models import Event, Incident, ProcessInstance, WorkItem
from app.extensions import db, unit_of_work
from app.jobs import entry
from app.notify.models import Message
from app.operations.registration import start_again, start_registration
from app.outbox.models import OutboxJob
from app.procurement.vendors import commands as vendors
from app.procurement.vendors import queries as vendor_queries
from app.procurement.vendors.consent import VERSION
from app.procurement.vendors.models import CompanyRecord, Vendor
from tests import factories
from tests.support import bpmn_coverage

MORNING = datetime(2026, 5, 19, 1, 0, tzinfo=UTC)        # 115年5月19日 09:00, a Tuesday


class Flow:
    """One case, its people and its clock."""

    def __init__(self, app: Flask) -> None:
        self.app, self.now = app, MORNING
        self.case_id = 0
        self._keys = itertools.count(1)
        with unit_of_work(SYSTEM, now=self.now) as uow:
            packages.deploy_all(uow, ROOT)

    # ---- people
    def staff(self, *roles: str, name: str = "陳冠宇") -> Actor:
        with unit_of_work(SYSTEM, now=self.now) as uow:
            return accounts.actor_of(factories.make_user(uow.session, roles=roles, name=name))

    def contact(self) -> Actor:
        return accounts.actor_of(db.session.scalars(select(User).where(User.organisation_id.is_not(None))
                                                    .order_by(User.id.desc())).first())

    # ---- the world outside
    def registry_knows(self, company: Company, **other: str) -> None:
        with unit_of_work(SYSTEM, now=self.now) as uow:
            uow.session.add(CompanyRecord(**{"tax_id": company.tax_id, "name": company.name, "head_name": company.head,
                                             "address": company.address, "status": "核准設立", **other}))

    def days(self, number: float) -> None:
        """Time passes; timers that are due go off, jobs are done."""
        self.now += timedelta(days=number)
        with clock.frozen(self.now):
            for case_id in commands.due_instances(db.session(), self.now):
                with unit_of_work(SYSTEM, now=self.now) as uow:
                    commands.fire_timers(uow, case_id)
            self.jobs()

    def jobs(self) -> None:
        """Do everything that waits in the outbox, as the workers would."""
        with clock.frozen(self.now):
            while waiting := self._relay():
                for job_id in waiting:
                    entry.run(job_id)

    def _relay(self) -> list[str]:
        with unit_of_work(SYSTEM, now=self.now) as uow:
            return [due.id for due in outbox.claim_due(uow.session, self.now)]

    # ---- the case
    def register(self, company: Company, **changes: str) -> ProcessInstance:
        values = company.values() | changes
        with unit_of_work(Actor(None, company.contact), now=self.now) as uow:
            made = vendors.register(uow, values, password_hash=factories.password_hash(), consent_version=VERSION)
            uow.actor = accounts.actor_of(made.user)
            self.case_id = start_registration(uow, made, values).id
        self.jobs()
        return self.case

    def register_again(self, values: Mapping[str, object]) -> ProcessInstance:
        with unit_of_work(self.contact(), now=self.now) as uow:
            vendor = vendor_queries.get_vendor(uow.session, self.vendor.id)
            self.case_id = start_again(uow, vendor, values).id
        self.jobs()
        return self.case

    def claim(self, node: str, who: Actor) -> WorkItem:
        item_id = self.open_item(node).id
        with unit_of_work(who, now=self.now) as uow:
            return commands.claim(uow, item_id)

    def office_sends(self, node: str, who: Actor, values: Mapping[str, object]) -> None:
        self.claim(node, who)
        self.sends(node, who, values)

    def sends(self, node: str, who: Actor, values: Mapping[str, object], *, key: str | None = None) -> None:
        item = self.open_item(node)
        item_id, version = item.id, item.version
        with unit_of_work(who, now=self.now) as uow:
            commands.complete(uow, item_id, values, expected=version, command_key=key or f"key-{next(self._keys)}")
        self.jobs()

    def withdraw(self, who: Actor) -> None:
        with unit_of_work(who, now=self.now) as uow:
            commands.withdraw(uow, self.case_id, command_key=f"key-{next(self._keys)}")
        self.jobs()

    # ---- what can be seen
    @property
    def case(self) -> ProcessInstance:
        db.session.rollback()
        return db.session.get_one(ProcessInstance, self.case_id)

    @property
    def vendor(self) -> Vendor:
        return vendor_queries.get_vendor(db.session(), int(self.case.subject.partition(":")[2]))

    def open_item(self, node: str) -> WorkItem:
        return db.session.scalars(select(WorkItem).where(
            WorkItem.instance_id == self.case_id, WorkItem.node_id == node, WorkItem.status == "open")).one()

    def waits_at(self) -> list[str]:
        return sorted(item.node_id for item in queries.case_items(db.session(), self.case.id))

    def letters(self) -> list[str]:
        """Templates of the letters that left, in order."""
        return [row.template.partition("/")[2] for row in db.session.scalars(
            select(Message).where(Message.sent_at.is_not(None)).order_by(Message.id))]

    def documents(self) -> list[bytes]:
        return [files.read_file(row) for row in files.list_files(db.session(), self.case_id)]

    def incidents(self) -> list[Incident]:
        return list(db.session.scalars(select(Incident).where(Incident.resolved_at.is_(None))))

    def decision(self) -> dict[str, object]:
        event = db.session.scalars(select(Event).where(Event.instance_id == self.case_id, Event.kind == "decision.made")
                                   .order_by(Event.id.desc())).first()
        return event.data if event else {}

    def dead_jobs(self) -> int:
        return len(list(db.session.scalars(select(OutboxJob).where(OutboxJob.status != "done"))))

    def remember_coverage(self) -> None:
        for case in db.session.scalars(select(ProcessInstance)):
            bpmn_coverage.record(case.package_key, queries.history(db.session(), case.id))
