"""Applying again with the same account, after a registration ended without approval."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import forms
from app.engine import packages
from app.errors import InvalidInput, NotFound, WrongState
from app.extensions import db, unit_of_work
from app.operations.registration import PACKAGE, start_again
from app.procurement.vendors import queries as vendors
from app.procurement.vendors.logic import REAPPLICABLE
from app.procurement.vendors.models import Vendor
from app.web import session as visits
from app.web.guard import guard
from app.web.plain_forms import summary
from app.web.taskflow import form_of, new_key
from app.web.vendor import blueprint


@blueprint.get("/reapply")
@guard("case.list", pending=True)
def reapply() -> ResponseReturnValue:
    """The registration form with what the office knows."""
    vendor = _vendor()
    if vendor.state not in REAPPLICABLE:
        return redirect(url_for("vendor.home"), 303)
    return _page(_bind(vendor, None), new_key())


@blueprint.post("/reapply")
@guard("case.list", pending=True)
def send_reapplication() -> ResponseReturnValue:
    vendor, key = _vendor(), request.form.get("submission_key") or new_key()
    bound = _bind(vendor, request.form)
    if vendor.state not in REAPPLICABLE:                      # the second click: the first one is under review
        return redirect(url_for("vendor.home"), 303)
    if not bound.validate():
        return _page(bound, key), 422
    try:
        with unit_of_work(visits.current_actor()) as uow:
            start_again(uow, vendor, bound.values, command_key=f"reapply:{key[:80]}")
    except InvalidInput as refused:
        bound.errors.update(refused.fields)
        return _page(bound, key), 422
    except WrongState:                                  # the other window was faster, by a moment
        pass
    return redirect(url_for("vendor.home"), 303)


def _vendor() -> Vendor:
    found = vendors.get_vendor_of(db.session(), visits.signed_in().organisation_id or 0)
    if found is None:
        raise NotFound()
    return found


def _bind(vendor: Vendor, post: Any) -> forms.Bound:
    package = packages.get(db.session(), packages.active(db.session(), PACKAGE).id)
    schema = form_of(package, package.node(package.manifest["start"])["properties"].get("formKey"))
    return forms.bind(schema, {f.key: getattr(vendor, f.key, "") for f in schema.fields()}, post=post)


def _page(bound: forms.Bound, key: str) -> str:
    errors = summary(bound)
    return render_template("web/vendor/reapply.html", bound=bound, submission_key=key, errors=errors,
                           page_has_errors=bool(errors))
