"""待辦事項: open tasks, the most urgent first, and what was sent lately."""

from __future__ import annotations

from flask import render_template

from app.accounts.roles import VENDOR
from app.engine import queries
from app.extensions import db
from app.web import session as visits
from app.web.asked import page_arg
from app.web.guard import guard
from app.web.vendor import blueprint, lists

SIZE = 20


@blueprint.get("/tasks")
@guard("task.view", pending=True)
def tasks() -> str:
    session, party = db.session(), visits.current_actor().party
    page = page_arg()
    found = queries.open_items(session, roles={VENDOR}, party=party, page=page, size=SIZE)
    return render_template("web/vendor/tasks.html", tasks=found, done=lists.list_done_tasks(session, party), page=page,
                           size=SIZE)
