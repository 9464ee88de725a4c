"""Accounts, organisations, consent, and who acts."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.accounts import commands, queries
from app.accounts.models import Consent
from app.accounts.roles import OFFICE_ROLES, ROLES, STAFF_ROLES, role_names
from app.actor import Actor
from app.audit import list_events
from app.errors import NotFound
from app.extensions import db
from tests.factories import NOW, make_organisation, make_tax_id, make_user, make_vendor, password_hash

pytestmark = pytest.mark.both_databases


def test_roles_are_those_of_the_domain():
    assert len(ROLES) == 13
    assert set(ROLES) - {"vendor"} == STAFF_ROLES
    assert OFFICE_ROLES.isdisjoint({"vendor", "agency", "committee", "designer"})
    assert role_names(["approver", "reviewer"]) == ["審核人員", "核定人員"]


def test_actor_of_staff_has_no_party(uow):
    with uow(now=NOW) as work:
        user = make_user(work.session, roles=("reviewer", "approver"))

    assert queries.actor_of(user, "192.0.2.1") == Actor(user.id, user.name, frozenset({"reviewer", "approver"}), None,
                                                        "192.0.2.1")


def test_actor_of_a_vendor_stands_on_its_side(uow):
    with uow(now=NOW) as work:
        approved, pending = make_vendor(work.session), make_vendor(work.session, is_active=False)

    assert queries.actor_of(approved).roles == {"vendor"}
    assert queries.actor_of(approved).party == f"org:{approved.organisation_id}"
    assert queries.actor_of(pending).roles == {"vendor", "applicant"}


@pytest.mark.parametrize("roles", [(), ("vendor", "reviewer"), ("vendor",), ("wizard",), ("applicant",)])
def test_impossible_roles_are_refused(uow, roles):
    with pytest.raises(ValueError, match="roles"), uow(now=NOW) as work:
        commands.create_user(work, email="a@example.tw", name="甲", password_hash=password_hash(), roles=roles)


def test_known_address_is_refused_in_any_case(uow):
    with uow(now=NOW) as work:
        make_user(work.session, email="wang@example.tw")

    with pytest.raises(IntegrityError), uow(now=NOW) as work:
        make_user(work.session, email="WANG@example.tw")


def test_creation_is_audited_without_the_hash(uow):
    with uow(now=NOW) as work:
        user = make_user(work.session)

    event = list_events(db.session(), action="account:created")[0]
    assert (event.subject, event.after) == (f"user:{user.id}", {"roles": ["reviewer"], "organisation_id": None})


def test_organisation_opens_and_closes_once_each(uow):
    with uow(now=NOW) as work:
        organisation = make_organisation(work.session, is_active=False)
        commands.set_organisation_active(work, organisation.id, True)
        commands.set_organisation_active(work, organisation.id, True)
        commands.set_organisation_active(work, organisation.id, False)

    actions = [event.action for event in list_events(db.session(), subject=organisation.party)]
    assert actions == ["organisation:closed", "organisation:opened", "organisation:created"]
    assert queries.find_organisation(db.session(), organisation.tax_id).is_active is False


def test_consent_twice_is_once(uow):
    with uow(now=NOW) as work:
        user = make_user(work.session)
        first = commands.record_consent(work, user, "privacy", "2026-05")
        again = commands.record_consent(work, user, "privacy", "2026-05")
        commands.record_consent(work, user, "privacy", "2026-06")

    assert first.id == again.id
    assert db.session().scalar(select(func.count()).select_from(Consent)) == 2


def test_people_by_role_and_by_organisation(uow):
    with uow(now=NOW) as work:
        late = make_user(work.session, name="乙")
        early = make_user(work.session, name="丙", roles=("approver", "reviewer"))
        make_user(work.session, name="甲", role="approver")
        closed = make_user(work.session)
        closed.is_active = False
        first = make_vendor(work.session)
        second = make_user(work.session, role="vendor", organisation=first.organisation)

    assert [user.id for user in queries.list_by_role(db.session(), "reviewer")] == [early.id, late.id]
    assert [user.id for user in queries.list_members(db.session(), first.organisation_id)] == [first.id, second.id]


def test_unknown_ids_are_not_found(ctx):
    for read in (queries.get_user, queries.get_organisation):
        with pytest.raises(NotFound):
            read(db.session(), 404)


def test_factory_makes_valid_and_different_tax_ids():
    made = {make_tax_id() for _ in range(50)}

    assert len(made) == 50
