"""Home and login. One answer for every reason to refuse; afterwards to the page one wanted."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.accounts import commands as accounts
from app.accounts import queries
from app.errors import InvalidInput
from app.extensions import db, limiter
from app.forms.secrets import LoginForm
from app.procurement.announcements import queries as announcements
from app.web import session as visits
from app.web.frame import Frame
from app.web.guard import public_route
from app.web.plain_forms import summary
from app.web.public import blueprint
from app.web.public.manuals import MANUALS

_ON_HOME = 5        # announcements


@blueprint.get("/")
@public_route
def home() -> ResponseReturnValue:
    """The login page; who is signed in goes on to where their work is."""
    if visits.current_user():
        return redirect(_frame().home, 303)
    return _page(LoginForm(), visits.safe_next(request.args.get("next")))


@blueprint.get("/login")
@public_route
def login_page() -> ResponseReturnValue:
    return redirect(url_for("public.home"), 303)


@blueprint.post("/login")
@limiter.limit("20 per minute")
@public_route
def login() -> ResponseReturnValue:
    form = LoginForm(request.form)
    wanted = visits.safe_next(request.form.get("next"))
    if not form.validate():
        return _page(form, wanted), 422
    now = clock.now()
    try:
        user = accounts.authenticate(form.account.data, form.password.data, actor=queries.visitor(request.remote_addr), now=now)
    except InvalidInput as refused:
        form.refuse("account", refused.message)
        return _page(form, wanted), 422
    visits.begin(user, now)
    return redirect(wanted or _frame().home, 303)


def _frame() -> Frame:
    return Frame(visits.current_user(), visits.current_actor(), clock.now())


def _page(form: LoginForm, wanted: str | None) -> str:
    errors = summary(form)
    return render_template("web/public/home.html", form=form, next=wanted, errors=errors, page_has_errors=bool(errors),
                           manuals=MANUALS, announcements=announcements.current(db.session(), clock.today(), limit=_ON_HOME))
