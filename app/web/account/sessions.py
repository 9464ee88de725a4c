"""Going on with a session and ending it."""

from __future__ import annotations

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.accounts import commands as accounts
from app.extensions import unit_of_work
from app.web import session as visits
from app.web.account import blueprint
from app.web.guard import guard, public_route


@blueprint.post("/account/session/renew")
@guard("account.view", pending=True)
def renew() -> ResponseReturnValue:
    """Start the time again; a script gets the seconds, a plain form comes back to its page."""
    if request.accept_mimetypes.best == "text/plain":
        return Response(str(visits.seconds_left(clock.now())), mimetype="text/plain")
    return redirect(url_for("public.home"), 303)


@blueprint.post("/account/logout")
@public_route
def logout() -> ResponseReturnValue:
    """End the session; again, or after it has lapsed, is no fault."""
    if visits.current_user():
        with unit_of_work(visits.current_actor()) as uow:
            accounts.record_logout(uow, visits.login_id())
    visits.end()
    return redirect(url_for("public.home"), 303)
