"""審核: one task with what was sent beside the judgement. Claim it first, keep a draft, send it once."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.accounts import policy
from app.accounts import queries as accounts
from app.accounts.models import User
from app.actor import SYSTEM
from app.errors import AppError, Forbidden, InvalidInput, Stale
from app.extensions import UnitOfWork, db, unit_of_work
from app.web import session as visits
from app.web import taskflow, timeline
from app.web.guard import guard
from app.web.staff import blueprint, listing
from app.web.staff.dossier import DATA, read_dossier
from app.web.staff.queue import refused
from app.web.task.conflict import conflict
from app.web.taskflow import Sent, TaskPage
from app.web.typed import saved_words, warn_of_cut


@blueprint.get("/tasks/<item_id>")
@guard("task.view")
def task(item_id: str) -> str:
    page = taskflow.open_task(db.session(), item_id, visits.current_actor(), clock.now())
    return _show(page)


def _keep(user: User, item_id: str) -> None:
    """A form that arrives after the session ended is kept as the draft of its account, and goes no further."""
    with suppress(AppError), unit_of_work(accounts.actor_of(user, request.remote_addr)) as uow:
        taskflow.save(uow, item_id, request.form)


@blueprint.post("/tasks/<item_id>/draft")
@guard("task.draft", keeps_session=False, on_lapsed=_keep)
def task_draft(item_id: str) -> ResponseReturnValue:
    """Background saving: the answer is the words to show."""
    with unit_of_work(visits.current_actor()) as uow:
        draft = taskflow.save(uow, item_id, request.form)
        saved_at = draft.saved_at
    return saved_words(saved_at), {"Content-Type": "text/plain; charset=utf-8"}


@blueprint.post("/tasks/<item_id>")
@guard("task.complete", on_lapsed=_keep)
def task_send(item_id: str) -> ResponseReturnValue:
    """Keep the draft, or check and send. Refused values are kept as the draft and shown with what is wrong."""
    if request.form.get("do") == "save":
        return _save(item_id)
    try:
        with unit_of_work(visits.current_actor()) as uow:
            answer = _send(uow, item_id)
    except Stale:
        return _changed(item_id)
    except InvalidInput as error:
        return _refused(item_id, error)
    except Forbidden as error:
        if error.code != "task.separation":
            raise
        return refused(error, url_for("staff.task", item_id=item_id))
    if isinstance(answer, TaskPage):
        return _show(answer), 422
    flash(f"{answer.case_key} 的審核結果已送出。", "done")
    return redirect(url_for("staff.queue"), 303)


def _send(uow: UnitOfWork, item_id: str) -> Sent | TaskPage:
    """The page again when something is to be corrected; what was sent when nothing is."""
    page = taskflow.open_task(uow.session, item_id, uow.actor, uow.now, post=request.form)
    policy.require(uow.actor, "task.complete", page.item)
    if page.is_open and not page.bound.validate():
        _require_mine(uow, page)
        page.draft = taskflow.save(uow, item_id, request.form)
        return page
    return taskflow.complete(uow, page, expected=request.form.get("version", 0, type=int),
                             command_key=request.form.get("command_key", ""))


def _save(item_id: str) -> ResponseReturnValue:
    try:
        with unit_of_work(visits.current_actor()) as uow:
            taskflow.save(uow, item_id, request.form)
    except Stale:
        return _changed(item_id)
    flash("已儲存，尚未送出。", "done")
    warn_of_cut()
    return redirect(url_for("staff.task", item_id=item_id), 303)


def _refused(item_id: str, refusal: InvalidInput) -> ResponseReturnValue:
    """An operation of the diagram refused the values: they are kept as the draft and shown with what is wrong."""
    actor = visits.current_actor()
    with suppress(Stale, InvalidInput), unit_of_work(actor) as uow:
        taskflow.save(uow, item_id, request.form)
    try:
        return _show(taskflow.refused(db.session(), item_id, actor, clock.now(), refusal)), 422
    except InvalidInput:                     # at no field of this form: said above it
        texts = [text for messages in refusal.fields.values() for text in messages]
        return refused(refusal, url_for("staff.task", item_id=item_id), "；".join(texts))


def _changed(item_id: str) -> ResponseReturnValue:
    """The task moved on while the person was typing: what was typed becomes their draft, else it is shown to copy."""
    try:
        with unit_of_work(visits.current_actor()) as uow:
            taskflow.save(uow, item_id, request.form)
    except Stale:
        page = taskflow.open_task(db.session(), item_id, visits.current_actor(), clock.now(), post=request.form)
        return conflict(page), 409
    flash("這項工作在您填寫時有變動，還沒有送出。您填寫的內容已存成草稿，請確認後再送出。", "bad")
    return redirect(url_for("staff.task", item_id=item_id), 303)


def _require_mine(uow: UnitOfWork, page: TaskPage) -> None:
    if page.item.assignee_id != uow.actor.user_id:
        raise Stale(item=page.item.id)


def _show(page: TaskPage) -> str:
    actor, now, session = visits.current_actor(), clock.now(), db.session()
    dossier = read_dossier(session, page)
    item = page.item
    may_claim = page.is_open and item.assignee_id is None and policy.may(actor, "task.claim", item)
    story = timeline.Story(page.case, page.package, dossier.events, dossier.submissions, [item] if page.is_open else [])
    tab = listing.text_arg("tab", frozenset(key for key, _ in dossier.tabs)) or DATA
    return render_template(
        "web/staff/task.html", page=page, item=item, case=page.case, dossier=dossier, tab=tab, here=listing.here,
        is_mine=page.is_open and item.assignee_id == actor.user_id and policy.may(actor, "task.complete", item),
        may_claim=may_claim, may_assign=page.is_open and item.party is None and policy.may(actor, "task.assign", item),
        judged=_judged(page), timeline_rows=_deeds(story, now), page_has_errors=bool(page.bound.errors))


def _deeds(story: timeline.Story, now: datetime) -> list[timeline.Row]:
    """What people and rules did; the machinery stands on the case's own page."""
    return [row for row in timeline.for_staff(story, now) if row.who != SYSTEM.name or row.kind in ("bad", "now")]


def _judged(page: TaskPage) -> int:
    """How many fields stand in the review form; 0 for a form that judges none."""
    return sum(component.judges is not None for component in page.bound.plan.fields) // 2
