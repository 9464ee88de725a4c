"""Messages to people: one row each, with a notice in the system and a mail that leaves by the outbox."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import UtcDateTime, db


class Message(db.Model):
    """``key`` is unique and becomes the Message-ID, so that a mail sent twice is recognised as one.

    user_id  None for an address without an account (then there is a mail but no notice)
    link     path inside the site, shown in the notice and made absolute in the mail
    """

    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_user", "user_id", "read_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(160), unique=True)
    template: Mapped[str] = mapped_column(String(120))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    link: Mapped[str | None] = mapped_column(String(300))
    is_notice: Mapped[bool] = mapped_column(default=True)         # False: mail only (password links)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
