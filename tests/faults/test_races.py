"""R6: two do the same, or opposite things, in the same instant: exactly one of both happened, the other was told."""

from __future__ import annotations

import pytest

from app.config import Config
from tests.faults import batch
from tests.faults.races import KINDS

pytestmark = pytest.mark.both_databases


def test_of_two_in_the_same_instant_one_is_done_and_the_other_told(config: Config, record_property: batch.Note) -> None:
    report = batch.run("races", config, record_property, timeout_s=400, tries=400)

    assert set(report["of"]) >= {"two_people", "double_click", "two_tabs", "back_button", "claims", "timer_and_click"}


@pytest.mark.parametrize("kind", ["withdraw_and_claim", "one_message", "reapply_two_tabs", "register_two_tabs"])
def test_rare_races_end_as_one(config: Config, record_property: batch.Note, kind: str) -> None:
    batch.run("races", config, record_property, timeout_s=400, tries=15, only=kind)


@pytest.mark.chaos
def test_ten_thousand_races(config: Config, record_property: batch.Note) -> None:
    report = batch.run("races", config, record_property, timeout_s=3600, tries=10_000)

    assert set(report["of"]) == set(KINDS)
