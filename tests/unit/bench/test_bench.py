"""The bench itself: its arithmetic, and a quick pass over every metric. Nothing here is timed."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from app.config import ROOT
from bench import __main__ as main
from bench.figures import TARGETS, UNITS, Figure, Target
from bench.load import percentile
from bench.worlds import FOLDER, PROCEDURES


def test_percentile_lies_between_the_closest_ranks():
    assert percentile([1, 2, 3, 4], 50) == 2.5
    assert percentile([7], 95) == 7
    assert percentile([3, 1, 2], 100) == 3


@pytest.mark.parametrize(("target", "value", "ratio", "holds"), [
    (Target("ratio", "<=", 1.7), 99, 1.7, True), (Target("ratio", "<=", 1.7), 1, 1.71, False),
    (Target("ratio", ">=", 0.65), 1, 0.65, True), (Target("value", "<=", 20), 21, 0.1, False),
    (Target("value", "==", 1), 1, 9, True), (Target("value", "==", 1), 2, 1, False)])
def test_a_target_holds_a_value_or_a_ratio(target, value, ratio, holds):
    assert target.holds(value, ratio) is holds


def test_a_line_says_what_was_measured_and_whether_it_is_enough():
    line = json.loads(Figure("complete_p50_c1", 12.0, 8.0).line("sqlite"))
    assert line == {"metric": "complete_p50_c1", "db": "sqlite", "value": 12.0, "unit": "ms", "floor": 8.0, "ratio": 1.5,
                    "target": "ratio <= 1.7", "ok": True}


def test_a_figure_is_not_enough_when_the_work_failed():
    assert not Figure("loop_ratio_500", 1.0, 1.0, holds=False).is_ok


def test_every_metric_has_a_unit_and_a_target():
    assert UNITS.keys() == TARGETS.keys()


def test_procedures_of_the_bench_are_in_order():
    from app.engine import packages
    for key in PROCEDURES:
        files = {f"bpmn/{key}/{key}.bpmn": (FOLDER / f"{key}.bpmn").read_bytes(),
                 f"forms/{key}/small.form": (FOLDER / "small.form").read_bytes()}
        report = packages.check(files, forms_checker=lambda *_: ["amount", "reason", "urgent"])
        assert report.runnable and not report.errors


def test_a_quick_pass_prints_every_metric_once():
    environ = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run([sys.executable, "-m", "bench", "--quick"], cwd=ROOT, env=environ, capture_output=True, text=True,
                          timeout=400, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert sorted(line["metric"] for line in lines) == sorted(TARGETS)
    assert {line["db"] for line in lines} == {"sqlite"}
    assert next(line for line in lines if line["metric"] == "commits_per_completion")["ok"]
    assert next(line for line in lines if line["metric"] == "sql_per_completion")["ok"]


def test_a_figure_that_fails_has_its_line_and_the_others_are_measured(capsys, monkeypatch):
    def fails(*_):
        raise RuntimeError("no")

    def works(*_):
        return {"timer_poll_10k": Figure("timer_poll_10k", 1, 1)}

    monkeypatch.setattr(main, "MEASURES", [(fails, ("rss_web",)), (works, ("timer_poll_10k",))])
    main.run("", main.QUICK, TARGETS)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["metric"], line["value"], line["ok"]) for line in lines] == [
        ("rss_web", None, False), ("timer_poll_10k", 1, True)]
