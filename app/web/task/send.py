"""Sending a task: everything once more in words, then one click that counts once, then the receipt."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from flask import redirect as to
from flask.typing import ResponseReturnValue

from app import clock, files, forms
from app.engine.models import DONE
from app.errors import InvalidInput, NotFound, Stale
from app.extensions import db, unit_of_work
from app.files.models import StoredFile
from app.web import session as visits
from app.web import taskflow
from app.web.guard import guard
from app.web.task import blueprint
from app.web.task.conflict import conflict


@blueprint.get("/<item_id>/check")
@guard("task.complete", pending=True)
def check(item_id: str) -> ResponseReturnValue:
    """What will be sent, from the draft; back to the form when that has errors."""
    page = taskflow.kept(db.session(), item_id, visits.current_actor(), clock.now())
    if not page.is_mine(visits.current_actor()) or page.bound.errors:
        return to(url_for("task.open", item_id=item_id), 303)
    return _check_page(page)


@blueprint.post("/<item_id>/send")
@guard("task.complete", pending=True)
def send(item_id: str) -> ResponseReturnValue:
    """Complete the task. A double click, the back button and a second tab all end at the same receipt."""
    try:
        with unit_of_work(visits.current_actor()) as uow:
            done = taskflow.send(uow, item_id, expected=request.form.get("version", 0, type=int),
                                 command_key=request.form.get("key", ""), digest=request.form.get("digest", ""))
    except InvalidInput as refused:
        page = taskflow.refused(db.session(), item_id, visits.current_actor(), clock.now(), refused)
        return render_template("web/task/form.html", page=page, page_has_errors=True), 422
    except Stale:
        return conflict(taskflow.open_task(db.session(), item_id, visits.current_actor(), clock.now())), 409
    if isinstance(done, taskflow.TaskPage):
        flash("內容在另一個分頁改過，還沒有送出。請再檢查一次。", "act")
        return to(url_for("task.check", item_id=item_id), 303)
    return to(url_for("task.receipt", item_id=item_id), 303)


@blueprint.get("/<item_id>/receipt")
@guard("task.view", pending=True)
def receipt(item_id: str) -> str:
    """Number, time, and the PDF once it is made."""
    page = taskflow.open_task(db.session(), item_id, visits.current_actor(), clock.now())
    sent = taskflow.submission_of(db.session(), page.item)
    if page.item.status != DONE or sent is None:
        raise NotFound(item=item_id)
    pdf = receipt_pdf(page.case.id, page.case.party, sent.at.timestamp())
    return render_template("web/task/receipt.html", page=page, sent=sent, pdf=pdf,
                           email=visits.signed_in().email, rows=forms.summary(page.schema, sent.values))


def receipt_pdf(case_id: int, party: str | None, since: float) -> StoredFile | None:
    """The receipt made from what was sent at ``since`` (Unix seconds) or later; None while it is being drawn."""
    return next((f for f in files.list_files(db.session(), case_id, party=party)
                 if f.kind == "receipt" and f.created_at.timestamp() >= since), None)


def _check_page(page: taskflow.TaskPage) -> str:
    changes = []
    if page.marks:
        changes = forms.changes(page.schema, taskflow.starting_values(db.session(), page.item), page.bound.values)
    return render_template("web/task/check.html", page=page, changes=changes)
