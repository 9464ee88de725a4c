"""``flask instance`` as a person uses it."""

from __future__ import annotations

import json

from sqlalchemy import delete

from app.engine.models import WorkItem
from tests.unit.engine.test_reconcile import rich


def test_show_and_reconcile(case, app):
    c = case(rich())
    run = app.test_cli_runner().invoke

    shown = run(args=["instance", "show", "K-p"])
    assert shown.exit_code == 0 and "work name" in shown.output and "異常" in shown.output
    data = json.loads(run(args=["instance", "show", str(c.id), "--json"]).output)
    assert data["items"][0]["node"] == "work" and data["incidents"][0]["code"].startswith("feel")
    missing = run(args=["instance", "show", "nobody"])
    assert missing.exit_code == 1 and "找不到案件" in missing.output

    assert run(args=["instance", "reconcile"]).exit_code == 0
    with c.work() as uow:
        uow.session.execute(delete(WorkItem))
    found = run(args=["instance", "reconcile", "--json"])
    assert found.exit_code == 1 and json.loads(found.output.splitlines()[0])["kind"] == "item"
    assert run(args=["instance", "reconcile", "K-p", "--repair"]).exit_code == 0
    assert run(args=["instance", "reconcile"]).output.strip() == "沒有差異。"
