"""Databases of the bench: made for one run and dropped after it, each with tables, procedures and one officer."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from flask import Flask

from app import forms
from app.accounts import commands as accounts
from app.accounts import passwords
from app.accounts.roles import ROLES
from app.actor import SYSTEM
from app.config import Config
from app.engine import packages
from app.extensions import db, unit_of_work
from bench import floor, product

FOLDER = Path(__file__).parent / "package"
PROCEDURES = ("bench_two_steps", "bench_loop", "bench_timer")
EMAIL, PASSWORD, ROLE = "officer@bench.example", "Bench-Officer-2026!", "reviewer"


@dataclass(frozen=True, slots=True)
class World:
    """One database of the product and one of the floor, alike in everything but the work."""

    db: str
    config: Config
    floor_url: str
    app: Flask


@contextmanager
def open_world(database_url: str, name: str) -> Iterator[World]:
    """``database_url`` names a PostgreSQL server; anything else is SQLite in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="qiliu-bench-") as folder:
        if not database_url.startswith("postgres"):
            yield _prepare("sqlite", Path(folder), f"sqlite:///{folder}/product.db", f"sqlite:///{folder}/floor.db")
            return
        names = [f"qiliu_bench_{os.getpid()}_{name}_{part}" for part in ("product", "floor")]
        with _databases(database_url, names) as (ours, floors):
            yield _prepare("postgresql", Path(folder), ours, floors)


@contextmanager
def _databases(database_url: str, names: list[str]) -> Iterator[list[str]]:
    server, _, _ = database_url.rpartition("/")
    plain = "postgresql://" + database_url.partition("://")[2]
    with psycopg.connect(plain, autocommit=True) as admin:
        try:
            for name in names:
                admin.execute(f"create database {name}".encode())
            yield [f"postgresql+psycopg://{server.partition('://')[2]}/{name}" for name in names]
        finally:
            for name in names:
                admin.execute(f"drop database if exists {name} with (force)".encode())


def _prepare(kind: str, folder: Path, ours: str, floors: str) -> World:
    config = Config(secret_key=secrets.token_hex(32), data_dir=folder, database_url=ours, web_workers=2, web_threads=4)
    floor.create(floors)
    app = product.create(config)
    with app.app_context():
        db.create_all()
        _deploy()
        _officer()
        db.session.remove()
    return World(kind, config, floors, app)


def _deploy() -> None:
    with unit_of_work(SYSTEM) as uow:
        for key in PROCEDURES:
            files = {f"bpmn/{key}/{key}.bpmn": (FOLDER / f"{key}.bpmn").read_bytes(),
                     f"forms/{key}/small.form": (FOLDER / "small.form").read_bytes()}
            packages.deploy(uow, files, key, forms_checker=_field_keys, roles=ROLES)


def _field_keys(content: bytes, file: str) -> list[str]:
    return [field.key for field in forms.load(content, file).fields()]


def _officer() -> None:
    hashed = passwords.hash(PASSWORD)
    with unit_of_work(SYSTEM) as uow:
        accounts.create_user(uow, email=EMAIL, name="量測承辦", password_hash=hashed, roles=[ROLE])
