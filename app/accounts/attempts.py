"""What logins and new passwords leave behind: counters, locks, remembered hashes. No hashing here."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import audit
from app.accounts import queries
from app.accounts.models import PasswordRecord, User
from app.audit.tags import Tag
from app.extensions import Work

MAX_FAILURES = 5                             # domain §4: locked for 15 minutes after 5 failures
LOCK_TIME = timedelta(minutes=15)
LONGEST_LOGIN = timedelta(hours=12)          # even with signs of life (ASVS 5, 7.3.2)
MOST_ENDED = 100                             # of one account within that time


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
    audit.record(work, Tag.ACCOUNT_LOGIN, subject(user), actor=queries.actor_of(user, work.actor.address))
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
        audit.record(work, Tag.ACCOUNT_LOCKED, subject(user), after={"until": user.locked_until.isoformat()})


def set_password(work: Work, user: User, password_hash: str) -> None:
    """Take over a checked new password: all sessions end, the lock opens, links die, the person is told."""
    user.password_hash, user.password_changed_at = password_hash, work.now
    user.session_epoch += 1
    user.failed_logins, user.locked_until = 0, None
    remember_password(work.session, user, work.now)


def lock_user(session: Session, user_id: int | None) -> User | None:
    """The account as it is now, held until the transaction ends."""
    if user_id is None:
        return None
    query = select(User).where(User.id == user_id).with_for_update(of=User)
    return session.scalars(query.execution_options(populate_existing=True)).unique().one_or_none()


def end_login(work: Work, login_id: str) -> None:
    """Remember the login as ended for as long as it could have lasted."""
    user = lock_user(work.session, work.actor.user_id)
    if user is not None:
        second = int(work.now.timestamp())
        kept = [entry for entry in user.ended_logins or [] if entry[1] > second - LONGEST_LOGIN.total_seconds()]
        user.ended_logins = [*kept, [login_id, second]][-MOST_ENDED:]


def has_ended(user: User, login_id: str) -> bool:
    return any(entry[0] == login_id for entry in user.ended_logins or [])


def is_locked(user: User, now: datetime) -> bool:
    return user.locked_until is not None and user.locked_until > now


def remember_password(session: Session, user: User, now: datetime) -> None:
    """Keep the hashes that will be refused, and no older ones."""
    session.add(PasswordRecord(user_id=user.id, password_hash=user.password_hash, created_at=now))
    session.flush()                          # so that the new one is counted
    kept = (select(PasswordRecord.id).where(PasswordRecord.user_id == user.id).order_by(PasswordRecord.id.desc())
            .limit(queries.REMEMBERED_PASSWORDS))
    session.execute(delete(PasswordRecord).where(PasswordRecord.user_id == user.id, PasswordRecord.id.not_in(kept)))


def _record_refusal(work: Work, user: User | None, reason: str) -> None:
    """What was typed is not recorded: people type passwords into the wrong field."""
    audit.record(work, Tag.ACCOUNT_LOGIN_FAILED, subject(user) if user else "user:unknown", after={"reason": reason})


def subject(user: User) -> str:
    return f"user:{user.id}"
