"""What moving or ending a case means outside the engine: people are told, and the domain's own record follows."""

from __future__ import annotations

from pathlib import Path

from app import notify
from app.accounts import queries as accounts
from app.accounts.models import User
from app.engine import commands
from app.engine.models import ProcessInstance, WorkItem
from app.extensions import UnitOfWork
from app.operations import registration

_LETTERS = Path(__file__).resolve().parents[2] / "templates" / "mail"
_FOLLOWS = {registration.PACKAGE: registration.follow_cancellation}


def cancel(uow: UnitOfWork, case: ProcessInstance, reason: str) -> None:
    """End a case early. Raises WrongState when it has ended already."""
    commands.cancel(uow, case.id, reason)
    if case.package_key in _FOLLOWS:
        _FOLLOWS[case.package_key](uow, case, reason)
    _tell(uow, case, reason)


def assign(uow: UnitOfWork, item_ids: list[str], person: User | None) -> int:
    """Give open tasks to a person, who is told of each, or back to the pool with None. Returns how many changed."""
    changed = [item for item in (uow.session.get(WorkItem, item_id) for item_id in item_ids)
               if item is not None and item.assignee_id != (person.id if person else None)]
    count = commands.assign(uow, item_ids, person.id if person else None, person.name if person else None)
    if person is None or person.id == uow.actor.user_id:
        return count
    for item in changed:
        _send(uow, "cases/assigned.txt", person, f"assigned:{item.id}:{item.version}", f"/staff/tasks/{item.id}",
              {"name": person.name, "title": item.title, "number": item.business_key, "step": item.name,
               "by": uow.actor.name})
    return count


def _tell(uow: UnitOfWork, case: ProcessInstance, reason: str) -> None:
    """A letter to every account of the applicant's side."""
    number = (case.party or "").removeprefix("org:")
    for user in accounts.list_members(uow.session, int(number)) if number.isdecimal() else ():
        _send(uow, "cases/cancelled.txt", user, f"cancelled:{case.id}:{user.id}", f"/vendor/cases/{case.business_key}",
              {"name": user.name, "title": case.title, "number": case.business_key, "reason": reason})


def _send(uow: UnitOfWork, template: str, user: User, key: str, link: str, context: dict[str, object]) -> None:
    source = (_LETTERS / template).read_text("utf-8")
    notify.send(uow.session, source, template=template, to=accounts.recipient(user), now=uow.now, context=context, key=key,
                link=link)
