"""Effects that leave the database: written with the business change, carried out after the commit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import JsonText, UtcDateTime, db


class OutboxJob(db.Model):
    """One effect. SQL is the truth; Redis only carries ids.

    kind       names a handler in ``jobs/handlers.py`` (``mail``, ``document``, ``operation`` …)
    key        unique: the same effect asked for twice is one row, and the receiver sees the key
    status     pending → sent (handed to the queue) → running → done | dead
    lease_until  a sent or running row past its lease goes back to pending (worker or queue died)
    attempts   tries made; back-off 5, 30, 120, 600 s, then dead and an incident or a mark in the admin page
    """

    __tablename__ = "outbox_jobs"
    __table_args__ = (Index("ix_outbox_jobs_due", "status", "due_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))
    key: Mapped[str] = mapped_column(String(160), unique=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JsonText)
    instance_id: Mapped[int | None]
    status: Mapped[str] = mapped_column(String(10), default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int] = mapped_column(default=5)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Beat(db.Model):
    """The last sign of life of a background process, for ``/readyz``."""

    __tablename__ = "beats"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
