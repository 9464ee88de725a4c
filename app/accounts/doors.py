"""What the doors call where a password is involved: read, end the transaction, hash, then one command.

Hashing takes about 40 ms. On SQLite a writer that hashes would keep everybody else waiting, so
these functions own their transactions; they are not for use inside another unit of work.
"""

from __future__ import annotations

from datetime import datetime

from app.accounts import commands, passwords, queries, resets
from app.accounts.models import User
from app.actor import Actor
from app.errors import InvalidInput
from app.extensions import db, release, unit_of_work

LOGIN_REFUSED = "電子郵件或密碼不正確，或帳號已鎖定"
WRONG_OLD = "目前的密碼不正確，或帳號已鎖定"
USED_BEFORE = f"不可使用最近 {queries.REMEMBERED_PASSWORDS} 次用過的密碼"


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
            commands.record_failure(work, queries.Credentials(facts.user_id, facts.password_hash))
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
            return commands.record_success(work, credentials, new_hash)
        commands.record_failure(work, credentials)
        return None


def _is_open(user_id: int, now: datetime) -> bool:
    is_open = not commands.is_locked(queries.get_user(db.session(), user_id), now)
    release()
    return is_open


def _hash_new(password: str, facts: queries.PasswordFacts) -> str:
    passwords.check_strength(password, email=facts.email, tax_id=facts.tax_id)
    if passwords.is_any_of(password, (facts.password_hash, *facts.earlier)):
        raise InvalidInput({"password": [USED_BEFORE]})
    return passwords.hash(password)
