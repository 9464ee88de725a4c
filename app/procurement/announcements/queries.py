"""Reads about announcements. All are public while their window is open."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.procurement.announcements.models import Announcement

CATEGORIES = ("招標公告", "活動消息", "產品異動公告")


def _shown(on: date) -> ColumnElement[bool]:
    return (Announcement.published_on <= on) & or_(Announcement.closes_on.is_(None), Announcement.closes_on >= on)


def current(session: Session, on: date, *, category: str | None = None, limit: int = 50) -> list[Announcement]:
    """Announcements open on a day, newest first."""
    rows = select(Announcement).where(_shown(on))
    if category:
        rows = rows.where(Announcement.category == category)
    return list(session.scalars(rows.order_by(Announcement.published_on.desc(), Announcement.id.desc()).limit(limit)))


def get(session: Session, announcement_id: int, on: date) -> Announcement:
    """One announcement, or NotFound when it does not exist or its window is closed."""
    found: Announcement | None = session.scalar(select(Announcement).where(Announcement.id == announcement_id, _shown(on)))
    if found is None:
        raise NotFound(announcement=announcement_id)
    return found
