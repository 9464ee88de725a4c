"""Reads about people and organisations."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Organisation, PasswordRecord, PasswordReset, User, UserRole
from app.accounts.roles import APPLICANT, VENDOR
from app.actor import Actor
from app.errors import NotFound
from app.notify import Recipient

REMEMBERED_PASSWORDS = 3                     # the last three are refused (domain §4)
RESET_GONE = "這個連結已失效或已使用過，請重新申請重設密碼。"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a login is compared with, read before the hashing; ``user_id`` None: no such account."""

    user_id: int | None
    password_hash: str | None


@dataclass(frozen=True, slots=True)
class PasswordFacts:
    """What a new password is compared with, read before the hashing."""

    user_id: int
    password_hash: str
    earlier: tuple[str, ...]
    email: str
    tax_id: str | None


def get_user(session: Session, user_id: int) -> User:
    user = session.get(User, user_id)
    if user is None:
        raise NotFound(user_id=user_id)
    return user


def find_user(session: Session, login: str) -> User | None:
    """The account of an e-mail address, or the first account of a vendor's 統一編號."""
    login = login.strip()
    query = select(User).where(User.email == login.lower())
    if len(login) == 8 and login.isascii() and login.isdigit():
        query = (select(User).join(User.organisation)
                 .where(Organisation.tax_id == login, Organisation.kind == VENDOR).order_by(User.id).limit(1))
        first = session.scalars(query.with_only_columns(User.id)).first()
        return session.get(User, first) if first is not None else None
    return session.scalars(query).unique().one_or_none()


def find_organisation(session: Session, tax_id: str) -> Organisation | None:
    return session.scalars(select(Organisation).where(Organisation.tax_id == tax_id)).one_or_none()


def get_organisation(session: Session, organisation_id: int) -> Organisation:
    organisation = session.get(Organisation, organisation_id)
    if organisation is None:
        raise NotFound(organisation_id=organisation_id)
    return organisation


def list_by_role(session: Session, role: str) -> list[User]:
    """Who may be given work of a role: open accounts that hold it, by name."""
    query = select(User).join(UserRole, UserRole.user_id == User.id).where(UserRole.role == role, User.is_active.is_(True))
    return list(session.scalars(query.order_by(User.name, User.id)).unique())


def list_members(session: Session, organisation_id: int) -> list[User]:
    """The open accounts of an organisation, the first one first."""
    query = select(User).where(User.organisation_id == organisation_id, User.is_active.is_(True)).order_by(User.id)
    return list(session.scalars(query).unique())


def actor_of(user: User, address: str | None = None) -> Actor:
    """The user as one who acts. Only vendors have a party; one of a company not approved is also an applicant."""
    roles = {row.role for row in user.role_rows}
    organisation = user.organisation if VENDOR in roles else None
    if VENDOR in roles and (organisation is None or not organisation.is_active):
        roles.add(APPLICANT)
    return Actor(user.id, user.name, frozenset(roles), organisation and organisation.party, address)


def visitor(address: str | None = None) -> Actor:
    """Somebody who has not logged in. May do nothing but what is public."""
    return Actor(None, "訪客", address=address)


def recipient(user: User) -> Recipient:
    return Recipient(user.email, user.name, user.id)


def read_credentials(session: Session, login: str) -> Credentials:
    user = find_user(session, login)
    return Credentials(user.id, user.password_hash) if user else Credentials(None, None)


def password_facts(session: Session, user: User) -> PasswordFacts:
    earlier = session.scalars(select(PasswordRecord.password_hash).where(PasswordRecord.user_id == user.id)
                              .order_by(PasswordRecord.id.desc()).limit(REMEMBERED_PASSWORDS))
    return PasswordFacts(user.id, user.password_hash, tuple(earlier), user.email,
                         user.organisation and user.organisation.tax_id)


def hash_token(token: str) -> str:
    """What is kept of a link's token: it has 256 bits, so a plain SHA-256 is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_reset(session: Session, token: str, now: datetime) -> PasswordReset | None:
    """The reset a link stands for, if it is still good."""
    query = select(PasswordReset).where(PasswordReset.token_hash == hash_token(token), PasswordReset.used_at.is_(None),
                                        PasswordReset.expires_at > now)
    return session.scalars(query).one_or_none()


def reset_owner(session: Session, token: str, now: datetime) -> User:
    """Whose password a mailed link resets. Raises NotFound(code ``reset.gone``) when unknown, used or expired."""
    reset = find_reset(session, token, now)
    user = session.get(User, reset.user_id) if reset else None
    if user is None or not user.is_active:
        raise NotFound(RESET_GONE, code="reset.gone")
    return user
