"""``office`` for the manager pages; the clock stands at 115年5月19日 16:20."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.ctx import AppContext

from app import clock
from tests.web.staff.office import NOW, Office, open_office


@pytest.fixture
def office(app: Flask, ctx: AppContext) -> Iterator[Office]:
    with clock.frozen(NOW):
        yield open_office(app)
