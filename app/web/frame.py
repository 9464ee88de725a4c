"""What the frame around a page shows: the person, the menu, unread notices, the time left."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from flask import session, url_for

from app import notify
from app.accounts import roles
from app.accounts.models import User
from app.actor import Actor
from app.extensions import db
from app.procurement.tenders import queries as tenders
from app.procurement.tenders.models import Tender
from app.web import nav
from app.web import session as visits
from app.web.guard import is_pending


class Frame:
    """Read by the layouts; every part is looked up only when a page shows it."""

    def __init__(self, user: User | None, actor: Actor, now: datetime) -> None:
        self.user, self._actor, self._now = user, actor, now

    @property
    def is_staff(self) -> bool:
        return bool(self._actor.roles & frozenset(roles.STAFF_ROLES))

    @property
    def layout(self) -> str:
        """The template a page shared by both sides extends."""
        return f"web/layout/{'public' if not self.user else 'staff' if self.is_staff else 'vendor'}.html"

    @cached_property
    def pending(self) -> bool:
        return self.user is not None and is_pending(self.user)

    @cached_property
    def nav(self) -> list[nav.Link]:
        return nav.links("staff" if self.is_staff else "vendor", self._actor, pending=self.pending)

    @property
    def home(self) -> str:
        """Where this person starts: the first entry of their menu."""
        if not self.user:
            return url_for("public.home")
        return self.nav[0].url if self.nav else url_for("account.index")

    @cached_property
    def side(self) -> str:
        """The organisation of a vendor, the roles of the office's people."""
        if self.user and self.user.organisation and not self.is_staff:
            return self.user.organisation.name
        return self.role_names

    @property
    def role_names(self) -> str:
        return "、".join(roles.role_names(self._actor.roles))

    @cached_property
    def unread(self) -> int:
        return notify.unread(db.session(), self.user.id) if self.user else 0

    @cached_property
    def tender(self) -> Tender | None:
        """The vendor's chosen tender, shown as 案號 · 標別; the newest open one until one is chosen."""
        if self.is_staff or self.pending:
            return None
        listed = tenders.list_tenders(db.session())
        chosen = [t for t in listed if t.id == session.get("tender")]
        still_open = [t for t in listed if tenders.filling_state(t, self._now) == tenders.FILLING]
        return next(iter(chosen + still_open + listed), None)

    @property
    def seconds_left(self) -> int:
        return visits.seconds_left(self._now)

    @property
    def minutes_left(self) -> int:
        return -(-self.seconds_left // 60)
