"""What anybody may see: login with announcements and manuals, the statements, and registration."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("public", __name__)

from app.web.public import login, pages, registration  # noqa: E402, F401 - they add their routes
