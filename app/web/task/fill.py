"""Filling in a task: the form, the draft, and the judgement that leads to the check page."""

from __future__ import annotations

from contextlib import suppress

from flask import Response, render_template, request, url_for
from flask import redirect as to
from flask.typing import ResponseReturnValue

from app import clock
from app.accounts.models import User
from app.errors import AppError, Stale
from app.extensions import db, unit_of_work
from app.web import session as visits
from app.web import taskflow
from app.web.guard import guard
from app.web.task import blueprint
from app.web.task.conflict import conflict, staff_page
from app.web.typed import saved_words, warn_of_cut


def _keep_after_the_end(user: User, item_id: str) -> None:
    """The session ended while the person was typing: keep the text for them, and nothing else."""
    with suppress(AppError), unit_of_work(visits.actor_of(user)) as uow:
        taskflow.save(uow, item_id, request.form)


@blueprint.get("/<item_id>")
@guard("task.view", pending=True)
def open(item_id: str) -> ResponseReturnValue:
    page = taskflow.open_task(db.session(), item_id, visits.current_actor(), clock.now())
    elsewhere = staff_page(page)
    if elsewhere is not None:
        return elsewhere
    return _form(page) if page.is_mine(visits.current_actor()) else conflict(page)


@blueprint.post("/<item_id>")
@guard("task.complete", pending=True, on_lapsed=_keep_after_the_end)
def fill(item_id: str) -> ResponseReturnValue:
    """暫存 keeps whatever was typed; 檢查並送出 also judges it."""
    saving = request.form.get("action") == "save"
    try:
        with unit_of_work(visits.current_actor()) as uow:
            if saving:
                taskflow.save(uow, item_id, request.form)
            else:
                page = taskflow.check(uow, item_id, request.form)
    except Stale:
        return conflict(_typed(item_id)), 409
    if saving:
        warn_of_cut()
        return to(url_for("task.open", item_id=item_id), 303)
    if page.bound.errors:
        return _form(page), 422
    return to(url_for("task.check", item_id=item_id), 303)


@blueprint.post("/<item_id>/draft")
@guard("task.draft", pending=True, keeps_session=False, on_lapsed=_keep_after_the_end)
def draft(item_id: str) -> ResponseReturnValue:
    """What a script saves while a person types. Answers the words to show; does not prolong the session."""
    try:
        with unit_of_work(visits.current_actor()) as uow:
            saved = taskflow.save(uow, item_id, request.form)
    except Stale as stale:
        return Response(stale.message, 409, mimetype="text/plain")
    return Response(saved_words(saved.saved_at), mimetype="text/plain")


def _typed(item_id: str) -> taskflow.TaskPage:
    """The task as it is now, with what was just typed."""
    return taskflow.open_task(db.session(), item_id, visits.current_actor(), clock.now(), post=request.form)


def _form(page: taskflow.TaskPage) -> str:
    return render_template("web/task/form.html", page=page, page_has_errors=bool(page.bound.errors))
