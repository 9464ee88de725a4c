"""Tenders as listed in [001] figure 15. The kind is data, never derived from the number."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import UtcDateTime, db


class Tender(db.Model):
    """``number`` is the internal 標案編號 (29), ``case_number`` the 標案案號 (1150202)."""

    __tablename__ = "tenders"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    case_number: Mapped[str] = mapped_column(String(10), unique=True)
    kind: Mapped[str] = mapped_column(String(20))              # 套裝軟體標, 雲端服務標, 資訊服務(含資安)標
    name: Mapped[str] = mapped_column(String(200))
    opens_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime] = mapped_column(UtcDateTime)
