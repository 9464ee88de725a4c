"""When a task cannot be filled in any more, or not by this person: who did what when, and what was typed."""

from __future__ import annotations

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import forms
from app.accounts.roles import VENDOR
from app.web import session as visits
from app.web.taskflow import TaskPage


def conflict(page: TaskPage) -> str:
    """Says it in words; the typed text stays on the page so that nothing is lost."""
    typed = forms.summary(page.schema, page.bound.draft()) if request.method == "POST" else []
    return render_template("web/task/conflict.html", page=page, typed=[row for row in typed if row.text])


def staff_page(page: TaskPage) -> Response | None:
    """People of the office work on their own page, where the data stand beside the form."""
    if VENDOR in visits.current_actor().roles or "staff.task" not in current_app.view_functions:
        return None
    return redirect(url_for("staff.task", item_id=page.item.id), 303)
