"""Registering a company: the consent, the form, and the case that reviews it (domain §3.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from app import clock, forms
from app.accounts import passwords, queries
from app.accounts.models import User
from app.engine import packages
from app.engine.models import Command, ProcessInstance
from app.errors import InvalidInput
from app.extensions import UnitOfWork, db, limiter, release, unit_of_work
from app.forms import secrets
from app.operations.registration import PACKAGE, start_registration
from app.procurement.vendors import commands as vendors
from app.procurement.vendors import consent as text
from app.web import session as visits
from app.web.guard import public_route
from app.web.plain_forms import refuse, summary
from app.web.public import blueprint
from app.web.taskflow import form_of, new_key

_CONSENT = "consent"         # in the visitor's session: the version that was accepted


@blueprint.get("/register/consent")
@public_route
def consent() -> str:
    return render_template("web/public/consent.html", consent=text)


@blueprint.post("/register/consent")
@public_route
def accept_consent() -> ResponseReturnValue:
    """Remember which version the visitor accepted; an older one must be read again."""
    if request.form.get("version") != text.VERSION:
        return redirect(url_for("public.consent"), 303)
    session[_CONSENT] = text.VERSION
    return redirect(url_for("public.register"), 303)


@blueprint.get("/register")
@public_route
def register() -> ResponseReturnValue:
    if session.get(_CONSENT) != text.VERSION:
        return redirect(url_for("public.consent"), 303)
    return _page(_bind(None), secrets.RegisterSecretsForm(), new_key())


@blueprint.post("/register")
@limiter.limit("30 per hour")
@public_route
def send_registration() -> ResponseReturnValue:
    """Check, create the company, start its case, log in. The same form sent twice is one registration."""
    key = _command_key(request.form.get("submission_key"))
    known = _registered_before(key, request.form.get("password", ""))
    if known is None:
        bound, own = _bind(request.form), secrets.RegisterSecretsForm(request.form)
        refused = _refusals(bound, own)
        if refused is None:
            known, refused = _register(bound.values, own, key)
        if known is None:
            return _page(bound, own, key.partition(":")[2], refused or {}), 422
    visits.begin(known, clock.now())
    return redirect(url_for("vendor.home"), 303)


def _refusals(bound: forms.Bound, own: secrets.RegisterSecretsForm) -> Mapping[str, list[str]] | None:
    """None when both halves are right; else what belongs to no shown field (usually nothing)."""
    right = [bound.validate(), own.validate()]
    if session.get(_CONSENT) != text.VERSION:
        own.refuse("consent", "請先閱讀同意書")
        right.append(False)
    email, tax_id = (str(bound.values.get(name) or "") for name in ("contact_email", "tax_id"))
    try:
        passwords.check_strength(own.password.data or "", email=email, tax_id=tax_id)
    except InvalidInput as weak:
        if not own.password.errors:
            refuse(own, weak.fields)
        right.append(False)
    return None if all(right) else {}


def _register(values: dict[str, object], own: secrets.RegisterSecretsForm,
              key: str) -> tuple[User | None, Mapping[str, list[str]]]:
    """The new account, or the fields that a command refused."""
    release()
    password_hash = passwords.hash(own.password.data)
    try:
        with unit_of_work(queries.visitor(request.remote_addr)) as uow:
            return _create(uow, values, password_hash, key), {}
    except InvalidInput as refused:
        return _registered_before(key, own.password.data), refused.fields


def _create(uow: UnitOfWork, values: dict[str, object], password_hash: str, key: str) -> User:
    made = vendors.register(uow, values, password_hash=password_hash, consent_version=text.VERSION)
    by_applicant = replace(uow, actor=queries.actor_of(made.user, request.remote_addr))
    start_registration(by_applicant, made, values, command_key=key)
    return made.user


def _registered_before(key: str, password: str) -> User | None:
    """Whose registration this very form already made: a double click, or a resent page.

    The form's key alone lets nobody in: the password has to be the account's.
    """
    done = db.session.get(Command, key)
    case = db.session.get(ProcessInstance, done.instance_id) if done and done.instance_id else None
    user = db.session.get(User, case.started_by_id) if case and case.started_by_id else None
    release()
    return user if user and user.is_active and passwords.verify(user.password_hash, password) else None


def _command_key(given: str | None) -> str:
    return f"register:{(given or new_key())[:80]}"


def _bind(post: Any) -> forms.Bound:
    package = packages.get(db.session(), packages.active(db.session(), PACKAGE).id)
    form_key = package.node(package.manifest["start"])["properties"].get("formKey")
    return forms.bind(form_of(package, form_key), {}, post=post)


def _page(bound: forms.Bound, own: secrets.RegisterSecretsForm, key: str,
          refused: Mapping[str, list[str]] | None = None) -> str:
    bound.errors.update(refuse(own, refused or {}))
    errors = summary(bound, own)
    return render_template("web/public/register.html", bound=bound, secrets=own, submission_key=key, errors=errors,
                           page_has_errors=bool(errors), consent=text)
