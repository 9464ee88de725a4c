"""Writes about vendors. Each runs in the caller's transaction and leaves one audit row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import audit
from app.accounts import commands as accounts
from app.accounts import queries as accounts_queries
from app.accounts.models import User
from app.errors import InvalidInput
from app.extensions import Work
from app.procurement.vendors import logic, queries
from app.procurement.vendors.consent import DOCUMENT
from app.procurement.vendors.models import Vendor, VendorState

KNOWN_TAX_ID = ("此統一編號已註冊，請勿重複註冊。請向貴公司的帳號管理者索取邀請，"
                "或以「忘記密碼」取回帳號。")
KNOWN_EMAIL = "此電子郵件已有帳號。請直接登入，或以「忘記密碼」取回帳號。"


@dataclass(frozen=True, slots=True)
class Registration:
    """What a registration made: the company's first account and its vendor row."""

    user: User
    vendor: Vendor


def register(work: Work, values: Mapping[str, object], *, password_hash: str, consent_version: str) -> Registration:
    """Create a company's organisation, vendor row and first account, in state 審核中.

    values          the checked form ``vendor_registration/apply``
    password_hash   made beforehand: hashing is slow and no lock may be held meanwhile
    Raises          InvalidInput(tax_id | contact_email) when either is known (domain §3.1)
    """
    data = logic.vendor_data(values)
    if queries.find_organisation(work.session, data["tax_id"]) is not None:
        raise InvalidInput({"tax_id": [KNOWN_TAX_ID]})
    with _once(work):
        registration = _create(work, data, password_hash)
    accounts.record_consent(work, registration.user, DOCUMENT, consent_version)
    audit.record(work, "vendor:registered", _subject(registration.vendor), after=data)
    return registration


@contextmanager
def _once(work: Work) -> Iterator[None]:
    """Writes that another window may have made just now. Raises InvalidInput(tax_id | contact_email) for what it took."""
    try:
        with work.session.begin_nested():
            yield
    except IntegrityError as error:
        # PostgreSQL names the constraint, SQLite the column; the rest of a message holds what was typed.
        constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
        known = (constraint or str(error.orig).replace(".", "_")).endswith
        if known(("organisations_tax_id", "vendors_tax_id")):
            raise InvalidInput({"tax_id": [KNOWN_TAX_ID]}) from error
        if known("users_email"):
            raise InvalidInput({"contact_email": [KNOWN_EMAIL]}) from error
        raise


def _create(work: Work, data: dict[str, str], password_hash: str) -> Registration:
    organisation = accounts.create_organisation(work, tax_id=data["tax_id"], name=data["company_name"])
    user = accounts.create_user(work, email=data["contact_email"], name=data["contact_name"],
                                title=data["contact_title"], password_hash=password_hash, roles=("vendor",),
                                organisation=organisation)
    vendor = Vendor(organisation=organisation, state=VendorState.PENDING, created_at=work.now, **data)
    work.session.add(vendor)
    work.session.flush()                                  # its id is the case's subject
    return Registration(user, vendor)


def apply_correction(work: Work, vendor: Vendor, values: Mapping[str, object]) -> None:
    """Take over corrected company data; the registration is under review again.

    Raises  InvalidInput(tax_id | contact_email) when another company has either; also ``reapply``
    """
    with _once(work):
        _update(work, vendor, values, "vendor:data:changed")


def reapply(work: Work, vendor: Vendor, values: Mapping[str, object]) -> None:
    """A company whose registration ended without approval applies again with the same account. Raises WrongState."""
    work.session.execute(select(Vendor.id).where(Vendor.id == vendor.id).with_for_update(key_share=True))
    work.session.refresh(vendor)                          # another window may have done it just now
    with _once(work):
        vendor.decided_at = vendor.decision_reason = None
        _update(work, vendor, values, "vendor:reapplied")


def request_correction(work: Work, vendor: Vendor) -> None:
    _decide(work, vendor, VendorState.CORRECTING, None)


def approve(work: Work, vendor: Vendor) -> None:
    """The company may use everything from now on."""
    _decide(work, vendor, VendorState.APPROVED, None)
    accounts.set_organisation_active(work, vendor.organisation_id, True)


def reject(work: Work, vendor: Vendor, reason: str) -> None:
    _decide(work, vendor, VendorState.REJECTED, reason)


def expire(work: Work, vendor: Vendor) -> None:
    _decide(work, vendor, VendorState.EXPIRED, "通知修改後 30 天未回覆")


def withdraw(work: Work, vendor: Vendor) -> None:
    _decide(work, vendor, VendorState.WITHDRAWN, None)


def cancel(work: Work, vendor: Vendor, reason: str) -> None:
    """The office ended the case early."""
    _decide(work, vendor, VendorState.CANCELLED, reason)


def _decide(work: Work, vendor: Vendor, state: VendorState, reason: str | None) -> None:
    before = vendor.state
    logic.move(vendor, state)
    vendor.decided_at, vendor.decision_reason = work.now, reason
    audit.record(work, "vendor:state:changed", _subject(vendor), before={"state": before},
                 after={"state": str(state), "reason": reason})


def _update(work: Work, vendor: Vendor, values: Mapping[str, object], action: str) -> None:
    """Take over new data; the registration is under review again. The trail has both states and what was changed."""
    state = vendor.state
    logic.move(vendor, VendorState.PENDING)
    data = logic.vendor_data(values)
    before = {key: getattr(vendor, key) for key in data if getattr(vendor, key) != data[key]}
    if "tax_id" in before and queries.find_organisation(work.session, data["tax_id"]) is not None:
        raise InvalidInput({"tax_id": [KNOWN_TAX_ID]})
    if before.keys() & {"contact_email", "contact_name", "contact_title"}:
        _change_contact(work, vendor, data)
    for key in before:
        setattr(vendor, key, data[key])
    vendor.organisation.name, vendor.organisation.tax_id = vendor.company_name, vendor.tax_id
    audit.record(work, action, _subject(vendor), before={"state": state, **before},
                 after={"state": vendor.state, **{key: data[key] for key in before}})


def _change_contact(work: Work, vendor: Vendor, data: Mapping[str, str]) -> None:
    """The contact is the company's first account ([001] figure 5: 帳號(電子郵件))."""
    owner = accounts_queries.find_user(work.session, vendor.contact_email)
    if owner is None or owner.organisation_id != vendor.organisation_id:
        return
    email, name, title = (data.get(key, getattr(vendor, key)) for key in ("contact_email", "contact_name", "contact_title"))
    if accounts_queries.find_user(work.session, email) not in (None, owner):
        raise InvalidInput({"contact_email": [KNOWN_EMAIL]})
    accounts.rename(work, owner, name=name, title=title)
    accounts.change_email(work, owner, email)


def _subject(vendor: Vendor) -> str:
    return f"vendor:{vendor.id}"
