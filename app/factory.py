"""Puts the rooms together into one Flask application. No logic of its own."""

from __future__ import annotations

import importlib
import os
from datetime import timedelta
from types import ModuleType

import click
from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from app import extensions, files
from app.accounts import passwords
from app.config import ROOT, Config
from app.faults import fault_point
from app.procurement.vendors import registry
from app.rules import calendar

TABLES = (
    "accounts.models", "audit.models", "engine.models", "files.models", "notify.models", "outbox.models",
    "procurement.announcements.models", "procurement.numbers", "procurement.tenders.models", "procurement.vendors.models")
COMMANDS = ("account", "audit", "feel", "instance", "outbox", "package", "registry")

# No inline script or style anywhere; a page is never framed and never posts elsewhere.
POLICY = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
    "connect-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"))
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HTTPS_HEADERS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))


def build(config: Config | None = None, *, pages: bool = True) -> Flask:
    """``pages=False`` for background processes: the same rooms without their doors."""
    config = config or Config.from_env()
    app = Flask("app", root_path=str(ROOT / "app"), template_folder=str(ROOT / "templates"),
                instance_path=str(config.data_dir))
    app.config.from_mapping(_flask_settings(config))
    app.extensions["qiliu"] = config
    files.use_store(files.FileStore(config.files_dir))
    registry.configure(config.registry_url)
    calendar.use(config.calendar_file)
    passwords.give_memory_back()
    passwords.set_cost(passwords.FAST if config.fast_passwords else passwords.STANDARD)
    _connect(app)
    importlib.import_module("app.operations")     # what diagrams call
    if pages:
        _guard_requests(app, config)
        _register_doors(app)
    if config.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, *(config.proxies,) * 4)  # type: ignore[method-assign]
    return app


def _flask_settings(config: Config) -> dict[str, object]:
    megabyte = 1024 * 1024
    return {
        "SECRET_KEY": config.secret_key,
        "MAX_CONTENT_LENGTH": config.max_upload_mb * megabyte,
        "MAX_FORM_MEMORY_SIZE": 2 * megabyte,
        "MAX_FORM_PARTS": 2000,
        "SESSION_COOKIE_NAME": "__Host-qiliu" if config.is_https else "qiliu",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": config.is_https,
        "PERMANENT_SESSION_LIFETIME": timedelta(minutes=config.session_minutes),
        "PREFERRED_URL_SCHEME": "https" if config.is_https else "http",
        "WTF_CSRF_TIME_LIMIT": None,              # as long as the session: a long form must not fail at the end
        "WTF_CSRF_SSL_STRICT": config.is_https,
        "SQLALCHEMY_DATABASE_URI": config.sqlalchemy_url,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(config),
        "RATELIMIT_STORAGE_URI": _limiter_storage(config.redis_url),
        "RATELIMIT_STORAGE_OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1} if config.redis_url else {},
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": bool(config.redis_url),
        "RATELIMIT_HEADERS_ENABLED": False,
        "DEV": config.dev,
        "SESSION_MINUTES": config.session_minutes,
    }


def _engine_options(config: Config) -> dict[str, object]:
    """One connection a thread, and two to spare; one the server dropped is replaced unseen; no values in error texts."""
    return {"hide_parameters": True, "pool_pre_ping": True, "pool_size": config.web_threads + 2, "max_overflow": 4,
            "pool_timeout": 20}


def _limiter_storage(redis_url: str) -> str:
    if not redis_url:
        return "memory://"
    return f"redis+{redis_url}" if redis_url.startswith("unix://") else redis_url


def load_models() -> None:
    """Import every table, so that the metadata is complete."""
    for module in TABLES:
        importlib.import_module(f"app.{module}")


def _connect(app: Flask) -> None:
    load_models()
    extensions.db.init_app(app)
    with app.app_context():
        extensions.configure_sqlite(extensions.db.engine)
        extensions.configure_postgresql(extensions.db.engine)
    if os.environ.get("FLASK_RUN_FROM_CLI"):
        connect_migrations(app)
    extensions.login_manager.init_app(app)
    extensions.csrf.init_app(app)
    extensions.limiter.init_app(app)


def connect_migrations(app: Flask) -> None:
    """For ``flask db`` and the start of a system only: a web process does not carry Alembic's 12 MB."""
    from flask_migrate import Migrate
    Migrate(app, extensions.db, directory=str(ROOT / "migrations"), render_as_batch=True)


def _guard_requests(app: Flask, config: Config) -> None:
    """Which transactions write, and what every answer carries."""
    is_sqlite = config.sqlalchemy_url.startswith("sqlite")

    @app.before_request
    def _say_that_it_writes() -> None:
        # After CSRF has read the form, before the first query: a slow sender holds no lock. SQLite has one
        # writer: there, who asks is read first, and ``unit_of_work`` takes the turn to write.
        if request.method not in SAFE_METHODS and not is_sqlite:
            extensions.begin_writing()

    @app.teardown_request
    def _end(_error: BaseException | None) -> None:
        extensions.end_writing()

    @app.after_request
    def _harden(response: Response) -> Response:
        headers = HEADERS | (HTTPS_HEADERS if config.is_https else {})
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        if request.path.startswith("/static/dist/") and response.status_code in (200, 304):
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        if request.method not in SAFE_METHODS:
            fault_point("web.before_response")
        return response


def _register_doors(app: Flask) -> None:
    from app import web
    from app.web import health
    app.register_blueprint(health.blueprint)
    web.register(app)
    for name in COMMANDS:
        app.cli.add_command(_command(importlib.import_module(f"app.cli.{name}"), name))


def _command(module: ModuleType, name: str) -> click.Command:
    """The command or group of that name in a module of the command line."""
    return next(thing for thing in vars(module).values() if isinstance(thing, click.Command) and thing.name == name)
