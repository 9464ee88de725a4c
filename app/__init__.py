"""Qiliu 契流.

Nothing is imported here: the pure rooms run in small child processes that must not load a web framework.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.config import Config


def create_app(config: Config | None = None, *, pages: bool = True) -> Flask:
    """The application, from the given settings or from the environment; background work needs no pages."""
    from app.factory import build
    return build(config, pages=pages)
