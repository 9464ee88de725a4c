"""Companies register, correct their data and apply again."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.accounts import queries as accounts_queries
from app.accounts.commands import request_reset, visitor
from app.demo.companies import CHENHE, QINGTIAN, Company
from app.errors import InvalidInput
from app.extensions import db
from app.notify.models import Message
from app.procurement.vendors import commands, queries
from app.procurement.vendors.consent import VERSION
from app.procurement.vendors.models import Vendor, VendorState
from tests.conftest import UowFactory
from tests.factories import NOW, password_hash

pytestmark = pytest.mark.both_databases


def register(uow: UowFactory, company: Company, state: VendorState = VendorState.CORRECTING, **changes: str) -> int:
    with uow(now=NOW) as work:
        made = commands.register(work, company.values() | changes, password_hash=password_hash(), consent_version=VERSION)
        made.vendor.state = state
        return made.vendor.id


def correct(uow: UowFactory, vendor_id: int, values: dict[str, object]) -> None:
    with uow(now=NOW) as work:
        commands.apply_correction(work, queries.get_vendor(work.session, vendor_id), values)


@pytest.fixture
def blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the other window wrote between the look and the write."""
    own = accounts_queries.find_user
    monkeypatch.setattr(queries, "find_organisation", lambda *_: None)
    monkeypatch.setattr(accounts_queries, "find_user",
                        lambda session, login: own(session, login) if login == CHENHE.values()["contact_email"] else None)


@pytest.mark.usefixtures("blind")
@pytest.mark.parametrize("field", ["tax_id", "contact_email"])
def test_what_another_window_took_just_now_is_said_at_its_field(uow: UowFactory, field: str) -> None:
    register(uow, QINGTIAN)
    taken = str(QINGTIAN.values()[field])
    vendor_id = register(uow, CHENHE)

    with pytest.raises(InvalidInput) as corrected:
        correct(uow, vendor_id, CHENHE.values() | {field: taken})
    with pytest.raises(InvalidInput) as again, uow(now=NOW) as work:
        vendor = queries.get_vendor(work.session, vendor_id)
        vendor.state = VendorState.REJECTED
        commands.reapply(work, vendor, CHENHE.values() | {field: taken})

    assert list(corrected.value.fields) == list(again.value.fields) == [field]


def test_an_address_that_looks_like_a_column_is_no_tax_id(uow: UowFactory) -> None:
    address = "tax_id@vendor.example"
    register(uow, QINGTIAN, contact_email=address)

    with pytest.raises(InvalidInput) as refusal:
        register(uow, CHENHE, contact_email=address)

    assert list(refusal.value.fields) == ["contact_email"]


def test_a_new_login_address_is_told_to_both_addresses_and_voids_links(uow: UowFactory) -> None:
    vendor_id = register(uow, CHENHE)
    before, after = str(CHENHE.values()["contact_email"]), "new.contact@vendor.example"
    with uow(visitor(), now=NOW) as work:
        request_reset(work, before)
    link = db.session().scalars(select(Message.link).order_by(Message.id.desc())).first() or ""

    correct(uow, vendor_id, CHENHE.values() | {"contact_email": after})

    told = db.session().scalars(select(Message.email).where(Message.template == "accounts/email_changed.txt")).all()
    assert sorted(told) == sorted([before, after])
    assert accounts_queries.find_reset(db.session(), link.rpartition("/")[2], NOW) is None


def test_the_first_account_is_called_as_the_contact(uow: UowFactory) -> None:
    vendor_id = register(uow, CHENHE)

    correct(uow, vendor_id, CHENHE.values() | {"contact_name": "林新任", "contact_title": "專案經理"})

    user = accounts_queries.find_user(db.session(), str(CHENHE.values()["contact_email"]))
    assert user is not None and (user.name, user.title) == ("林新任", "專案經理")
    assert not db.session().scalars(select(Message.id).where(Message.template == "accounts/email_changed.txt")).all()


def test_lookalikes_are_found_in_any_case(uow: UowFactory) -> None:
    with uow(now=NOW) as work:
        other = work.session.get_one(Vendor, register_in(work, QINGTIAN))
        other.contact_email = "Contact@Vendor.example"
        one = work.session.get_one(Vendor, register_in(work, CHENHE))
        one.contact_email = "contact@vendor.example"
        work.session.flush()

        assert queries.list_lookalikes(work.session, one) == [other]


def register_in(work: object, company: Company) -> int:
    return commands.register(work, company.values(), password_hash=password_hash(),  # type: ignore[arg-type]
                             consent_version=VERSION).vendor.id
