"""Insert a row unless one with its key is there: what makes a repeated effect one effect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

Row = TypeVar("Row")


def insert_once(session: Session, model: type[Row], values: Mapping[str, object], *, unique: tuple[str, ...] = ("key",),
                ) -> tuple[Row, bool]:
    """The row with these unique values, and whether this call made it.

    One statement when the row is new, two when it was there. Works inside savepoints: a taken key
    raises nothing, so it spoils no transaction. A rival that has not committed is waited for.
    unique   column names of a unique constraint; all must be in ``values``
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    made = session.scalars(insert(model).values(**values).on_conflict_do_nothing(index_elements=list(unique))
                           .returning(model)).one_or_none()
    if made is not None:
        return made, True
    found = select(model).where(*(getattr(model, name) == values[name] for name in unique))
    return session.scalars(found).unique().one(), False
