"""帳號管理: contact data, password, notices, the end of a session."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("account", __name__)

from app.web.account import notices, pages, passwords, sessions  # noqa: E402, F401 - they add their routes
