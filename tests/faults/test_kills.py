"""R1: processes killed at named fault points in random lives of registration cases: 0 lost, 0 doubled, none stuck."""

from __future__ import annotations

import pytest

from app.config import Config
from tests.faults import batch

POINTS = {"engine.before_lock", "engine.after_restore", "engine.after_step", "uow.before_commit", "uow.after_commit",
          "web.before_response", "outbox.claimed", "outbox.before_effect", "outbox.after_effect", "outbox.before_done"}


@pytest.mark.both_databases
@pytest.mark.parametrize("part", [1, 2])
def test_nothing_is_lost_or_doubled_when_processes_are_killed(config: Config, part: int, record_property: batch.Note) -> None:
    report = batch.run("runner", config, record_property, timeout_s=900, cases=77, kill=0.25)

    assert report["cases"] == 77 and report["killed_cases"] >= 75
    assert set(report["at"]) >= POINTS


@pytest.mark.chaos
@pytest.mark.both_databases
@pytest.mark.parametrize("part", range(5))
def test_two_thousand_cases(config: Config, part: int, record_property: batch.Note) -> None:
    report = batch.run("runner", config, record_property, timeout_s=3600, cases=200)

    assert report["cases"] == 200 and set(report["at"]) >= POINTS | {"timers.before_fire"}
