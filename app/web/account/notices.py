"""Notices in the system: the list, and what opening one does."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app import notify
from app.accounts import policy
from app.extensions import db, unit_of_work
from app.web import session as visits
from app.web.account import blueprint
from app.web.asked import page_arg
from app.web.guard import guard

_SIZE = 20


@blueprint.get("/account/notices")
@guard("notice.view", pending=True)
def notices() -> str:
    page = page_arg()
    mine = visits.signed_in().id
    return render_template("web/account/notices.html", rows=notify.list_notices(db.session(), mine, page=page, size=_SIZE),
                           page=page, size=_SIZE, total=notify.count_notices(db.session(), mine))


@blueprint.post("/account/notices/<int:message_id>")
@guard("notice.view", pending=True)
def open_notice(message_id: int) -> ResponseReturnValue:
    """Mark one as read and go where it leads."""
    actor = visits.current_actor()
    with unit_of_work(actor) as uow:
        message = notify.get_message(uow.session, message_id)
        policy.require(actor, "notice.view", message)
        notify.mark_read(uow.session, visits.signed_in().id, uow.now, [message_id])
        link = message.link
    return redirect(visits.safe_next(link) or url_for("account.notices"), 303)


@blueprint.post("/account/notices")
@guard("notice.view", pending=True)
def read_all() -> ResponseReturnValue:
    actor = visits.current_actor()
    with unit_of_work(actor) as uow:
        notify.mark_read(uow.session, visits.signed_in().id, uow.now)
    return redirect(url_for("account.notices"), 303)
