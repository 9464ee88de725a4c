"""The house in the states that tests begin with, and its visitors."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from app.config import Config
from tests.web.house import House, Stages, Visitor, config_in


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path) -> Stages:
    return Stages(tmp_path_factory.mktemp("stages"), empty_sqlite)


@pytest.fixture
def config(tmp_path: Path, empty_sqlite: Path) -> Config:
    (tmp_path / "qiliu.db").write_bytes(empty_sqlite.read_bytes())
    return config_in(tmp_path)


@pytest.fixture
def house(app: Flask, stages: Stages) -> House:
    stages.enter("published", app)
    return House(app)


@pytest.fixture
def vendor(app: Flask, house: House) -> Visitor:
    return Visitor(app)


@pytest.fixture
def registered(house: House, stages: Stages) -> Visitor:
    """A vendor whose registration is under review."""
    stages.enter("registered", house.app)
    return Visitor(house.app).log_in_as_vendor()


@pytest.fixture
def correcting(house: House, stages: Stages) -> Visitor:
    """A vendor that was asked to correct two fields."""
    stages.enter("correcting", house.app)
    return Visitor(house.app).log_in_as_vendor()


@pytest.fixture
def task(house: House, correcting: Visitor) -> str:
    """The address of that correction."""
    return f"/tasks/{house.items('correct_registration')[0].id}"


@pytest.fixture
def approved(house: House, stages: Stages) -> Visitor:
    """A vendor whose registration was approved."""
    stages.enter("approved", house.app)
    return Visitor(house.app).log_in_as_vendor()
