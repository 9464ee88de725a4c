"""Bring the database to what this code needs: ``python -m app.jobs.prepare [--recover]``. Can be repeated at any time."""

from __future__ import annotations

import argparse
import logging

from flask import Flask

from app import clock, create_app, forms, outbox
from app.accounts.roles import LANES
from app.actor import SYSTEM
from app.config import ROOT, Config
from app.engine import packages
from app.engine.models import PackageVersion
from app.errors import DefinitionError, Stale
from app.extensions import db, release, unit_of_work
from app.factory import connect_migrations
from app.jobs import logs

ACCOUNTS = "accounts.txt"
log = logging.getLogger("qiliu.prepare")


def prepare(app: Flask, *, recover: bool = False) -> None:
    """Tables, procedures, demo data.

    recover  nothing else is running on this database: jobs in flight are offered again at once
    """
    config: Config = app.extensions["qiliu"]
    with app.app_context():
        _tables(app)
        if recover:
            _recover()
        publish()
        if config.demo:
            _demo_data(config)
        db.session.remove()
        db.engine.dispose()


def _tables(app: Flask) -> None:
    if (ROOT / "migrations").is_dir():
        import flask_migrate
        connect_migrations(app)
        flask_migrate.upgrade()
    else:
        db.create_all()


def _recover() -> None:
    with unit_of_work(SYSTEM) as uow:
        count = outbox.recover(uow.session, uow.now)
    if count:
        log.warning("%d jobs go on that were interrupted", count)


def publish() -> list[PackageVersion]:
    """Publish what this repository brings anew. What was published before stays as people left it:

    a newer version that a designer published is not replaced by the older one of the repository. To go
    back to that one is a decision: ``flask package deploy``.
    """
    fresh = packages.unpublished(db.session(), ROOT)
    release()
    for key, files in fresh.items():              # the slow part first, before the database is locked
        packages.prepare(files, key, forms_checker=forms.field_keys, roles=LANES)
    with unit_of_work(SYSTEM) as uow:
        return [packages.deploy(uow, files, key, forms_checker=forms.field_keys, roles=LANES)
                for key, files in packages.unpublished(uow.session, ROOT).items()]


def _demo_data(config: Config) -> None:
    """Load it once, and leave the list of accounts beside the database for whoever started the system."""
    from app import demo  # not part of a system without demo data
    from app.demo import people
    demo.load(clock.now())
    width = max(len(email) for _role, email, _who in people.SHOWN)
    lines = [f"示範帳號（密碼都是 {people.PASSWORD}）："]
    lines += [f"  {email:<{width}}  {role}　{who}" for role, email, who in people.SHOWN]
    (config.data_dir / ACCOUNTS).write_text("\n".join(lines) + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m app.jobs.prepare", description=__doc__)
    parser.add_argument("--recover", action="store_true", help="offer interrupted jobs again; only when nothing else runs")
    options = parser.parse_args()
    logs.set_up("prepare")
    try:
        prepare(create_app(pages=False), recover=options.recover)
    except DefinitionError as error:
        where = "，".join(part for part in (error.file, error.element, error.rule) if part)
        raise SystemExit(f"{error.message}（{where}）") from None
    except Stale as error:
        raise SystemExit(error.message) from None


if __name__ == "__main__":
    main()
