"""What a session cookie says about its person, and when it has ended. The cookie is signed by the door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.accounts.models import User

SESSION_TIME = timedelta(minutes=120)        # without a sign of life (domain §4)
LONGEST = timedelta(hours=12)                # even with them (ASVS 5, 7.3.2)


@dataclass(frozen=True, slots=True)
class Login:
    """``epoch`` is the account's when the person came in; ``since`` the login, ``seen`` the last renewal, Unix seconds."""

    user_id: int
    epoch: int
    since: int
    seen: int

    def payload(self) -> dict[str, int]:
        """For the session cookie, under one key."""
        return {"user": self.user_id, "epoch": self.epoch, "since": self.since, "seen": self.seen}

    def renewed(self, now: datetime) -> Login:
        """The same login with a new sign of life."""
        return Login(self.user_id, self.epoch, self.since, int(now.timestamp()))

    def ends_at(self, session_time: timedelta = SESSION_TIME) -> float:
        """When it ends if nothing happens, Unix seconds."""
        return min(self.seen + session_time.total_seconds(), self.since + LONGEST.total_seconds())

    def seconds_left(self, now: datetime, session_time: timedelta = SESSION_TIME) -> int:
        """For 剩餘登入時間; never negative."""
        return max(0, int(self.ends_at(session_time) - now.timestamp()))


def start_login(user: User, now: datetime) -> Login:
    second = int(now.timestamp())
    return Login(user.id, user.session_epoch, second, second)


def read_login(payload: object) -> Login | None:
    """The login of a cookie's payload; None when it is not one."""
    names = ("user", "epoch", "since", "seen")
    if not isinstance(payload, Mapping) or not all(type(payload.get(name)) is int for name in names):
        return None
    return Login(*(payload[name] for name in names))


def find_session_user(session: Session, login: Login | None, now: datetime,
                      session_time: timedelta = SESSION_TIME) -> User | None:
    """The person of a session that is still good: in time, account open, password not changed since."""
    if login is None or login.seconds_left(now, session_time) == 0:
        return None
    user = session.get(User, login.user_id)
    return user if user and user.is_active and user.session_epoch == login.epoch else None
