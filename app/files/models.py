"""Files of cases: bytes in a content-addressed store, a row for each use."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import UtcDateTime, db


class StoredFile(db.Model):
    """``sha256`` names the bytes in the store; the same bytes are kept once. ``size`` in bytes."""

    __tablename__ = "stored_files"
    __table_args__ = (Index("ix_stored_files_case", "instance_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(160), unique=True)    # the same effect repeated is one row
    instance_id: Mapped[int | None]
    party: Mapped[str | None] = mapped_column(String(80))         # whose side may read it, None = the office only
    kind: Mapped[str] = mapped_column(String(30))                 # receipt, upload …
    name: Mapped[str] = mapped_column(String(200))
    mime: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(80))
