"""The reference diagrams of the BPMN Model Interchange Working Group: every one opens; it runs after changes that are said.

They lie beside the project and are not part of it: ``QILIU_SHARED`` or ``../shared``; without them nothing is tested.
"""

from __future__ import annotations

import json
import os
import resource
import time
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from SpiffWorkflow.util.task import TaskState

from app.cli.package import group
from app.config import ROOT
from app.engine import bpmn, manifest, normalise, parser, picture, sandbox, specs, xmlsafe
from app.engine.compact import all_tasks
from app.engine.findings import Report
from app.engine.known import Known
from app.engine.lint.catalogue import RULES
from app.engine.packages import LoadedPackage
from app.engine.settle import Run

SHARED = Path(os.environ.get("QILIU_SHARED", ROOT.parent / "shared"))
FILES = sorted((SHARED / "conformance" / "miwg").glob("*.bpmn"))
NOW = datetime(2026, 5, 19, 8, tzinfo=UTC)
MOST_STEPS = 60
RUNNABLE = 21

pytestmark = pytest.mark.skipif(not FILES, reason="the reference diagrams are not beside the project")
by_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


@cache
def check(path: Path) -> Report:
    return sandbox.check_foreign(path.read_bytes(), path.name, Known())


@by_file
def test_reference_diagram_opens_and_says_what_was_changed(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    started = time.monotonic()

    report = check(path)

    assert time.monotonic() - started <= 10
    assert report.opened
    assert report.runnable or all(finding.file and finding.rule and finding.message for finding in report.errors)
    for said in (*report.changes, *report.findings):
        assert said.rule in RULES
        assert any("\u4e00" <= sign <= "\u9fff" for sign in said.message)
    with capsys.disabled():
        print(f"\nMIWG {path.stem}: {'runnable' if report.runnable else 'refused'}, {len(report.changes)} changes", end="")


def test_all_reference_diagrams_are_runnable() -> None:
    assert sum(check(path).runnable for path in FILES) >= min(RUNNABLE, len(FILES))


def test_the_children_keep_within_512_megabytes() -> None:
    check(max(FILES, key=lambda path: path.stat().st_size))

    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss <= 512 * 1024      # KB


@by_file
def test_reference_diagram_is_drawn(path: Path) -> None:
    drawn = picture.svg(path.read_bytes())

    root = ElementTree.fromstring(drawn)
    assert root.get("role") == "img"
    assert len(list(root.iter())) > 10


def load(path: Path) -> list[LoadedPackage]:
    """Every process of the file as a package, restored through the serializer."""
    root = xmlsafe.parse(path.read_bytes(), path.name)
    normalise.normalise(root, path.name, Known(), {bpmn.ident(process) for process in bpmn.processes(root)})
    packages = []
    for process in bpmn.processes(root):
        name = bpmn.ident(process)
        stored = specs.dump_specs(*parser.parse_specs({path.name: root}, name))
        packages.append(LoadedPackage(1, name, 1, name, specs.load_specs(stored), manifest.build(
            {path.name: root}, name, forms={}, decisions={}, files=[]), MappingProxyType({}), MappingProxyType({})))
    return packages


def refuse(task: Any, operation: str, parameters: dict[str, Any]) -> bool | None:
    raise AssertionError(f"no operation may be called: {operation}")


@by_file
def test_reference_diagram_runs_without_an_incident(path: Path) -> None:
    for package in load(path):
        run = Run(package, NOW, refuse)
        run.begin({})
        run.settle()
        for _step in range(MOST_STEPS):
            waiting = [task for task in all_tasks(run.workflow) if task.state == TaskState.READY and task.task_spec.manual]
            if waiting:
                run.run(waiting[0])
            else:
                run.now += timedelta(days=1)
                run.engine.now = run.now
            run.settle()

        assert run.faults == {}
        assert run.log


def test_the_command_prints_one_json_line_a_file() -> None:
    result = CliRunner().invoke(group, ["check", "--json", *map(str, FILES[:3])])

    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [Path(line["file"]).name for line in lines] == [path.name for path in FILES[:3]]
    assert all(line.keys() == {"file", "opened", "runnable", "changes", "findings"} for line in lines)
    assert result.exit_code == 0
