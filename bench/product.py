"""The product as it is served, with two doors more that only the bench has: start a case, and find its open task.

Completing goes through the office's own form. Both doors ask for a login, a role and the form token.
"""

from __future__ import annotations

import secrets

from flask import Blueprint, Flask, jsonify, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from app import create_app
from app.config import Config
from app.engine import commands, queries
from app.engine.models import OPEN, WorkItem
from app.extensions import db, unit_of_work
from app.web import current_actor, guard

blueprint = Blueprint("bench", __name__, url_prefix="/bench")
VARIABLES = {"bench_timer": {"wait": "PT1H"}}


@blueprint.post("/cases/<key>")
@guard("task.complete")
def start(key: str) -> Response:
    with unit_of_work(current_actor()) as uow:
        number = f"B-{secrets.token_hex(6)}"
        case = commands.start(uow, key, title="效能量測", business_key=number, parties={}, variables=VARIABLES.get(key),
                              command_key=f"start:{number}")
        items = queries.case_items(uow.session, case.id)
    return jsonify(item=items[0].id if items else None)


@blueprint.post("/open")
@guard("task.view")
def open_items() -> Response:
    """The open tasks of the cases that these tasks belong to."""
    own = select(WorkItem.instance_id).where(WorkItem.id.in_(request.form.getlist("item")))
    found = select(WorkItem.id).where(WorkItem.instance_id.in_(own), WorkItem.status == OPEN).order_by(WorkItem.id)
    return jsonify(list(db.session.scalars(found)))


def create(config: Config | None = None) -> Flask:
    app = create_app(config)
    app.register_blueprint(blueprint)
    return app
