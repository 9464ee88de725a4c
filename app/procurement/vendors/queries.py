"""Reads about vendors."""

from __future__ import annotations

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import Organisation
from app.errors import NotFound
from app.procurement.vendors.models import Vendor

#: The most companies a duplicate check looks at; more would say nothing new to a reviewer.
DUPLICATE_LIMIT = 20


def get_vendor(session: Session, vendor_id: int) -> Vendor:
    vendor = session.get(Vendor, vendor_id)
    if vendor is None:
        raise NotFound(vendor=vendor_id)
    return vendor


def get_vendor_of(session: Session, organisation_id: int) -> Vendor | None:
    """The vendor an organisation is, or None for an agency."""
    return session.scalar(select(Vendor).where(Vendor.organisation_id == organisation_id))


def find_organisation(session: Session, tax_id: str) -> Organisation | None:
    return session.scalar(select(Organisation).where(Organisation.tax_id == tax_id))


def list_lookalikes(session: Session, vendor: Vendor) -> list[Vendor]:
    """Other vendors that share a telling field with this one."""
    alike = or_(Vendor.company_name == vendor.company_name, func.lower(Vendor.contact_email) == vendor.contact_email.lower(),
                Vendor.contact_mobile == vendor.contact_mobile, Vendor.contact_phone == vendor.contact_phone,
                Vendor.address == vendor.address)
    rows = select(Vendor).where(Vendor.id != vendor.id, alike).order_by(Vendor.id).limit(DUPLICATE_LIMIT)
    return list(session.scalars(rows))
