"""Putting a failed step right: try again, try again with corrected data, or go past it."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.accounts import policy
from app.engine import commands
from app.engine.models import Incident, ProcessInstance
from app.errors import AppError, InvalidInput, NotFound, Stale, WrongState
from app.extensions import UnitOfWork, unit_of_work
from app.rules import feel
from app.web import session as visits
from app.web.guard import guard
from app.web.staff import blueprint

_LINES = 20


@blueprint.post("/incidents/<int:incident_id>/retry")
@guard("incident.handle")
def incident_retry(incident_id: int) -> Response:
    return _handle(incident_id, lambda uow: commands.retry(uow, incident_id), "已重試。")


@blueprint.post("/incidents/<int:incident_id>/edit")
@guard("incident.handle")
def incident_edit(incident_id: int) -> Response:
    """Corrected values, one ``name = FEEL value`` a line, then another try."""
    return _handle(incident_id, lambda uow: commands.edit_and_retry(uow, incident_id, read_variables(
        request.form.get("variables", ""))), "已更正資料並重試。")


@blueprint.post("/incidents/<int:incident_id>/skip")
@guard("incident.handle")
def incident_skip(incident_id: int) -> Response:
    return _handle(incident_id, lambda uow: commands.skip(uow, incident_id), "已略過這個步驟，案件繼續往下走。")


def _handle(incident_id: int, act: Callable[[UnitOfWork], object], said: str) -> Response:
    case_id = None
    try:
        with unit_of_work(visits.current_actor()) as uow:
            incident = uow.session.get(Incident, incident_id)
            if incident is None:
                raise NotFound(incident=incident_id)
            case_id = incident.instance_id
            policy.require(uow.actor, "incident.handle", uow.session.get(ProcessInstance, case_id))
            act(uow)
            still_open = incident.resolved_at is None
    except (InvalidInput, Stale, WrongState, feel.FeelError) as error:
        flash(error.message, "bad")
    else:
        flash(*(("再試一次仍然沒有成功，異常保留。", "bad") if still_open else (said, "done")))
    return redirect(_back(case_id), 303)


def _back(case_id: int | None) -> str:
    fallback = url_for("staff.case", case_id=case_id) if case_id else url_for("manager.incidents")
    return visits.safe_next(request.form.get("back")) or fallback


def read_variables(text: str) -> dict[str, object]:
    """``name = value`` lines as flat scalars. Raises InvalidInput naming the line."""
    values: dict[str, object] = {}
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines or len(lines) > _LINES:
        raise InvalidInput(message=f"請填寫要更正的資料，每行一項，最多 {_LINES} 行，例如 registry = \"match\"。")
    for number, line in enumerate(lines, 1):
        name, equals, source = (part.strip() for part in line.partition("="))
        if not equals or not name.isidentifier():
            raise InvalidInput(message=f"第 {number} 行不是「名稱 = 值」的格式。")
        values[name] = _scalar(source, number)
    return values


def _scalar(source: str, number: int) -> object:
    try:
        value = feel.plain(feel.evaluate(source, {}))
    except AppError as error:
        raise InvalidInput(message=f"第 {number} 行的值看不懂：{error.message}") from error
    if isinstance(value, dict | list):
        raise InvalidInput(message=f"第 {number} 行只能是單一的值：文字、數字、true 或 false。")
    return value
