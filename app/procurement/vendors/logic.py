"""Pure rules of vendor registration: the 統一編號, the state machine, what looks like a duplicate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.errors import WrongState
from app.procurement.vendors.models import Vendor, VendorState

#: Company and contact data that a registration form carries into the vendor's row.
DATA_FIELDS = ("tax_id", "company_name", "head_name", "postcode", "address", "contact_name",
               "contact_title", "contact_phone", "contact_mobile", "contact_email")

#: Fields that two different companies do not share without a reason a reviewer should hear.
DUPLICATE_LABELS = {"company_name": "公司名稱", "contact_email": "電子郵件", "contact_mobile": "聯絡人手機",
                    "contact_phone": "聯絡人電話", "address": "公司地址"}

S = VendorState
TRANSITIONS: Mapping[VendorState, frozenset[VendorState]] = {
    S.PENDING: frozenset({S.CORRECTING, S.APPROVED, S.REJECTED, S.WITHDRAWN, S.CANCELLED}),
    S.CORRECTING: frozenset({S.PENDING, S.EXPIRED, S.CANCELLED}),
    S.REJECTED: frozenset({S.PENDING}),
    S.EXPIRED: frozenset({S.PENDING}),
    S.WITHDRAWN: frozenset({S.PENDING}),
    S.CANCELLED: frozenset({S.PENDING}),
    S.APPROVED: frozenset(),
}

#: A company whose registration ended without approval may apply again with the same account.
REAPPLICABLE = frozenset({S.REJECTED, S.EXPIRED, S.WITHDRAWN, S.CANCELLED})


def may_move(vendor: Vendor, to: VendorState) -> bool:
    return to in TRANSITIONS[VendorState(vendor.state)]


def move(vendor: Vendor, to: VendorState) -> None:
    """Change the state, or raise WrongState naming both."""
    current = VendorState(vendor.state)
    if to not in TRANSITIONS[current]:
        raise WrongState(f"註冊目前是「{current}」，不能改為「{to}」。", current=str(current), wanted=str(to))
    vendor.state = to


def vendor_data(values: Mapping[str, object]) -> dict[str, str]:
    """The part of a submitted form that belongs to the vendor's row."""
    return {key: str(values[key]) for key in DATA_FIELDS if key in values}


def shared_fields(vendor: Vendor, others: Iterable[Vendor]) -> list[tuple[str, str]]:
    """(label, other company's name) for every field another vendor has filled in alike."""
    found = []
    for other in others:
        for key, label in DUPLICATE_LABELS.items():
            if getattr(other, key).strip().casefold() == getattr(vendor, key).strip().casefold():
                found.append((label, other.company_name))
    return found
