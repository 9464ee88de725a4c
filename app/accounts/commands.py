"""Writes about accounts. Each runs in the caller's transaction; none of them hashes (``doors`` does, before)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import audit, outbox
from app.accounts import queries
from app.accounts.models import Consent, Organisation, PasswordRecord, User, UserRole
from app.accounts.roles import ROLES, STAFF_ROLES, VENDOR
from app.audit.tags import Tag
from app.extensions import Work

MAX_FAILURES = 5                             # domain §4: locked for 15 minutes after 5 failures
LOCK_TIME = timedelta(minutes=15)


def create_user(work: Work, *, email: str, name: str, password_hash: str, roles: Iterable[str],
                organisation: Organisation | None = None, title: str | None = None) -> User:
    """Open an account.

    email           checked by the form; kept lower-case
    password_hash   from ``passwords.hash``, made before the transaction
    roles           keys of ``ROLES``: ``vendor`` alone and with an organisation, or staff roles
    Raises          sqlalchemy IntegrityError when the address has an account: the caller's form names the field
    """
    roles = frozenset(roles)
    if not roles or not roles <= set(ROLES) or (VENDOR in roles and (roles & STAFF_ROLES or organisation is None)):
        raise ValueError(f"not a possible set of roles: {sorted(roles)}")
    user = User(email=email.strip().lower(), name=name, title=title, organisation=organisation, password_hash=password_hash,
                password_changed_at=work.now, created_at=work.now, is_active=True, session_epoch=0, failed_logins=0,
                role_rows=[UserRole(role=role) for role in sorted(roles)])
    work.session.add(user)
    work.session.flush()                     # its id is the audit's subject
    _remember_password(work.session, user, work.now)
    audit.record(work, Tag.ACCOUNT_CREATED, _subject(user), after={"roles": sorted(roles),
                                                                   "organisation_id": user.organisation_id})
    return user


def create_organisation(work: Work, *, tax_id: str, name: str, kind: str = VENDOR, is_active: bool = False) -> Organisation:
    """Enter a company or agency. Raises sqlalchemy IntegrityError when the 統一編號 is known."""
    organisation = Organisation(tax_id=tax_id, name=name, kind=kind, is_active=is_active, created_at=work.now)
    work.session.add(organisation)
    work.session.flush()                     # its id names the party
    audit.record(work, Tag.ORGANISATION_CREATED, organisation.party, after={"tax_id": tax_id, "name": name, "kind": kind})
    return organisation


def set_organisation_active(work: Work, organisation_id: int, is_active: bool) -> Organisation:
    """Let an organisation's people do more than see their registration, or stop that."""
    organisation = queries.get_organisation(work.session, organisation_id)
    if organisation.is_active != is_active:
        organisation.is_active = is_active
        audit.record(work, Tag.ORGANISATION_OPENED if is_active else Tag.ORGANISATION_CLOSED, organisation.party)
    return organisation


def record_consent(work: Work, user: User, document: str, version: str) -> Consent:
    """Note that the person accepted this version of a text; twice is once."""
    consent, is_new = outbox.insert_once(work.session, Consent, {
        "user_id": user.id, "document": document, "version": version, "accepted_at": work.now,
        "address": work.actor.address}, unique=("user_id", "document", "version"))
    if is_new:
        audit.record(work, Tag.ACCOUNT_CONSENT, _subject(user), after={"document": document, "version": version})
    return consent


def record_success(work: Work, credentials: queries.Credentials, new_hash: str | None = None) -> User | None:
    """Let a person in whose password was right; None when the account is locked, closed or changed meanwhile.

    new_hash   the same password hashed at today's cost, if that has changed
    """
    user = lock_user(work.session, credentials.user_id)
    if user is None or not user.is_active or is_locked(user, work.now) or user.password_hash != credentials.password_hash:
        _record_refusal(work, user, "locked" if user and is_locked(user, work.now) else "closed")
        return None
    user.failed_logins, user.locked_until, user.last_login_at = 0, None, work.now
    user.password_hash = new_hash or user.password_hash
    audit.record(work, Tag.ACCOUNT_LOGIN, _subject(user), actor=queries.actor_of(user, work.actor.address))
    return user


def record_failure(work: Work, credentials: queries.Credentials) -> None:
    """Count a wrong password; the fifth locks. While locked nothing is counted, so nobody can prolong it."""
    user = lock_user(work.session, credentials.user_id)
    if user is None or is_locked(user, work.now):
        _record_refusal(work, user, "locked" if user else "unknown")
        return
    user.failed_logins = 1 if user.locked_until else user.failed_logins + 1       # a lock that is over starts anew
    user.locked_until = None
    _record_refusal(work, user, "password")
    if user.failed_logins >= MAX_FAILURES:
        user.locked_until = work.now + LOCK_TIME
        audit.record(work, Tag.ACCOUNT_LOCKED, _subject(user), after={"until": user.locked_until.isoformat()})


def record_logout(work: Work) -> None:
    audit.record(work, Tag.ACCOUNT_LOGOUT, f"user:{work.actor.user_id}")


def set_password(work: Work, user: User, password_hash: str) -> None:
    """Take over a checked new password: all sessions end, the lock opens, links die, the person is told."""
    user.password_hash, user.password_changed_at = password_hash, work.now
    user.session_epoch += 1
    user.failed_logins, user.locked_until = 0, None
    _remember_password(work.session, user, work.now)


def lock_user(session: Session, user_id: int | None) -> User | None:
    """The account as it is now, held until the transaction ends."""
    if user_id is None:
        return None
    query = select(User).where(User.id == user_id).with_for_update(of=User)
    return session.scalars(query.execution_options(populate_existing=True)).unique().one_or_none()


def is_locked(user: User, now: datetime) -> bool:
    return user.locked_until is not None and user.locked_until > now


def _remember_password(session: Session, user: User, now: datetime) -> None:
    """Keep the hashes that will be refused, and no older ones."""
    session.add(PasswordRecord(user_id=user.id, password_hash=user.password_hash, created_at=now))
    session.flush()                          # so that the new one is counted
    kept = (select(PasswordRecord.id).where(PasswordRecord.user_id == user.id).order_by(PasswordRecord.id.desc())
            .limit(queries.REMEMBERED_PASSWORDS))
    session.execute(delete(PasswordRecord).where(PasswordRecord.user_id == user.id, PasswordRecord.id.not_in(kept)))


def _record_refusal(work: Work, user: User | None, reason: str) -> None:
    """What was typed is not recorded: people type passwords into the wrong field."""
    audit.record(work, Tag.ACCOUNT_LOGIN_FAILED, _subject(user) if user else "user:unknown", after={"reason": reason})


def _subject(user: User) -> str:
    return f"user:{user.id}"
