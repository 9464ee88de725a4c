"""Numbers that people use: ``R-1151121-001`` = kind, ROC date, serial of that day."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.clock import taipei_date
from app.extensions import db


class NumberSeries(db.Model):
    """The last serial given in a series (``R-1151121``)."""

    __tablename__ = "number_series"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    last: Mapped[int]


def next_number(session: Session, prefix: str, now: datetime) -> str:
    """The next number of the day, in one statement; a rolled-back transaction gives its number back."""
    day = taipei_date(now)
    name = f"{prefix}-{day.year - 1911}{day:%m%d}"
    insert = postgres_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    upsert = insert(NumberSeries).values(name=name, last=1).on_conflict_do_update(
        index_elements=[NumberSeries.name], set_={"last": NumberSeries.last + 1}).returning(NumberSeries.last)
    return f"{name}-{session.execute(upsert).scalar_one():03d}"
