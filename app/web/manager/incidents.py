"""異常: steps that failed and wait for a retry or a person, in all cases."""

from __future__ import annotations

from flask import render_template
from sqlalchemy import func, select

from app.engine.models import Incident, ProcessInstance
from app.extensions import db
from app.web import nav
from app.web.guard import guard
from app.web.manager import blueprint
from app.web.staff import listing

nav.add("staff", "異常", "manager.incidents", "incident.handle", order=50)
PAGE_SIZE = 25
OPEN, CLOSED = "open", "closed"
TABS = ((OPEN, "待處理"), (CLOSED, "已處理"))
RESOLUTIONS = {"retried": "重試成功", "edited": "更正後重試成功", "skipped": "略過", "cancelled": "案件取消"}


@blueprint.get("/incidents")
@guard("incident.handle")
def incidents() -> str:
    tab = listing.text_arg("tab", frozenset((OPEN, CLOSED))) or OPEN
    page = listing.page_arg()
    session = db.session()
    counts = {OPEN: session.scalar(select(func.count()).where(Incident.resolved_at.is_(None))) or 0,
              CLOSED: session.scalar(select(func.count()).where(Incident.resolved_at.is_not(None))) or 0}
    chosen = Incident.resolved_at.is_(None) if tab == OPEN else Incident.resolved_at.is_not(None)
    rows = session.execute(select(Incident, ProcessInstance.business_key, ProcessInstance.title)
                           .join(ProcessInstance, ProcessInstance.id == Incident.instance_id).where(chosen)
                           .order_by(Incident.id.desc()).offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)).all()
    return render_template("web/manager/incidents.html", rows=rows, tab=tab, tabs=TABS, counts=counts, page=page,
                           size=PAGE_SIZE, here=listing.here, here_page=listing.here_page,
                           resolutions=RESOLUTIONS)
