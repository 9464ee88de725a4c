"""Data for a first look: tenders, announcements, companies, people, and a case in every state."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from app.accounts import passwords
from app.accounts.models import User
from app.actor import SYSTEM
from app.demo.cases import CASES
from app.demo.notices import load_notices
from app.demo.people import PASSWORD, STAFF
from app.demo.story import Story, create_staff, fill_registry
from app.extensions import UnitOfWork, db, release, unit_of_work

__all__ = ["is_loaded", "load"]

DAYS = 60


def is_loaded() -> bool:
    """Whether the demo people are there; real data never has their addresses."""
    return db.session.scalar(select(User.id).where(User.email == STAFF[0].email)) is not None


def load(now: datetime) -> int | None:
    """Tell the whole tale of the last sixty days, once, in one transaction.

    Returns the number of cases, or None when it was there. The package ``vendor_registration`` must be published.
    """
    if is_loaded():
        release()
        return None
    password_hash = passwords.hash(PASSWORD)
    with unit_of_work(SYSTEM, now=now) as uow:
        start = now - timedelta(days=DAYS)
        fill_registry(uow.session)
        staff = create_staff(UnitOfWork(uow.session, SYSTEM, start), password_hash)
        story = Story(uow.session, start, password_hash, staff)
        for case in CASES:
            case(story)
        load_notices(uow.session, now)
    return len(CASES)
