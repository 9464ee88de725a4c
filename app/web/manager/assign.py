"""Handing open items to a person, or back to the pool: all that were ticked, or none."""

from __future__ import annotations

from dataclasses import replace

from flask import flash, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.accounts import policy
from app.accounts import queries as accounts
from app.accounts.models import User
from app.accounts.roles import ROLES
from app.engine.commands.work import check_separation
from app.engine.models import OPEN, WorkItem
from app.errors import Forbidden, InvalidInput, Stale, WrongState
from app.extensions import UnitOfWork, unit_of_work
from app.operations import cases
from app.web import session as visits
from app.web.asked import row_id
from app.web.guard import guard
from app.web.manager import blueprint

POOL = "pool"
NOTHING_DONE = "這次沒有改派任何案件。"
_AT_MOST = 200


@blueprint.post("/assign")
@guard("task.assign")
def assign() -> Response:
    item_ids = list(dict.fromkeys(request.form.getlist("item")))[:_AT_MOST]
    try:
        with unit_of_work(visits.current_actor()) as uow:
            said = _assign(uow, item_ids, request.form.get("to", ""))
    except (Forbidden, InvalidInput, Stale, WrongState) as error:
        flash(error.message, "bad")
    else:
        flash(said, "done")
    return redirect(visits.safe_next(request.form.get("back")) or url_for("manager.board"), 303)


def _assign(uow: UnitOfWork, item_ids: list[str], to: str) -> str:
    """What was done, in words. Raises InvalidInput, Forbidden (role, separation), Stale."""
    if not item_ids:
        raise InvalidInput(message="請先勾選要改派的案件。")
    items = list(uow.session.scalars(select(WorkItem).where(WorkItem.id.in_(item_ids)).order_by(WorkItem.sort_at)))
    if len(items) < len(item_ids):
        raise Stale("有案件已不在清單上，請重新整理後再選。")
    person = None if to == POOL else _person(uow, to)
    for item in items:
        policy.require(uow.actor, "task.assign", item)
        _check(item)
        if person:
            _check_person(uow, item, person)
    done = cases.assign(uow, [item.id for item in items], person)
    return f"已將 {done} 件改派給 {person.name}。" if person else f"已將 {done} 件放回待領。"


def _person(uow: UnitOfWork, to: str) -> User:
    number = row_id(to)
    person = uow.session.get(User, number) if number else None
    if person is None or not person.is_active or person.organisation_id is not None:
        raise InvalidInput(message="請選擇要改派給誰。")
    return person


def _check(item: WorkItem) -> None:
    if item.status != OPEN:
        raise Stale(f"{item.business_key}「{item.name}」已經辦完，請重新整理後再選。")
    if item.party is not None:
        raise WrongState(f"{item.business_key}「{item.name}」由廠商辦理，不能改派給同仁。")


def _check_person(uow: UnitOfWork, item: WorkItem, person: User) -> None:
    """The role of the step, and that nobody decides on what they judged themselves."""
    if item.role not in {row.role for row in person.role_rows}:
        raise Forbidden(f"{person.name} 不是{ROLES.get(item.role, item.role)}，不能辦理 {item.business_key}「{item.name}」。"
                        f"{NOTHING_DONE}")
    try:
        check_separation(replace(uow, actor=accounts.actor_of(person)), item)
    except Forbidden as error:
        raise Forbidden(f"{person.name} 已辦理 {item.business_key} 的前一個步驟，「{item.name}」須由另一位人員辦理。"
                        f"{NOTHING_DONE}", code=error.code) from error
