"""Writes about accounts.

The first group runs in the caller's transaction and never hashes. The second is for the doors,
where a password is typed: hashing takes about 40 ms, and on SQLite a writer that hashes would keep
everybody else waiting, so these read, end the transaction, hash, and then write in a transaction
of their own. They are not for use inside another unit of work.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from app import audit, outbox
from app.accounts import attempts, passwords, queries, resets
from app.accounts.models import Consent, Organisation, User, UserRole
from app.accounts.queries import actor_of, visitor
from app.accounts.resets import request_reset
from app.accounts.roles import ROLES, STAFF_ROLES, VENDOR
from app.actor import Actor
from app.audit.tags import Tag
from app.errors import InvalidInput
from app.extensions import Work, db, release, unit_of_work

__all__ = ["actor_of", "authenticate", "change_email", "change_password", "create_organisation", "create_user", "record_consent",
           "record_logout", "rename", "request_reset", "reset_password", "set_organisation_active", "visitor"]

LOGIN_REFUSED = "電子郵件或密碼不正確，或帳號已鎖定"
WRONG_OLD = "目前的密碼不正確，或帳號已鎖定"
USED_BEFORE = f"不可使用最近 {queries.REMEMBERED_PASSWORDS} 次用過的密碼"


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
    attempts.remember_password(work.session, user, work.now)
    audit.record(work, Tag.ACCOUNT_CREATED, attempts.subject(user), after={"roles": sorted(roles),
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


def change_email(work: Work, user: User, email: str) -> None:
    """Change the address a person signs in with; both addresses are told, open reset links are void.

    Raises   sqlalchemy IntegrityError when the address has an account: the caller's form names the field
    """
    before, user.email = user.email, email.strip().lower()
    if user.email == before:
        return
    work.session.flush()
    resets.void_links(work, user)
    resets.tell_new_address(work, user, before)
    audit.record(work, Tag.ACCOUNT_EMAIL, attempts.subject(user), before={"email": before}, after={"email": user.email})


def rename(work: Work, user: User, *, name: str, title: str | None) -> None:
    """Change how a person is called; the caller's own record says why."""
    user.name, user.title = name, title
    work.session.flush()


def record_consent(work: Work, user: User, document: str, version: str) -> Consent:
    """Note that the person accepted this version of a text; twice is once."""
    consent, is_new = outbox.insert_once(work.session, Consent, {
        "user_id": user.id, "document": document, "version": version, "accepted_at": work.now,
        "address": work.actor.address}, unique=("user_id", "document", "version"))
    if is_new:
        audit.record(work, Tag.ACCOUNT_CONSENT, attempts.subject(user), after={"document": document, "version": version})
    return consent


def record_logout(work: Work, login_id: str) -> None:
    """End one login for good: a copy of its cookie no longer works, other logins go on."""
    attempts.end_login(work, login_id)
    audit.record(work, Tag.ACCOUNT_LOGOUT, f"user:{work.actor.user_id}")


def authenticate(login: str, password: str, *, actor: Actor, now: datetime) -> User:
    """The account of a person who logs in.

    login    e-mail address, or 統一編號 for a vendor's first account
    actor    ``queries.visitor(address)``
    Writes   audit; five failures lock for 15 minutes
    Raises   InvalidInput(code ``login.refused``): one answer, and one duration, for all reasons
    """
    credentials = queries.read_credentials(db.session(), login)
    release()
    user = _check(credentials, password, actor, now)
    if user is None:
        raise InvalidInput({}, LOGIN_REFUSED, code="login.refused")
    return user


def reset_password(token: str, password: str, *, actor: Actor, now: datetime) -> User:
    """Set a new password by a mailed link. Raises NotFound(code ``reset.gone``), InvalidInput(password), Stale."""
    facts = queries.password_facts(db.session(), queries.reset_owner(db.session(), token, now))
    release()
    password_hash = _hash_new(password, facts)
    with unit_of_work(actor, now=now) as work:
        return resets.finish_reset(work, token, facts, password_hash)


def change_password(user_id: int, old: str, new: str, *, actor: Actor, now: datetime) -> User:
    """Set a new password, given the old one; other sessions end (this one needs the new epoch).

    Raises   InvalidInput(old): counted like a failed login; InvalidInput(password), Stale
    """
    facts = queries.password_facts(db.session(), queries.get_user(db.session(), user_id))
    release()
    if not passwords.verify(facts.password_hash, old) or not _is_open(facts.user_id, now):
        with unit_of_work(actor, now=now) as work:
            attempts.record_failure(work, queries.Credentials(facts.user_id, facts.password_hash))
        raise InvalidInput({"old": [WRONG_OLD]})
    password_hash = _hash_new(new, facts)
    with unit_of_work(actor, now=now) as work:
        return resets.finish_change(work, facts, password_hash)


def _check(credentials: queries.Credentials, password: str, actor: Actor, now: datetime) -> User | None:
    is_right = passwords.verify(credentials.password_hash, password)
    new_hash = None
    if is_right and credentials.password_hash and passwords.needs_rehash(credentials.password_hash):
        new_hash = passwords.hash(password)
    with unit_of_work(actor, now=now) as work:
        if is_right:
            return attempts.record_success(work, credentials, new_hash)
        attempts.record_failure(work, credentials)
        return None


def _is_open(user_id: int, now: datetime) -> bool:
    is_open = not attempts.is_locked(queries.get_user(db.session(), user_id), now)
    release()
    return is_open


def _hash_new(password: str, facts: queries.PasswordFacts) -> str:
    passwords.check_strength(password, email=facts.email, tax_id=facts.tax_id)
    if passwords.is_any_of(password, (facts.password_hash, *facts.earlier)):
        raise InvalidInput({"password": [USED_BEFORE]})
    return passwords.hash(password)
