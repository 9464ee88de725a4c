"""The vendor's door: home, tasks, applications, tenders."""

from __future__ import annotations

from flask import Blueprint

from app.accounts.roles import VENDOR
from app.errors import NotFound
from app.web import nav
from app.web import session as visits

blueprint = Blueprint("vendor", __name__, url_prefix="/vendor")


@blueprint.before_request
def vendors_only() -> None:
    """People of the office may see cases, but by their own door: behind this one they find nothing."""
    actor = visits.current_actor()
    if actor.user_id is not None and VENDOR not in actor.roles:
        raise NotFound()


nav.add("vendor", "首頁", "vendor.home", "case.list", order=10, pending=True)
nav.add("vendor", "標案管理", "vendor.tenders", "vendor.edit", order=20)
nav.add("vendor", "待辦事項", "vendor.tasks", "task.view", order=30, owns=("vendor.tasks", "task."), pending=True)
nav.add("vendor", "申請案件", "vendor.cases", "case.list", order=40, owns=("vendor.case",), pending=True)
nav.add("vendor", "帳號管理", "account.index", "account.view", order=90, owns=("account.",), pending=True)

from app.web.vendor import cases, home, reapply, tasks, tenders  # noqa: E402, F401 - they add their routes
