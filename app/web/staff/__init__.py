"""The office's door: my work, one task, cases, procedures. Thin views; the rooms below decide."""

from __future__ import annotations

from flask import Blueprint

from app.accounts.roles import STAFF_ROLES
from app.errors import NotFound
from app.web import session as visits

blueprint = Blueprint("staff", __name__, url_prefix="/staff")


@blueprint.before_request
def office_only() -> None:
    """Several actions are a vendor's as well, by its own door: behind this one it finds nothing."""
    actor = visits.current_actor()
    if actor.user_id is not None and not actor.roles & STAFF_ROLES:
        raise NotFound()


from app.web.staff import cases, incidents, packages, queue, tasks, timers  # noqa: E402, F401 - routes
