"""案件: the list, one case in full, and ending one early."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import clock
from app.accounts import policy
from app.engine import queries
from app.engine.models import CANCELLED, DONE, RUNNING, ProcessInstance
from app.errors import InvalidInput, Stale, WrongState
from app.extensions import db, unit_of_work
from app.operations import cases as operations
from app.web import nav, timeline
from app.web import session as visits
from app.web.guard import guard
from app.web.staff import blueprint, decisions, diagram, listing
from app.web.staff.case_page import first_due, read_case, sentence
from app.web.staff.case_rows import WEEK, CaseFilter, read_cases
from app.web.staff.moments import week_start
from app.web.staff.procedures import Procedure, list_procedures
from app.web.staff.queue_rows import COUNT_LIMIT, PAGE_SIZE

nav.add("staff", "案件", "staff.cases", "case.list", order=20, owns=("staff.case",))
STATUSES = ((RUNNING, "進行中"), (DONE, "已結束"), (CANCELLED, "已取消"))
LONGEST_REASON = 500


@blueprint.get("/cases")
@guard("case.list")
def cases() -> str:
    session = db.session()
    wanted = CaseFilter(package=listing.text_arg("package"), phase=listing.text_arg("phase"),
                        status=listing.text_arg("status", frozenset(key for key, _ in STATUSES)),
                        ended=listing.text_arg("ended", frozenset((WEEK,))), text=listing.text_arg("q"),
                        page=listing.page_arg())
    procedures = list_procedures(session)
    return render_template("web/staff/cases.html", wanted=wanted, statuses=STATUSES, limit=COUNT_LIMIT, size=PAGE_SIZE,
                           cases=read_cases(session, wanted, week=week_start(clock.now())), procedures=procedures,
                           phases=_phases(procedures, wanted.package), here_page=listing.here_page)


def _phases(procedures: dict[str, Procedure], package: str) -> list[str]:
    """The state words of the chosen procedure, or of all, in process order."""
    chosen = [p for p in procedures.values() if package in ("", p.key)]
    return list(dict.fromkeys(phase for p in chosen for phase in p.phases))


@blueprint.get("/cases/<int:case_id>")
@guard("case.view")
def case(case_id: int) -> str:
    actor, now, session = visits.current_actor(), clock.now(), db.session()
    found = queries.case(session, case_id)
    policy.require(actor, "case.view", found)
    page = read_case(session, found)
    path = page.path
    return render_template(
        "web/staff/case.html", page=page, case=found, sentence=sentence(page, now), due_item=first_due(page.items),
        picture=diagram.walked(page.package, done=path.done, flows=path.flows, now=path.now),
        decisions=decisions.made(page.package, page.events), timeline_rows=timeline.for_staff(page.story, now),
        may_cancel=found.status == RUNNING and policy.may(actor, "case.cancel", found), longest_reason=LONGEST_REASON,
        viewable={item.id for item in page.items if policy.may(actor, "task.view", item)},
        may_handle=policy.may(actor, "incident.handle"), may_see_package=policy.may(actor, "package.view"))


@blueprint.post("/cases/<int:case_id>/cancel")
@guard("case.cancel")
def case_cancel(case_id: int) -> Response:
    """End a case early. The reason is kept in its history."""
    reason = request.form.get("reason", "").strip()
    try:
        with unit_of_work(visits.current_actor()) as uow:
            found: ProcessInstance = queries.case(uow.session, case_id)
            policy.require(uow.actor, "case.cancel", found)
            if not reason or len(reason) > LONGEST_REASON:
                raise InvalidInput(message="請填寫取消的理由。" if not reason else f"理由超過 {LONGEST_REASON} 字，請刪減。")
            operations.cancel(uow, found, reason)
    except (InvalidInput, Stale, WrongState) as error:
        flash(error.message, "bad")
    else:
        flash("案件已取消，理由已記入歷程。", "done")
    return redirect(url_for("staff.case", case_id=case_id), 303)
