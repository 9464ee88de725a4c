"""申請案件: the vendor's cases, one case in full, withdrawing it."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.accounts import policy
from app.engine import commands, packages, queries
from app.engine.models import ProcessInstance
from app.errors import Stale, WrongState
from app.extensions import db, unit_of_work
from app.web import session as visits
from app.web.asked import page_arg
from app.web.guard import guard
from app.web.vendor import blueprint
from app.web.vendor.story import case_view

SIZE = 20


@blueprint.get("/cases")
@guard("case.list", pending=True)
def cases() -> str:
    session, page = db.session(), page_arg()
    found = queries.cases(session, party=visits.current_actor().party or "", page=page, size=SIZE)
    titles = {case.version_id: packages.get(session, case.version_id).title for case in found.rows}
    return render_template("web/vendor/cases.html", cases=found, titles=titles, page=page, size=SIZE)


@blueprint.get("/cases/<key>")
@guard("case.view", pending=True)
def case(key: str) -> str:
    found = _mine(key)
    return render_template("web/vendor/case.html", view=case_view(db.session(), found, visits.current_actor(), clock.now()))


@blueprint.get("/cases/<key>/withdraw")
@guard("case.withdraw", pending=True)
def confirm_withdrawal(key: str) -> ResponseReturnValue:
    """Ask once more: a withdrawal cannot be taken back."""
    found = _mine(key)
    if not queries.can_withdraw(db.session(), found.id):
        flash("審核已有結果或已在辦理，現在不能撤回。", "act")
        return redirect(url_for("vendor.case", key=key), 303)
    return render_template("web/vendor/withdraw.html", case=found)


@blueprint.post("/cases/<key>/withdraw")
@guard("case.withdraw", pending=True)
def withdraw(key: str) -> ResponseReturnValue:
    """Withdraw; the same click twice is one withdrawal."""
    found = _mine(key)
    try:
        with unit_of_work(visits.current_actor()) as uow:
            policy.require(uow.actor, "case.withdraw", found)
            commands.withdraw(uow, found.id, command_key=f"withdraw:{found.id}")
    except (Stale, WrongState):
        flash("審核已有結果或已在辦理，現在不能撤回。", "act")
    else:
        flash("案件已撤回。", "done")
    return redirect(url_for("vendor.case", key=key), 303)


def _mine(key: str) -> ProcessInstance:
    """The case by its number, if it is the vendor's; a foreign one does not exist."""
    found = queries.case(db.session(), key)
    policy.require(visits.current_actor(), "case.view", found)
    return found
