"""Moving a waiting timer of a case to another time."""

from __future__ import annotations

from datetime import datetime

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app import clock
from app.accounts import policy
from app.engine import commands
from app.engine.models import ProcessInstance, Timer
from app.errors import InvalidInput, NotFound, Stale, WrongState
from app.extensions import unit_of_work
from app.web import format as words
from app.web import session as visits
from app.web.guard import guard
from app.web.staff import blueprint


@blueprint.app_template_filter()
def datetime_local(instant: datetime) -> str:
    """What the browser's own field for a date and time shows; Taipei."""
    return f"{clock.taipei(instant):%Y-%m-%dT%H:%M}"


@blueprint.post("/timers/<int:timer_id>")
@guard("case.cancel")
def timer_move(timer_id: int) -> Response:
    """``due_at`` is Taipei's date and time, as the browser's own field sends it."""
    case_id = None
    try:
        with unit_of_work(visits.current_actor()) as uow:
            timer = uow.session.get(Timer, timer_id)
            if timer is None:
                raise NotFound("這個時限已經到期或取消，請重新整理。", timer=timer_id)
            case_id = timer.instance_id
            policy.require(uow.actor, "case.cancel", uow.session.get(ProcessInstance, case_id))
            due_at = read_due(request.form.get("due_at", ""), uow.now)
            name = timer.name
            commands.reschedule_timer(uow, timer_id, due_at)
    except (InvalidInput, Stale, WrongState) as error:
        flash(error.message, "bad")
    else:
        flash(f"「{name}」已改到 {words.roc_full(due_at)}。", "done")
    return redirect(url_for("staff.case", case_id=case_id), 303)


def read_due(text: str, now: datetime) -> datetime:
    """An instant in the future. Raises InvalidInput."""
    try:
        due_at = datetime.strptime(text[:16], "%Y-%m-%dT%H:%M").replace(tzinfo=clock.TAIPEI)
    except ValueError:
        raise InvalidInput(message="請選擇新的日期和時間。") from None
    if due_at <= now:
        raise InvalidInput(message="新的時間須晚於現在。")
    return due_at
