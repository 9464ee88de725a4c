"""The pages: blueprints for the public, accounts, vendors, staff and managers, on one frame and one map of errors."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from flask import Flask, g
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from app import clock
from app.extensions import login_manager
from app.web import asked, errors, format, icons, resources, session
from app.web.frame import Frame
from app.web.guard import guard, is_pending, public_route
from app.web.session import current_actor, current_user

__all__ = ["current_actor", "current_user", "guard", "is_pending", "public_route", "register"]

_ROOMS = ("public", "account", "vendor", "task", "files", "staff", "manager")


def register(app: Flask) -> None:
    """Give ``app`` its pages. Each room has a ``blueprint``; the mailbox exists in development only."""
    asked.register(app)
    for room in _ROOMS:
        app.register_blueprint(import_module(f"app.web.{room}").blueprint)
    if app.extensions["qiliu"].dev:
        app.register_blueprint(import_module("app.web.dev").blueprint)
    errors.register(app)
    _register_words(app)
    app.permanent_session_lifetime = session.COOKIE_LASTS
    login_manager.user_loader(session.load_visitor)
    app.context_processor(_frame)


def _register_words(app: Flask) -> None:
    app.jinja_env.globals.update(icon=icons.icon, asset=resources.asset, integrity=resources.integrity,
                                 due_of=format.due, csrf_field=_csrf_field, now=clock.now)
    app.jinja_env.filters.update(roc_date=format.roc_date, roc_datetime=format.roc_datetime,
                                 roc_full=format.roc_full, roc_weekday_time=format.roc_weekday_time,
                                 clock_time=format.clock_time, ago_days=format.ago_days, file_size=format.file_size,
                                 file_kind=format.file_kind)


def _csrf_field() -> Markup:
    """The same for every form of a page; a list has one form a row."""
    if "csrf_field" not in g:
        g.csrf_field = Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())
    field: Markup = g.csrf_field
    return field


def _frame() -> dict[str, Any]:
    return {} if g.get("fault") else {"frame": Frame(session.current_user(), session.current_actor(), clock.now())}
