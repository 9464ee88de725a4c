"""Builders of the smallest valid people and organisations, through the rooms' own commands."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from functools import cache

from sqlalchemy.orm import Session

from app.accounts import commands, passwords, queries
from app.accounts.models import Organisation, User
from app.actor import SYSTEM, Actor
from app.extensions import UnitOfWork

NOW = datetime(2026, 5, 19, 8, 20, tzinfo=UTC)       # 115年5月19日 16:20 in Taipei, a Tuesday
PASSWORD = "Right-Horse-42!"
_WEIGHTS = (1, 2, 1, 2, 1, 2, 4, 1)
_numbers = itertools.count(1)


def work(session: Session, *, now: datetime = NOW, actor: Actor = SYSTEM) -> UnitOfWork:
    """A unit of work on a session whose transaction the test owns."""
    return UnitOfWork(session, actor, now)


@cache
def password_hash(password: str = PASSWORD) -> str:
    return passwords.hash(password, cost=passwords.FAST)


def make_tax_id() -> str:
    """The next 統一編號 with a right checksum (digit sums of the products add up to a multiple of 5)."""
    for number in _numbers:
        text = f"{10_000_000 + number * 7:08}"
        total = sum(sum(divmod(int(digit) * weight, 10)) for digit, weight in zip(text, _WEIGHTS, strict=True))
        if total % 5 == 0 and text[6] != "7":
            return text
    raise AssertionError("unreachable")


def make_organisation(session: Session, *, tax_id: str | None = None, name: str | None = None, is_active: bool = True,
                      kind: str = "vendor", now: datetime = NOW) -> Organisation:
    tax_id = tax_id or make_tax_id()
    return commands.create_organisation(work(session, now=now), tax_id=tax_id, name=name or f"測試{tax_id}股份有限公司",
                                        kind=kind, is_active=is_active)


def make_user(session: Session, *, role: str = "reviewer", roles: tuple[str, ...] | None = None, email: str | None = None,
              name: str = "王小明", organisation: Organisation | None = None, password: str = PASSWORD,
              now: datetime = NOW) -> User:
    """An open account; one with the role vendor gets an approved organisation unless it is given one."""
    roles = roles or (role,)
    if "vendor" in roles and organisation is None:
        organisation = make_organisation(session, now=now)
    return commands.create_user(work(session, now=now), email=email or f"person{next(_numbers)}@example.tw", name=name,
                                password_hash=password_hash(password), roles=roles, organisation=organisation)


def make_vendor(session: Session, *, is_active: bool = True, **options: object) -> User:
    """The first account of a new company."""
    return make_user(session, role="vendor", organisation=make_organisation(session, is_active=is_active),
                     **options)  # type: ignore[arg-type]


def actor_for(user: User, address: str = "192.0.2.7") -> Actor:
    return queries.actor_of(user, address)
