"""Histories in words, from events alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from app.web.timeline import OFFICE, Story, for_staff, for_vendor

START = datetime(2026, 5, 11, 6, 32, tzinfo=UTC)          # 5月11日（一）14:32 in Taipei
NODES = {
    "start": {"name": "送出註冊", "role": "vendor", "type": "startEvent"},
    "check": {"name": "比對重複註冊", "role": "system", "type": "serviceTask"},
    "review": {"name": "初審", "role": "reviewer", "type": "userTask"},
    "correct": {"name": "修改註冊資料", "role": "vendor", "type": "userTask"},
    "reminder": {"name": "7 天未回覆", "role": "vendor", "type": "boundaryEvent"},
}


def event(kind: str, node: str | None = None, revision: int = 1, actor: str = "系統", /, **data: Any) -> Any:
    return SimpleNamespace(kind=kind, node_id=node, name=None, revision=revision, actor=actor, task_id=f"t-{node}", data=data,
                           at=START + timedelta(days=revision))


def story(*events: Any, status: str = "running", items: tuple[Any, ...] = (), sent: dict[str, Any] | None = None,
          timers: tuple[Any, ...] = ()) -> Any:
    package = SimpleNamespace(manifest={"nodes": NODES, "start": "start"})
    case = SimpleNamespace(status=status, phase="審核中", outcome=None)
    submissions = [SimpleNamespace(item_id=item, values=values) for item, values in (sent or {}).items()]
    return Story(case, package, events, submissions, items, timers)  # type: ignore[arg-type]


REVIEWED = (event("case.started", "start", 1, "林芷涵"), event("step.completed", "check", 1),
            event("task.completed", "review", 2, "陳冠宇"), event("phase.changed", "correct", 2, to="註冊資料修改", kind="act"))
OPINION = {"t-review": {"marks": [{"field": "x", "label": "電話", "opinion": "請補分機。"}], "reason": "內部", "opinion": "謝謝"}}


def test_a_vendor_reads_deeds_and_opinions_without_names_of_the_office() -> None:
    rows = for_vendor(story(*REVIEWED, sent=OPINION), START)

    assert [(row.text, row.who) for row in rows] == [("送出註冊", "林芷涵"), ("初審：註冊資料修改", OFFICE), ("審核中", OFFICE)]
    assert rows[1].quote == "電話：請補分機。\n謝謝"
    assert rows[1].when == "5月13日（三）14:32"
    assert rows[-1].kind == "now"


def test_the_office_reads_names_machinery_and_reasons() -> None:
    rows = for_staff(story(*REVIEWED, sent=OPINION), START)

    assert [row.who for row in rows] == ["林芷涵", "系統", "陳冠宇"]
    assert rows[2].quote.endswith("內部")


def test_a_rejection_is_marked() -> None:
    rows = for_vendor(story(event("task.completed", "review", 2), event("phase.changed", "x", 2, to="駁回", kind="bad"),
                            event("case.ended", "x", 2, phase="駁回"), status="done"), START)

    assert [(row.text, row.kind) for row in rows] == [("初審：駁回", "bad")]


def test_ones_own_task_is_named_with_its_deadline() -> None:
    item = SimpleNamespace(name="修改註冊資料", role="vendor", due_at=START, assignee=None)

    row = for_vendor(story(*REVIEWED, items=(item,)), START)[-1]

    assert (row.text, row.when, row.who) == ("修改註冊資料", "應於 115年5月11日 14:32 前完成", "貴公司")


def test_a_timer_tells_what_it_did_and_what_it_changed() -> None:
    rows = for_vendor(story(event("timer.fired", "reminder", 3), event("phase.changed", "x", 4, to="逾期結案", kind="idle"),
                            event("case.ended", "x", 4, phase="逾期結案"), status="done"), START)

    assert [row.text for row in rows] == ["7 天未回覆", "狀態改為「逾期結案」"]


def test_the_office_sees_incidents_and_what_the_clock_will_do() -> None:
    timer = SimpleNamespace(name="提醒", node_id="reminder", due_at=START + timedelta(days=7))
    failed = story(event("incident.opened", "check", 1), timers=(timer,))

    assert [(row.text, row.kind) for row in for_staff(failed, START)] == [("比對重複註冊：發生異常", "bad"), ("提醒", "next")]
    assert [row.kind for row in for_vendor(failed, START)] == ["now"]
