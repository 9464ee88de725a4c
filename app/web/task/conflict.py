"""When a task cannot be filled in any more, or not by this person: who did what when, and what was typed."""

from __future__ import annotations

from collections.abc import Iterator

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import forms
from app.accounts.roles import VENDOR
from app.forms.review import ACCEPT
from app.forms.show import text_of
from app.web import session as visits
from app.web.taskflow import TaskPage


def conflict(page: TaskPage) -> str:
    """Says it in words; the typed text stays on the page so that nothing is lost."""
    typed = list(_typed(page)) if request.method == "POST" else []
    if VENDOR in visits.current_actor().roles:
        case_url, again_url = url_for("vendor.case", key=page.case.business_key), url_for("task.open", item_id=page.item.id)
    else:
        case_url, again_url = url_for("staff.case", case_id=page.case.id), url_for("staff.task", item_id=page.item.id)
    return render_template("web/task/conflict.html", page=page, typed=typed, case_url=case_url, again_url=again_url)


def _typed(page: TaskPage) -> Iterator[forms.Row]:
    """What stands in the form, judgements too; fields that were simply accepted are left out."""
    draft = page.bound.draft()
    for component in page.bound.plan.fields:
        value = draft.get(component.key)
        text = "" if component.judges and value == ACCEPT else text_of(component, value)
        if text and component.label:
            yield forms.Row(component.key, component.label, text, component.section)


def staff_page(page: TaskPage) -> Response | None:
    """People of the office work on their own page, where the data stand beside the form."""
    if VENDOR in visits.current_actor().roles or "staff.task" not in current_app.view_functions:
        return None
    return redirect(url_for("staff.task", item_id=page.item.id), 303)
