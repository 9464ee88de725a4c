"""The demo data: loaded once, a case in every state, nothing stuck, and every account can sign in."""

from __future__ import annotations

import importlib

from flask.ctx import AppContext
from sqlalchemy import select

from app import demo
from app.accounts import passwords
from app.accounts.models import User
from app.clock import now
from app.config import ROOT
from app.demo import people
from app.engine import packages, reconcile
from app.engine.models import Incident, ProcessInstance
from app.extensions import db
from app.procurement.vendors.models import Vendor, VendorState
from tests.conftest import UowFactory


def test_the_demo_has_a_case_in_every_state_and_is_loaded_once(ctx: AppContext, uow: UowFactory) -> None:
    importlib.import_module("app.operations")
    with uow() as work:
        packages.deploy_all(work, ROOT)

    count = demo.load(now())

    assert demo.load(now()) is None
    assert len(list(db.session.scalars(select(ProcessInstance)))) == count
    assert set(db.session.scalars(select(Vendor.state))) == {str(state) for state in VendorState}
    assert list(db.session.scalars(select(Incident).where(Incident.resolved_at.is_(None)))) == []
    assert reconcile.reconcile(db.session()) == []
    owner = db.session.scalars(select(User).where(User.email == people.REVIEWER.email)).unique().one()
    assert passwords.verify(owner.password_hash, people.PASSWORD)
    shown = {email for _, email, _ in people.SHOWN}
    assert shown <= set(db.session.scalars(select(User.email)))
