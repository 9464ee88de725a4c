"""Titles and steps of the published procedures, for filters. Kept half a minute in each process."""

from __future__ import annotations

import time
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.engine import packages
from app.engine.models import PackageVersion
from app.engine.packages import LoadedPackage
from app.web.staff import diagram

_KEPT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Step:
    """A step a person works on, in the order of the diagram."""

    node_id: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Procedure:
    key: str
    title: str
    version_id: int
    version: int
    steps: tuple[Step, ...]
    phases: tuple[str, ...]      # the state words people see, in process order


def list_procedures(session: Session) -> dict[str, Procedure]:
    """Every procedure that new cases can start on, by key."""
    kept: tuple[float, dict[str, Procedure]] | None = current_app.extensions.get("qiliu_procedures")
    if kept and kept[0] > time.monotonic():
        return kept[1]
    rows = session.execute(select(PackageVersion.id, PackageVersion.key, PackageVersion.title)
                           .where(PackageVersion.is_active).order_by(PackageVersion.id)).all()
    found = {row.key: _procedure(row.key, row.title, packages.get(session, row.id)) for row in rows}
    if found:
        current_app.extensions["qiliu_procedures"] = (time.monotonic() + _KEPT_SECONDS, found)
    return found


def _procedure(key: str, title: str, package: LoadedPackage) -> Procedure:
    return Procedure(key, title, package.id, package.version,
                     tuple(Step(*found) for found in diagram.tasks_in_order(package)), diagram.phases(package))
