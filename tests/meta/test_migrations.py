"""The migrations make exactly the tables that the code maps, and can be undone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import inspect

from app import create_app
from app.config import ROOT, Config
from app.extensions import db
from app.factory import connect_migrations

VERSIONS = sorted((ROOT / "migrations" / "versions").glob("*.py"))


@pytest.fixture
def unmigrated(tmp_path: Path) -> Iterator[Flask]:
    """The application on a database without any table."""
    app = create_app(Config(secret_key="k" * 40, data_dir=tmp_path, database_url=f"sqlite:///{tmp_path}/new.db"))
    connect_migrations(app)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_migrations_make_the_mapped_tables(unmigrated: Flask) -> None:
    flask_migrate.upgrade()

    flask_migrate.check()

    assert set(inspect(db.engine).get_table_names()) == set(db.metadata.tables) | {"alembic_version"}


def test_migrations_can_be_undone(unmigrated: Flask) -> None:
    flask_migrate.upgrade()

    flask_migrate.downgrade(revision="base")

    assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}


def test_migrations_are_numbered_without_gaps() -> None:
    names = [path.name for path in VERSIONS]

    assert [name[:4] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]
    assert all(re.fullmatch(r"\d{4}_[a-z0-9_]+\.py", name) for name in names)
