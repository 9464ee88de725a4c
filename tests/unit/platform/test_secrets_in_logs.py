"""What a statement carried never stands in an error's text: it may be an address or a password hash."""

from __future__ import annotations

import pytest
from flask.ctx import AppContext
from sqlalchemy.exc import IntegrityError

from app.accounts.models import Organisation
from app.clock import now
from app.extensions import db


def test_an_integrity_error_does_not_tell_what_was_written(ctx: AppContext) -> None:
    for _ in range(2):
        db.session.add(Organisation(tax_id="12345675", name="不應出現在紀錄的名稱", created_at=now()))

    with pytest.raises(IntegrityError) as error:
        db.session.flush()

    assert "不應出現在紀錄的名稱" not in str(error.value)
