"""What ending a case early means outside the engine: the applicant is told, and its own record follows."""

from __future__ import annotations

from pathlib import Path

from app import notify
from app.accounts import queries as accounts
from app.engine import commands
from app.engine.models import ProcessInstance
from app.extensions import UnitOfWork
from app.operations import registration

_LETTER = "cases/cancelled.txt"
_LETTERS = Path(__file__).resolve().parents[2] / "templates" / "mail"
_FOLLOWS = {registration.PACKAGE: registration.follow_cancellation}


def cancel(uow: UnitOfWork, case: ProcessInstance, reason: str) -> None:
    """End a case early. Raises WrongState when it has ended already."""
    commands.cancel(uow, case.id, reason)
    if case.package_key in _FOLLOWS:
        _FOLLOWS[case.package_key](uow, case, reason)
    _tell(uow, case, reason)


def _tell(uow: UnitOfWork, case: ProcessInstance, reason: str) -> None:
    """A letter to every account of the applicant's side."""
    number = (case.party or "").removeprefix("org:")
    source = (_LETTERS / _LETTER).read_text("utf-8")
    for user in accounts.list_members(uow.session, int(number)) if number.isdecimal() else ():
        notify.send(uow.session, source, template=_LETTER, to=accounts.recipient(user), now=uow.now,
                    context={"name": user.name, "title": case.title, "number": case.business_key, "reason": reason},
                    key=f"cancelled:{case.id}:{user.id}", link=f"/vendor/cases/{case.business_key}")
