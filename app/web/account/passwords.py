"""Passwords: forgotten (the same answer for everybody), reset by a mailed link, changed by their owner."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.accounts import commands as accounts
from app.accounts import queries, resets
from app.errors import InvalidInput, NotFound, Stale
from app.extensions import db, limiter, unit_of_work
from app.forms.secrets import ChangePasswordForm, NewPasswordForm, ResetRequestForm
from app.web import session as visits
from app.web.account import blueprint
from app.web.guard import guard, public_route
from app.web.plain_forms import refuse, summary


@blueprint.get("/password/forgot")
@public_route
def forgot() -> str:
    return render_template("web/account/forgot.html", form=ResetRequestForm(), errors=[])


@blueprint.post("/password/forgot")
@limiter.limit("10 per 15 minutes")
@public_route
def request_reset() -> ResponseReturnValue:
    """Ask for the mail. Whether there is such an account is not said."""
    form = ResetRequestForm(request.form)
    if not form.validate():
        return render_template("web/account/forgot.html", form=form, errors=summary(form), page_has_errors=True), 422
    with unit_of_work(queries.visitor(request.remote_addr)) as uow:
        resets.request_reset(uow, form.email.data)
    return redirect(url_for("account.forgot_sent"), 303)


@blueprint.get("/password/forgot/sent")
@public_route
def forgot_sent() -> str:
    return render_template("web/account/forgot_sent.html", minutes=resets.LINK_TIME.seconds // 60)


@blueprint.get("/password/reset/<token>")
@public_route
def reset(token: str) -> ResponseReturnValue:
    """The page of a mailed link: the address is shown, the new password asked for."""
    try:
        owner = queries.reset_owner(db.session(), token, clock.now())
    except NotFound:
        return render_template("web/account/reset_gone.html"), 410
    return _reset_page(NewPasswordForm(), owner.email)


@blueprint.post("/password/reset/<token>")
@limiter.limit("20 per 15 minutes")
@public_route
def set_new_password(token: str) -> ResponseReturnValue:
    now, form = clock.now(), NewPasswordForm(request.form)
    try:
        owner = queries.reset_owner(db.session(), token, now).email
        if form.validate():
            accounts.reset_password(token, form.password.data, actor=queries.visitor(request.remote_addr), now=now)
            visits.end()
            flash("密碼已重設，請以新密碼登入。", "done")
            return redirect(url_for("public.home"), 303)
    except (NotFound, Stale):
        return render_template("web/account/reset_gone.html"), 410
    except InvalidInput as refused:
        refuse(form, refused.fields)
    return _reset_page(form, owner), 422


@blueprint.get("/account/password")
@guard("account.change_password", pending=True)
def password() -> str:
    return _change_page(ChangePasswordForm())


@blueprint.post("/account/password")
@limiter.limit("20 per 15 minutes")
@guard("account.change_password", pending=True)
def change_password() -> ResponseReturnValue:
    """The old one is needed; all other sessions of the account end."""
    form, now, actor = ChangePasswordForm(request.form), clock.now(), visits.current_actor()
    if form.validate():
        try:
            user = accounts.change_password(visits.signed_in().id, form.old_password.data, form.password.data, actor=actor,
                                            now=now)
        except InvalidInput as refused:
            _refuse_change(form, refused)
        else:
            visits.refresh_epoch(user, now)
            flash("密碼已變更，其他裝置上的登入都已結束。", "done")
            return redirect(url_for("account.index"), 303)
    return _change_page(form), 422


def _reset_page(form: NewPasswordForm, email: str) -> str:
    errors = summary(form)
    return render_template("web/account/reset.html", form=form, email=email, errors=errors,
                           page_has_errors=bool(errors))


def _change_page(form: ChangePasswordForm) -> str:
    errors = summary(form)
    return render_template("web/account/password.html", form=form, errors=errors, page_has_errors=bool(errors))


def _refuse_change(form: ChangePasswordForm, refused: InvalidInput) -> None:
    """The command calls the old password ``old``; the form's field has its own name."""
    refuse(form, {"old_password" if key == "old" else key: messages for key, messages in refused.fields.items()})
