"""我的待辦: what I have, what I may take, what my colleagues have; late first."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import clock
from app.accounts import policy
from app.engine import commands, queries
from app.engine.models import DONE, OPEN
from app.errors import AppError, Forbidden, Stale, WrongState
from app.extensions import db, unit_of_work
from app.web import format as words
from app.web import nav
from app.web import session as visits
from app.web.guard import guard
from app.web.staff import blueprint, listing
from app.web.staff.moments import soon_until
from app.web.staff.procedures import list_procedures
from app.web.staff.queue_rows import ALL, COUNT_LIMIT, LATE, MINE, PAGE_SIZE, POOL, SOON, QueueFilter, read_queue

nav.add("staff", "我的待辦", "staff.queue", "queue.view", order=10, owns=("staff.queue", "staff.task"))
TABS = ((MINE, "我的"), (POOL, "待領"), (ALL, "全部"))
DUES = ((LATE, "逾期"), (SOON, "3 個工作天內到期"))


@blueprint.get("/queue")
@guard("queue.view")
def queue() -> str:
    actor, now = visits.current_actor(), clock.now()
    wanted = _filter()
    session = db.session()
    found = read_queue(session, actor, wanted, now=now, soon=soon_until(now))
    return render_template("web/staff/queue.html", queue=found, wanted=wanted, tabs=TABS, dues=DUES, size=PAGE_SIZE,
                           limit=COUNT_LIMIT, procedures=list_procedures(session), here=listing.here,
                           here_page=listing.here_page, me=actor.user_id)


@blueprint.post("/tasks/<item_id>/claim")
@guard("task.claim")
def task_claim(item_id: str) -> Response:
    """Take an item out of the pool and open it."""
    try:
        with unit_of_work(visits.current_actor()) as uow:
            policy.require(uow.actor, "task.claim", queries.get_item(uow.session, item_id))
            commands.claim(uow, item_id, expected=request.form.get("version", type=int))
    except Stale as error:
        return refused(_who_was_faster(item_id) or error)
    except (Forbidden, WrongState) as error:
        return refused(error)
    return redirect(url_for("staff.task", item_id=item_id), 303)


def _who_was_faster(item_id: str) -> Stale | None:
    """The refusal with the name of the colleague, when there is one."""
    item = queries.get_item(db.session(), item_id)
    what = f"{item.business_key}「{item.name}」"
    if item.status != OPEN:
        return Stale(f"{what}已在 {words.roc_datetime(item.closed_at)} 由 {item.closed_by} 辦完。" if item.status == DONE
                     else f"{what}已不需辦理。")
    return Stale(f"{what}已由 {item.assignee} 領取。") if item.assignee else None


@blueprint.post("/tasks/<item_id>/release")
@guard("task.release")
def task_release(item_id: str) -> Response:
    """Put an item back into the pool; its draft stays."""
    try:
        with unit_of_work(visits.current_actor()) as uow:
            item = queries.get_item(uow.session, item_id)
            policy.require(uow.actor, "task.release", item)
            commands.release(uow, item_id)
            name = f"{item.business_key}「{item.name}」"
    except (Forbidden, Stale, WrongState) as error:
        return refused(error)
    flash(f"已將 {name} 放回待領。", "done")
    return redirect(_back(), 303)


def refused(error: AppError, back: str | None = None, text: str = "") -> Response:
    """Say why on the page the person came from: a list with an old row is no fault of theirs."""
    flash(text or error.message, "bad")
    return redirect(back or _back(), 303)


def _back() -> str:
    return visits.safe_next(request.form.get("back")) or url_for("staff.queue")


def _filter() -> QueueFilter:
    return QueueFilter(tab=listing.text_arg("tab", frozenset((MINE, POOL, ALL))) or MINE,
                       package=listing.text_arg("package"), step=listing.text_arg("step"),
                       due=listing.text_arg("due", frozenset((LATE, SOON))), text=listing.text_arg("q"),
                       page=listing.page_arg())
