"""Where registration meets its procedure: starting the case of a vendor that just registered or applies again."""

from __future__ import annotations

from collections.abc import Mapping

from app.engine import commands as engine
from app.engine.models import ProcessInstance
from app.extensions import UnitOfWork
from app.procurement.numbers import next_number
from app.procurement.vendors import commands as vendors
from app.procurement.vendors import logic
from app.procurement.vendors import queries as vendors_queries
from app.procurement.vendors.commands import Registration
from app.procurement.vendors.models import Vendor, VendorState

PACKAGE = "vendor_registration"


def start_registration(uow: UnitOfWork, registration: Registration, values: Mapping[str, object], *,
                       command_key: str | None = None) -> ProcessInstance:
    """Start the review of a new registration; its number is ``R-<ROC date>-<serial>``."""
    return _start(uow, registration.vendor, values, command_key)


def start_again(uow: UnitOfWork, vendor: Vendor, values: Mapping[str, object], *,
                command_key: str | None = None) -> ProcessInstance:
    """A company whose registration ended without approval applies again; raises WrongState otherwise."""
    vendors.reapply(uow, vendor, values)
    return _start(uow, vendor, values, command_key)


def follow_cancellation(uow: UnitOfWork, case: ProcessInstance, reason: str) -> None:
    """The office ended the review early: the company is told why and may apply again."""
    vendor = vendors_queries.get_vendor(uow.session, int((case.subject or "").partition(":")[2]))
    if logic.may_move(vendor, VendorState.CANCELLED):
        vendors.cancel(uow, vendor, reason)


def _start(uow: UnitOfWork, vendor: Vendor, values: Mapping[str, object], command_key: str | None) -> ProcessInstance:
    return engine.start(uow, PACKAGE, title=vendor.company_name, business_key=next_number(uow.session, "R", uow.now),
                        parties={"vendor": vendor.organisation.party}, subject=f"vendor:{vendor.id}",
                        values=dict(values), command_key=command_key)
