"""The house and its visitors."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.web.house import House, Visitor


@pytest.fixture
def house(app: Flask) -> House:
    return House(app)


@pytest.fixture
def vendor(app: Flask, house: House) -> Visitor:
    return Visitor(app)
