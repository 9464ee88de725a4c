"""Vendors: what a company told us about itself, and where its registration stands."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Organisation
from app.extensions import UtcDateTime, db


class VendorState(StrEnum):
    """Where a registration stands; the value is what people read ([001] §2.5; 駁回, 逾期結案, 撤回, 取消 ours)."""

    PENDING = "審核中"
    CORRECTING = "註冊資料修改"
    APPROVED = "通過"
    REJECTED = "駁回"
    EXPIRED = "逾期結案"
    WITHDRAWN = "撤回"
    CANCELLED = "取消"


class Vendor(db.Model):
    """Company and contact data ([001] figures 4–5). Phones are kept as shown: ``02-1234-5678#123``."""

    __tablename__ = "vendors"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), unique=True)
    state: Mapped[str] = mapped_column(String(10))
    tax_id: Mapped[str] = mapped_column(String(8), unique=True)
    company_name: Mapped[str] = mapped_column(String(100))
    head_name: Mapped[str] = mapped_column(String(50))
    postcode: Mapped[str] = mapped_column(String(6))
    address: Mapped[str] = mapped_column(String(200))
    contact_name: Mapped[str] = mapped_column(String(50))
    contact_title: Mapped[str] = mapped_column(String(50))
    contact_phone: Mapped[str] = mapped_column(String(30))
    contact_mobile: Mapped[str] = mapped_column(String(20))
    contact_email: Mapped[str] = mapped_column(String(254), index=True)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_reason: Mapped[str | None] = mapped_column(String(1000))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    organisation: Mapped[Organisation] = relationship(lazy="joined")


class CompanyRecord(db.Model):
    """A copy of the business registry, for the file implementation of its adapter. ``status`` 核准設立, 解散 …"""

    __tablename__ = "company_records"

    tax_id: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    head_name: Mapped[str] = mapped_column(String(50))
    address: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(20))
