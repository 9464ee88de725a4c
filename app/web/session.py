"""Who is signed in, and for how long.

Flask-Login knows the account; the signed cookie holds beside it the login's own id, the account's
epoch, the second of login and the second of the last page. A session ends 120 minutes after the last
page (``QILIU_SESSION_MINUTES``), 12 hours after login, when the password changes, or at logout: then
copies of its cookie end too.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import flask_login
from flask import current_app, g, request, session
from sqlalchemy import bindparam, select

from app import clock
from app.accounts import queries
from app.accounts.attempts import LONGEST_LOGIN, has_ended
from app.accounts.models import User
from app.actor import Actor
from app.config import Config
from app.errors import Forbidden
from app.extensions import db

LONGEST = timedelta(hours=12)                # even with signs of life (ASVS 5, 7.3.2)
LAPSED_MAY_SAVE = timedelta(hours=24)
COOKIE_LASTS = timedelta(hours=48)           # longer than any session: what is over decides ``Login``, not the signature
_KEY = "login"
_ACCOUNT = select(User).where(User.id == bindparam("user_id"))      # built once: every request runs it


@dataclass(frozen=True, slots=True)
class Login:
    """What the cookie says. ``since`` and ``seen`` are Unix seconds."""

    id: str
    user: int
    epoch: int
    since: int
    seen: int

    @property
    def ends_at(self) -> int:
        config: Config = current_app.extensions["qiliu"]
        return min(self.seen + config.session_minutes * 60, self.since + int(LONGEST_LOGIN.total_seconds()))

    def seconds_left(self, now: datetime) -> int:
        """For 剩餘登入時間; never negative."""
        return max(0, self.ends_at - int(now.timestamp()))


class Visitor(flask_login.UserMixin):
    """An account as Flask-Login sees it."""

    def __init__(self, user: User) -> None:
        self.user = user

    def get_id(self) -> str:
        return str(self.user.id)


def load_visitor(user_id: str) -> Visitor | None:
    """For Flask-Login: the account, while its time lasts and its password stands."""
    login = _login()
    if login is None or str(login.user) != user_id or not login.seconds_left(clock.now()):
        return None
    user = _user_of(login)
    return Visitor(user) if user else None


def begin(user: User, now: datetime) -> None:
    """Sign in: everything the visitor's cookie held before is dropped, so that it cannot be fixed beforehand."""
    session.clear()
    _keep(user, now)


def login_id() -> str:
    """The id of the present login; empty when nobody is signed in."""
    login = _login()
    return login.id if login else ""


def end() -> None:
    flask_login.logout_user()
    session.clear()
    _forget()


def touch(now: datetime) -> None:
    """Each page a person opens starts the time again."""
    login = _login()
    if login is not None:
        session[_KEY] = asdict(replace(login, seen=int(now.timestamp())))


def refresh_epoch(user: User, now: datetime) -> None:
    """Keep this session after its own password change; the others end."""
    _keep(user, now)


def current_user() -> User | None:
    """The signed-in account, or None when nobody is, or no longer."""
    visitor = flask_login.current_user
    return visitor.user if visitor.is_authenticated else None


def signed_in() -> User:
    """The account behind a guarded view."""
    user = current_user()
    if user is None:
        raise Forbidden("請先登入。", code="login.required")
    return user


def lapsed_user() -> User | None:
    """Who was signed in until a while ago. May do nothing but have a draft saved."""
    login, now = _login(), clock.now()
    if login is None or login.seconds_left(now) or now.timestamp() > login.ends_at + LAPSED_MAY_SAVE.total_seconds():
        return None
    return _user_of(login)


def current_actor() -> Actor:
    """Who acts in this request; a visitor has no roles and no side."""
    if "actor" not in g:
        user = current_user()
        g.actor = actor_of(user) if user else queries.visitor(request.remote_addr)
    actor: Actor = g.actor
    return actor


def actor_of(user: User) -> Actor:
    return queries.actor_of(user, request.remote_addr)


def seconds_left(now: datetime) -> int:
    login = _login()
    return login.seconds_left(now) if login else 0


def safe_next(target: str | None) -> str | None:
    """A path of this site to go on to after login, or None. Other hosts and schemes are refused."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc or any(ord(sign) < 32 for sign in target) else target


def _login() -> Login | None:
    kept = session.get(_KEY)
    names = ("user", "epoch", "since", "seen")
    if not isinstance(kept, dict) or not all(type(kept.get(name)) is int for name in names):
        return None
    return Login(str(kept.get("id", "")), *(kept[name] for name in names))


def _user_of(login: Login) -> User | None:
    """The account, if it is open, its password has not changed since, and this login was not logged out."""
    user = db.session.scalars(_ACCOUNT, {"user_id": login.user}).unique().one_or_none()
    is_good = user and user.is_active and user.session_epoch == login.epoch and not has_ended(user, login.id)
    return user if is_good else None


def _keep(user: User, now: datetime) -> None:
    second = int(now.timestamp())
    session[_KEY] = asdict(Login(secrets.token_urlsafe(9), user.id, user.session_epoch, second, second))
    flask_login.login_user(Visitor(user))
    _forget()


def _forget() -> None:
    g.pop("actor", None)
