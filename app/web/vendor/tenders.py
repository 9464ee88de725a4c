"""標案管理: the tenders, and the one a vendor works on (shown in the bar as 案號 · 標別)."""

from __future__ import annotations

from flask import flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.errors import NotFound
from app.extensions import db
from app.procurement.tenders import queries
from app.web.guard import guard
from app.web.vendor import blueprint


@blueprint.get("/tenders")
@guard("vendor.edit")
def tenders() -> str:
    now = clock.now()
    return render_template("web/vendor/tenders.html", tenders=queries.list_tenders(db.session()),
                           filling=lambda tender: queries.filling_state(tender, now))


@blueprint.post("/tenders/<int:tender_id>/select")
@guard("vendor.edit")
def select_tender(tender_id: int) -> ResponseReturnValue:
    """Make it the present one for this session."""
    chosen = next((t for t in queries.list_tenders(db.session()) if t.id == tender_id), None)
    if chosen is None:
        raise NotFound(tender=tender_id)
    session["tender"] = chosen.id
    flash(f"目前標案改為 {chosen.case_number}。", "done")
    return redirect(url_for("vendor.tenders"), 303)
