"""Rules about the code base itself."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.config import ROOT

MOST_LINES = 500
MOST_FUNCTION_LINES = 50
WRITTEN = (".py", ".html", ".css", ".js", ".mjs", ".txt", ".sh", ".toml", ".yml", "")
SKIPPED = ("requirements", "package-lock.json", "0001_")      # generated: locks, the first migration


def tracked() -> list[Path]:
    """Files under version control, or all source files where there is no git."""
    if shutil.which("git") and (ROOT / ".git").exists():
        result = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
        return [ROOT / name for name in result.stdout.splitlines() if (ROOT / name).is_file()]
    folders = ("app", "assets", "bench", "templates", "tests")
    return [path for folder in folders for path in (ROOT / folder).rglob("*")
            if path.is_file() and not {"node_modules", "dist", "__pycache__"} & set(path.parts)]


def python_files(*folders: str) -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in folders]


def test_no_file_is_longer_than_500_lines() -> None:
    too_long = {str(path.relative_to(ROOT)): count for path in tracked()
                if path.suffix in WRITTEN and not path.name.startswith(SKIPPED)
                and (count := len(path.read_bytes().splitlines())) > MOST_LINES}

    assert too_long == {}


def test_no_function_is_longer_than_50_lines() -> None:
    too_long = []
    for path in python_files("app"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                start = node.body[1].lineno if ast.get_docstring(node) and len(node.body) > 1 else node.lineno
                if node.end_lineno - start + 1 > MOST_FUNCTION_LINES:
                    too_long.append(f"{path.relative_to(ROOT)}:{node.name}")

    assert too_long == []


def test_rooms_import_downwards_only() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout[-3000:]


def calls(path: Path) -> set[str]:
    """The functions a file calls by a dotted name, e.g. ``datetime.now``."""
    return {ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)}


def test_only_the_clock_asks_what_time_it_is() -> None:
    asks = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"}
    found = [str(path.relative_to(ROOT)) for path in python_files("app") if path.name != "clock.py" and asks & calls(path)]

    assert found == []


def test_rooms_below_the_doors_are_told_the_time() -> None:
    doors = {"web", "cli", "jobs", "demo"}
    found = [str(path.relative_to(ROOT)) for path in python_files("app")
             if len(path.relative_to(ROOT).parts) > 2 and path.relative_to(ROOT).parts[1] not in doors
             and {"clock.now", "clock.today"} & calls(path)]

    assert found == []


def test_no_page_carries_inline_script_or_style() -> None:
    """The policy would block it. Documents and mails are no pages."""
    inline = re.compile(r"<script(?![^>]*\bsrc=)|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:", re.IGNORECASE)
    pages = [path for path in tracked() if path.suffix == ".html" and path.is_relative_to(ROOT / "templates")
             and not path.is_relative_to(ROOT / "templates" / "pdf")]
    found = [f"{path.relative_to(ROOT)}: {match.group()}" for path in pages
             if (match := inline.search(path.read_text("utf-8")))]

    assert found == []


def test_every_icon_that_pages_draw_is_built() -> None:
    built = ROOT / "app/static/dist/icons.json"
    if not built.exists():
        pytest.skip("icons: assets are not built")
    used = {name for path in tracked() if path.suffix == ".html"
            for name in re.findall(r"\bicon\(['\"]([a-z0-9-]+)['\"]\)", path.read_text("utf-8"))}

    assert used - set(json.loads(built.read_text("utf-8"))) == set()


def test_lock_files_name_no_host() -> None:
    locks = [ROOT / "requirements.lock", ROOT / "requirements-dev.lock", *(ROOT / ".ci").glob("*.lock")]
    found = [path.name for path in locks if re.search(r"https?://|file://", path.read_text())]
    package_lock = json.loads((ROOT / "assets/package-lock.json").read_text())

    assert found == []
    assert not any("resolved" in package for package in package_lock["packages"].values())


def test_locks_hold_what_the_project_asks_for() -> None:
    """pyproject.toml was changed and `make lock` forgotten?"""
    import tomllib
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = {"requirements.lock": project["project"]["dependencies"],
              "requirements-dev.lock": project["project"]["dependencies"] + project["dependency-groups"]["dev"]}
    missing = []
    for lock, requirements in wanted.items():
        text = (ROOT / lock).read_text()
        for requirement in requirements:
            name, pin = re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?(==[^;\s]+)?", requirement).groups()  # type: ignore[union-attr]
            if not re.search(rf"^{re.escape(name)}{re.escape(pin or '==')}", text, re.MULTILINE | re.IGNORECASE):
                missing.append(f"{lock}: {requirement}")

    assert missing == []
