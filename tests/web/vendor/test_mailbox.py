"""The mailbox of development: links that can be followed, and no such page elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.config import Config
from tests.web.house import House, Visitor, config_in


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return config_in(tmp_path, dev=True)


def test_a_reset_link_in_the_mailbox_leads_to_its_page(house: House, vendor: Visitor) -> None:
    vendor.register()
    vendor.post("/account/logout")
    vendor.get("/password/forgot")
    vendor.post("/password/forgot", {"email": "contact@chenhe.example"})
    house.run_jobs()

    page = vendor.get("/dev/mail")
    link = re.search(r'href="(/password/reset/[^"]+)"', page.text)

    assert "contact@chenhe.example" in page.text
    assert link is not None
    assert vendor.get(link[1]).status_code == 200


def test_there_is_no_mailbox_outside_development(config: Config) -> None:
    app: Flask = create_app(config.with_changes(dev=False))

    assert app.test_client().get("/dev/mail").status_code == 404
