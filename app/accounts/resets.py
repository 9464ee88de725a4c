"""Passwords that change: forgotten ones by a mailed link, known ones by their owner."""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select, update

from app import audit, notify
from app.accounts import attempts, queries
from app.accounts.models import PasswordReset, User
from app.audit.tags import Tag
from app.errors import NotFound, Stale
from app.extensions import Work
from app.notify import Recipient
from app.notify.render import render

LINK_TIME = timedelta(minutes=60)
MAX_LINKS = 5                                # in LINK_TIME for one account: nobody's mailbox is flooded by us
RESET_PATH = "/password/reset/{token}"
TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "mail"


def request_reset(work: Work, email: str, *, path: str = RESET_PATH) -> None:
    """Mail a link to the account of this address. Says nothing and works alike whether or not there is one.

    path    of the page that takes the link, with ``{token}``
    Writes  password_resets, a mail, audit ``account:reset:requested``
    """
    user = queries.find_user(work.session, email)
    user = user if user and user.is_active and "@" in email else None
    token = secrets.token_urlsafe(32)
    served = user if _links_of(work, user) < MAX_LINKS else None
    void_links(work, served)                 # never without a new one: asking often takes nobody's link away
    if served is None:
        _render_for_nobody()
    else:
        _mail_link(work, served, token, path)
    audit.record(work, Tag.RESET_REQUESTED, f"user:{user.id}" if user else "user:unknown")


def finish_reset(work: Work, token: str, facts: queries.PasswordFacts, password_hash: str) -> User:
    """Set the new password of a mailed link and use the link up. Raises NotFound(code ``reset.gone``)."""
    user = _unchanged(work, facts)
    reset = queries.find_reset(work.session, token, work.now)
    if reset is None or reset.user_id != user.id or not user.is_active:
        raise NotFound(queries.RESET_GONE, code="reset.gone")
    audit.record(work, Tag.RESET_USED, f"user:{user.id}", actor=queries.actor_of(user, work.actor.address))
    _set_and_tell(work, user, password_hash)
    return user


def finish_change(work: Work, facts: queries.PasswordFacts, password_hash: str) -> User:
    """Set the new password of a person who gave the old one."""
    user = _unchanged(work, facts)
    _set_and_tell(work, user, password_hash)
    return user


def _unchanged(work: Work, facts: queries.PasswordFacts) -> User:
    """The account, held, if its password is still the one that was compared."""
    user = attempts.lock_user(work.session, facts.user_id)
    if user is None or user.password_hash != facts.password_hash:
        raise Stale()
    return user


def _set_and_tell(work: Work, user: User, password_hash: str) -> None:
    attempts.set_password(work, user, password_hash)
    void_links(work, user)
    audit.record(work, Tag.PASSWORD_CHANGED, f"user:{user.id}", actor=queries.actor_of(user, work.actor.address))
    name = "accounts/password_changed.txt"
    notify.send(work.session, _source(name), template=name, to=queries.recipient(user), now=work.now,
                context={"name": user.name, "at": work.now}, key=f"password-changed:{user.id}:{user.session_epoch}")


def _mail_link(work: Work, user: User, token: str, path: str) -> None:
    reset = PasswordReset(user_id=user.id, token_hash=queries.hash_token(token), expires_at=work.now + LINK_TIME)
    work.session.add(reset)
    work.session.flush()                     # its id is part of the message's key
    name = "accounts/password_reset.txt"
    notify.send(work.session, _source(name), template=name, to=queries.recipient(user), key=f"password-reset:{reset.id}",
                context={"name": user.name, "minutes": LINK_TIME.seconds // 60}, now=work.now,
                link=path.format(token=token), is_notice=False)


def _render_for_nobody() -> None:
    """The slow part of the mail, so that the answer takes as long for an address without an account."""
    name = "accounts/password_reset.txt"
    render(_source(name), {"name": "", "minutes": LINK_TIME.seconds // 60}, template=name)


def _links_of(work: Work, user: User | None) -> int:
    query = select(func.count()).where(PasswordReset.user_id == (user.id if user else 0),
                                       PasswordReset.expires_at > work.now)
    return work.session.scalar(query) or 0


def void_links(work: Work, user: User | None) -> None:
    """Reset links that were mailed to the account open nothing any more."""
    work.session.execute(update(PasswordReset).where(
        PasswordReset.user_id == (user.id if user else 0), PasswordReset.used_at.is_(None)).values(used_at=work.now))


def tell_new_address(work: Work, user: User, before: str) -> None:
    """Tell the old address and the new one that the account is reached by the new one."""
    name = "accounts/email_changed.txt"
    context = {"before": before, "after": user.email, "at": work.now}
    for to, side in ((Recipient(before, user.name), "before"), (queries.recipient(user), "after")):
        notify.send(work.session, _source(name), template=name, to=to, context=context, now=work.now,
                    key=f"email-changed:{user.id}:{work.now.timestamp()}:{side}")


def _source(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")
