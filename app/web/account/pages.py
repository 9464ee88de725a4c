"""帳號管理: who I am, my company's data, and where to correct them when a correction is asked for."""

from __future__ import annotations

from flask import render_template

from app.accounts.policy import REGISTRATION
from app.accounts.roles import VENDOR
from app.engine import queries as engine
from app.extensions import db
from app.procurement.vendors import queries as vendors
from app.procurement.vendors.models import VendorState
from app.web import session as visits
from app.web.account import blueprint
from app.web.guard import guard

_KINDS = {VendorState.PENDING: "run", VendorState.CORRECTING: "act", VendorState.APPROVED: "done", VendorState.REJECTED: "bad",
          VendorState.CANCELLED: "bad"}


@blueprint.get("/account")
@guard("account.view", pending=True)
def index() -> str:
    """A vendor sees its company as the office knows it; open registration tasks are named first."""
    user, actor = visits.signed_in(), visits.current_actor()
    vendor = vendors.get_vendor_of(db.session(), user.organisation_id) if user.organisation_id else None
    tasks = []
    if vendor and actor.party:
        tasks = engine.open_items(db.session(), roles={VENDOR}, party=actor.party, package_key=REGISTRATION).rows
    return render_template("web/account/index.html", user=user, vendor=vendor, tasks=tasks,
                           vendor_kind=_KINDS.get(VendorState(vendor.state), "idle") if vendor else "")
