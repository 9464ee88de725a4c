"""Announcements: readable before login, three categories (domain §3.12)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import UtcDateTime, db


class Announcement(db.Model):
    """Shown from ``published_on`` to ``closes_on`` (both included, Taipei); ``body`` is plain text with paragraphs."""

    __tablename__ = "announcements"

    id: Mapped[int] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(String(10))          # 招標公告, 活動消息, 產品異動公告
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    published_on: Mapped[date] = mapped_column(Date, index=True)
    closes_on: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
