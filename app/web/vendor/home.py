"""The vendor's home: where its registration or application stands, what is to be done, tenders, news."""

from __future__ import annotations

from flask import render_template

from app import clock
from app.accounts.roles import VENDOR
from app.engine import packages, queries
from app.errors import NotFound
from app.extensions import db
from app.operations.registration import PACKAGE
from app.procurement.announcements import queries as announcements
from app.procurement.tenders import queries as tenders
from app.procurement.vendors import queries as vendors
from app.procurement.vendors.logic import REAPPLICABLE
from app.web import session as visits
from app.web.guard import guard, is_pending
from app.web.vendor import blueprint, lists
from app.web.vendor.story import case_view, steps

ON_HOME = 3                  # tenders and announcements
TASKS_ON_HOME = 10


@blueprint.get("/")
@guard("case.list", pending=True)
def home() -> str:
    """Until the registration is approved the home shows its state and nothing else is open."""
    return _pending_home() if is_pending(visits.signed_in()) else _full_home()


def _pending_home() -> str:
    user, actor, now, session = visits.signed_in(), visits.current_actor(), clock.now(), db.session()
    vendor = vendors.get_vendor_of(session, user.organisation_id or 0)
    if vendor is None:
        raise NotFound(organisation=user.organisation_id)
    case = next(iter(queries.cases(session, party=actor.party, package_key=PACKAGE, size=1).rows), None)
    view = case_view(session, case, actor, now) if case else None
    return render_template("web/vendor/pending.html", vendor=vendor, view=view, may_reapply=vendor.state in REAPPLICABLE)


def _full_home() -> str:
    actor, now, session = visits.current_actor(), clock.now(), db.session()
    tasks = queries.open_items(session, roles={VENDOR}, party=actor.party, size=TASKS_ON_HOME, now=now)
    late = sum(1 for item in tasks.rows if item.due_at and item.due_at < now)
    listed = tenders.list_tenders(session)
    case = lists.find_present_case(session, actor.party)
    return render_template(
        "web/vendor/home.html", tasks=tasks, late=late, case=case,
        case_title=packages.get(session, case.version_id).title if case else "", tenders=listed[:ON_HOME],
        tender_count=len(listed),
        steps=steps(case, queries.history(session, case.id), now) if case else [],
        filling=lambda tender: tenders.filling_state(tender, now),
        announcements=announcements.current(session, clock.taipei_date(now), limit=ON_HOME))
