"""The manager's door: the board, handing work to people, and what went wrong."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("manager", __name__, url_prefix="/manage")

from app.web.manager import assign, board, incidents  # noqa: E402, F401 - routes
