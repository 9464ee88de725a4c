"""Reads about tenders."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.procurement.tenders.models import Tender

FILLING, CLOSED, COMING = "填寫中", "已截止", "尚未開始"


def list_tenders(session: Session, *, limit: int = 50) -> list[Tender]:
    """Tenders, newest first ([001] figure 15 sorts by 標案編號)."""
    return list(session.scalars(select(Tender).order_by(Tender.number.desc()).limit(limit)))


def filling_state(tender: Tender, now: datetime) -> str:
    """The word people see for a tender's window."""
    if now < tender.opens_at:
        return COMING
    return FILLING if now < tender.closes_at else CLOSED
