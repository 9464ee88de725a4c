"""Who in the office can be given work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User, UserRole


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    name: str
    roles: frozenset[str]


def list_people(session: Session, roles: Iterable[str]) -> list[Person]:
    """Active members of the office who hold one of these roles, by name; one statement."""
    rows = session.execute(select(User.id, User.name, UserRole.role).join(UserRole, UserRole.user_id == User.id)
                           .where(User.is_active, User.organisation_id.is_(None), UserRole.role.in_(sorted(roles)))
                           .order_by(User.name, User.id))
    held: dict[tuple[int, str], set[str]] = {}
    for user_id, name, role in rows:
        held.setdefault((user_id, name), set()).add(role)
    return [Person(user_id, name, frozenset(found)) for (user_id, name), found in held.items()]
