"""Alembic's surroundings: the application's own engine and tables. Run through ``flask db``."""

from __future__ import annotations

from alembic import context
from flask import current_app

from app.extensions import begin_writing, db, end_writing


def _render_item(kind: str, thing: object, _autogen: object) -> str | bool:
    """Write our column types by their plain SQL types, so that a migration never needs the code of its day."""
    if kind == "type":
        if type(thing).__name__ == "UtcDateTime":
            return "sa.DateTime(timezone=True)"
        if type(thing).__name__ == "JsonText":
            return "sa.Text()"
    return False


def run() -> None:
    begin_writing()
    try:
        with db.engine.connect() as connection:
            context.configure(**current_app.extensions["migrate"].configure_args | {
                "connection": connection, "target_metadata": db.metadata, "render_as_batch": True,
                "render_item": _render_item, "compare_type": False})
            with context.begin_transaction():
                context.run_migrations()
            connection.commit()
    finally:
        end_writing()


if context.is_offline_mode():
    raise SystemExit("offline migrations are not supported: run flask db upgrade")
run()
