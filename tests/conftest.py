"""Fixtures of all rooms. ``app`` stands on a fresh SQLite file; ``@pytest.mark.both_databases`` adds PostgreSQL.

A test that needs a row builds it through the public doors of a room; nothing is shared between tests.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.ctx import AppContext
from flask.testing import FlaskClient

from app import create_app
from app.actor import SYSTEM, Actor
from app.config import ROOT, Config
from app.extensions import UnitOfWork, db, unit_of_work
from app.factory import load_models
from tests.support import bpmn_coverage, services

DATABASES = ("sqlite", "postgresql")
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.definition.get_closest_marker("both_databases") and "database_url" in metafunc.fixturenames:
        metafunc.parametrize("database_url", DATABASES, indirect=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests share one browser: they stay together in one process."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("browser"))


def pytest_report_header() -> str:
    postgresql = services.postgresql_reason() or "yes"
    chromium = services.chromium_path() or "not installed"
    return f"services: postgresql {postgresql}; chromium {chromium}; required: {','.join(services.REQUIRED) or 'none'}"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A whole run fails where a shipped diagram has a node or flow that no test walked."""
    config = session.config
    is_whole = config.args_source is config.ArgsSource.TESTPATHS and not config.option.keyword
    if is_whole and not hasattr(config, "workerinput") and bpmn_coverage.missing() and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What tests noted (``record_property("note", …)``: seeds, counts), and the nodes and flows that they walked."""
    for report in [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]:
        for name, value in report.user_properties:
            if name == "note":
                terminalreporter.write_line(value)
    for line in bpmn_coverage.lines():
        terminalreporter.write_line(line)


# ---- databases

@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all tables and no rows, copied for each test (much faster than creating it)."""
    folder = tmp_path_factory.mktemp("template")
    path = folder / "empty.db"
    app = create_app(_config(folder, f"sqlite:///{path}"))
    with app.app_context():
        db.create_all()
        db.engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql(worker_id: str) -> Iterator[services.Postgresql]:
    reason = services.postgresql_reason()
    if reason:
        services.absent("postgresql", reason)
    load_models()
    server = services.Postgresql(worker_id)
    yield server
    server.drop()


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database with all tables."""
    if getattr(request, "param", "sqlite") == "sqlite":
        path = tmp_path / "qiliu.db"
        shutil.copy(request.getfixturevalue("empty_sqlite"), path)
        yield f"sqlite:///{path}"
        return
    server: services.Postgresql = request.getfixturevalue("postgresql")
    yield server.url
    server.empty()


# ---- the application

def _config(folder: Path, database_url: str, **changes: Any) -> Config:
    return Config(secret_key="test-key-" * 5, data_dir=folder, database_url=database_url,
                  base_url="http://localhost", fast_passwords=True).with_changes(**changes)


@pytest.fixture
def config(tmp_path: Path, database_url: str) -> Config:
    return _config(tmp_path, database_url)


@pytest.fixture
def app(config: Config) -> Iterator[Flask]:
    app = create_app(config)
    app.testing = True
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def ctx(app: Flask) -> Iterator[AppContext]:
    """A pushed application context: ``db.session`` works."""
    with app.app_context() as context:
        yield context


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


UowFactory = Callable[..., AbstractContextManager[UnitOfWork]]


@pytest.fixture
def uow(ctx: AppContext) -> UowFactory:
    """``with uow() as u: commands.x(u, …)``; ``uow(actor, now=…)`` for somebody else or another time."""
    def begin(actor: Actor = SYSTEM, **options: Any) -> AbstractContextManager[UnitOfWork]:
        return unit_of_work(actor, **options)
    return begin


# ---- processes and the browser

@pytest.fixture(scope="session")
def valkey() -> Iterator[str]:
    """The address of a private Valkey server."""
    if os.name == "nt":
        services.absent("valkey", "no wheel for this platform")
    with services.private_valkey() as url:
        yield url


@pytest.fixture
def live_server(app: Flask) -> Iterator[str]:
    """The application behind a real port, in a thread of this process; its address."""
    from werkzeug.serving import make_server
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.fixture
def stack(config: Config) -> Iterator[Any]:
    """Real processes: ``stack.start("web", "worker", "scheduler")``, ``stack.url``, ``stack.kill("worker")``."""
    from tests.support.stack import Stack
    with Stack(config) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    path = services.chromium_path()
    if not path:
        services.absent("chromium", "not installed (apt-get install chromium)")
    from playwright.sync_api import sync_playwright
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, headless=True, args=list(services.CHROMIUM_FLAGS))
        yield running
        running.close()


@pytest.fixture
def new_page(browser: Any) -> Iterator[Callable[..., Any]]:
    """``new_page(url, size="phone")``: a page of its own; ``page.faults`` collects console errors and CSP reports."""
    contexts = []

    def open_page(base_url: str, size: str = "desktop", **options: Any) -> Any:
        width, height = SIZES[size]
        context = browser.new_context(base_url=base_url, locale="zh-TW", timezone_id="Asia/Taipei",
                                      viewport={"width": width, "height": height}, reduced_motion="reduce", **options)
        contexts.append(context)
        context.route("**/*", lambda route: route.continue_() if _is_local(route.request.url) else route.abort())
        page = context.new_page()
        page.faults = []
        page.on("console", lambda message: page.faults.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()


def _is_local(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "http://localhost:", "data:", "blob:"))


@pytest.fixture(scope="session")
def axe() -> Callable[[Any], list[str]]:
    """``axe(page)``: the accessibility faults of a page, one line each; empty is right."""
    path = ROOT / "assets/node_modules/axe-core/axe.min.js"
    if not path.exists():
        services.absent("axe", "assets are not installed (make test does it)")
    source = path.read_text("utf-8")

    def check(page: Any) -> list[str]:
        page.evaluate(source)                 # through the debugger: a strict CSP forbids script tags
        result = page.evaluate("() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', "
                               "'wcag22aa', 'best-practice']})")
        return [f"{fault['id']} ({fault['impact']}): {node['target']}" for fault in result["violations"]
                for node in fault["nodes"]]
    return check


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """The name of this test process (also when tests run in one process)."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")
