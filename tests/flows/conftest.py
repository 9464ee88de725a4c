from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.ctx import AppContext

from tests.flows.driver import Flow


@pytest.fixture
def flow(app: Flask, ctx: AppContext) -> Iterator[Flow]:
    """A driver on a fresh database; what the test walked counts for the coverage of the diagrams."""
    driver = Flow(app)
    yield driver
    driver.remember_coverage()
