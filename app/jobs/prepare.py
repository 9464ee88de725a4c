"""Bring the database to what this code needs: ``python -m app.jobs.prepare [--recover]``. Can be repeated at any time."""

from __future__ import annotations

import argparse
import importlib
import logging

import flask_migrate
from flask import Flask

from app import clock, create_app, forms, outbox
from app.accounts.roles import ROLES
from app.actor import SYSTEM
from app.config import ROOT, Config
from app.engine import packages
from app.extensions import db, unit_of_work

log = logging.getLogger("qiliu.prepare")


def prepare(app: Flask, *, recover: bool = False) -> None:
    """Tables, procedures, demo data.

    recover  nothing else is running on this database: jobs in flight are offered again at once
    """
    config: Config = app.extensions["qiliu"]
    with app.app_context():
        _tables()
        if recover:
            _recover()
        _procedures()
        if config.demo:
            _demo_data()
        db.session.remove()
        db.engine.dispose()


def _tables() -> None:
    if (ROOT / "migrations").is_dir():
        flask_migrate.upgrade()
    else:
        db.create_all()


def _recover() -> None:
    with unit_of_work(SYSTEM) as uow:
        count = outbox.recover(uow.session, uow.now)
    if count:
        log.warning("%d jobs go on that were interrupted", count)


def _procedures() -> None:
    importlib.import_module("app.operations")            # diagrams name these
    with unit_of_work(SYSTEM) as uow:
        for version in packages.deploy_all(uow, ROOT, forms_checker=_field_keys, roles=ROLES):
            log.info("procedure %s version %d", version.key, version.version)


def _field_keys(content: bytes, file: str) -> list[str]:
    return [field.key for field in forms.load(content, file).fields()]


def _demo_data() -> None:
    load = getattr(importlib.import_module("app.demo"), "load", None)
    if load is not None:
        load(clock.now())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m app.jobs.prepare", description=__doc__)
    parser.add_argument("--recover", action="store_true", help="offer interrupted jobs again; only when nothing else runs")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    prepare(create_app(), recover=options.recover)


if __name__ == "__main__":
    main()
