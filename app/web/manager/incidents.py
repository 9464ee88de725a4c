"""異常: steps that failed and wait for a retry or a person, in all cases; and effects that were given up."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from app import outbox
from app.engine.models import Incident, ProcessInstance
from app.errors import NotFound
from app.extensions import db, unit_of_work
from app.operations import effects
from app.outbox.models import OutboxJob
from app.web import nav
from app.web import session as visits
from app.web.guard import guard
from app.web.manager import blueprint
from app.web.staff import listing

nav.add("staff", "異常", "manager.incidents", "incident.handle", order=50)
PAGE_SIZE = 25
OPEN, CLOSED = "open", "closed"
TABS = ((OPEN, "待處理"), (CLOSED, "已處理"))
RESOLUTIONS = {"retried": "重試成功", "edited": "更正後重試成功", "skipped": "略過", "cancelled": "案件取消"}
KINDS = {"mail": "寄送信件", "document": "製作文件", "operation": "查詢或背景作業", "message": "傳遞訊息"}


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
                           resolutions=RESOLUTIONS, kinds=KINDS, dead=outbox.list_dead(session) if tab == OPEN else [],
                           dead_count=outbox.stats(session).dead)


@blueprint.post("/outbox/<job_id>/retry")
@guard("incident.handle")
def outbox_retry(job_id: str) -> Response:
    """Give an effect that was given up new tries."""
    with unit_of_work(visits.current_actor()) as uow:
        if uow.session.get(OutboxJob, job_id) is None:
            raise NotFound(job=job_id)
        count = effects.retry_dead(uow, [job_id])
    flash(*(("已重新排入，通常一分鐘內會再試一次。", "done") if count else ("這項背景工作已由其他人處理。", "act")))
    return redirect(visits.safe_next(request.form.get("back")) or url_for("manager.incidents"), 303)
