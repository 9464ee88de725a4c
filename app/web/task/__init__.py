"""One task: fill in, keep, check, send, receipt. For vendors; the office's own page stands beside the data it judges."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("task", __name__, url_prefix="/tasks")

from app.web.task import fill, send  # noqa: E402, F401 - they add their routes
