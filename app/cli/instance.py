"""``flask instance``: look at one case, and check that the tables say what the states say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

import click
from flask.cli import AppGroup

from app.actor import SYSTEM
from app.clock import taipei
from app.engine import queries
from app.engine.models import Event, ProcessInstance
from app.engine.reconcile import Difference, case_ids, compare, reconcile
from app.errors import NotFound
from app.extensions import db, release, unit_of_work

group = AppGroup("instance", help="查看案件，核對待辦、時限等資料與案件狀態是否一致。")

STATUS = {"running": "辦理中", "done": "已結束", "cancelled": "已取消"}


def _find(which: str) -> ProcessInstance:
    try:
        return queries.case(db.session(), int(which) if which.isdigit() else which)
    except NotFound:
        raise click.ClickException(f"找不到案件 {which}；請輸入案件編號或案號。") from None


@group.command("show")
@click.argument("which", metavar="ID|NUMBER")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 輸出。")
def show(which: str, as_json: bool) -> None:
    """顯示一件案件：狀態、待辦、時限、異常與歷程。

    \b
    例：flask instance show 12
        flask instance show R-1151121-001
    """
    instance = _find(which)
    session = db.session()
    items = queries.case_items(session, instance.id)
    timers, incidents = queries.timers(session, instance.id), queries.open_incidents(session, instance_id=instance.id)
    history = queries.history(session, instance.id)
    if as_json:
        click.echo(json.dumps({
            "id": instance.id, "business_key": instance.business_key, "title": instance.title, "status": instance.status,
            "phase": instance.phase, "outcome": instance.outcome, "revision": instance.revision,
            "state_bytes": len(instance.state),
            "items": [{"id": i.id, "node": i.node_id, "role": i.role, "assignee": i.assignee,
                       "due_at": i.due_at and i.due_at.isoformat()} for i in items],
            "timers": [{"id": t.id, "node": t.node_id, "due_at": t.due_at.isoformat()} for t in timers],
            "incidents": [{"id": i.id, "node": i.node_id, "code": i.code, "message": i.message} for i in incidents],
            "events": len(history)}, ensure_ascii=False))
        return
    click.echo(f"{instance.business_key}　{instance.title}")
    click.echo(f"編號 {instance.id}　{STATUS.get(instance.status, instance.status)}　{instance.phase}　"
               f"流程 {instance.package_key}　第 {instance.revision} 次變更　狀態 {len(instance.state)} 位元組")
    for item in items:
        due = f"　期限 {taipei(item.due_at):%Y-%m-%d %H:%M}" if item.due_at else ""
        click.echo(f"待辦　{item.name}（{item.node_id}）　{item.role}　{item.assignee or '待領取'}{due}")
    for timer in timers:
        click.echo(f"時限　{timer.name}（{timer.node_id}）　{taipei(timer.due_at):%Y-%m-%d %H:%M:%S}")
    for incident in incidents:
        click.echo(f"異常 {incident.id}　{incident.name}（{incident.node_id}）　{incident.code}　{incident.message}")
    for event in history:
        click.echo(_line(event))


def _line(event: Event) -> str:
    return "\t".join([f"{taipei(event.at):%Y-%m-%d %H:%M:%S}", event.kind, event.node_id or "-", event.name or "-", event.actor])


@group.command("reconcile")
@click.argument("which", metavar="[ID|NUMBER]", required=False)
@click.option("--repair", is_flag=True, help="以案件狀態為準，改寫不一致的資料。")
@click.option("--json", "as_json", is_flag=True, help="每項差異一行 JSON。")
def reconcile_command(which: str | None, repair: bool, as_json: bool) -> None:
    """核對一件案件，或全部進行中的案件；有差異（且未修復）時結束代碼為 1。

    \b
    例：flask instance reconcile
        flask instance reconcile 12 --repair
    """
    found, left = [], []
    for case_id in _each_case(which):
        if not compare(db.session(), case_id):
            continue
        with unit_of_work(SYSTEM) as uow:            # again, with the case locked: it may just have moved
            differences = reconcile(uow, case_id, repair=repair)
            found += differences
            left += compare(uow.session, case_id) if repair else differences
    for difference in found:
        click.echo(json.dumps(asdict(difference), ensure_ascii=False) if as_json else _words(difference))
    if not as_json:
        click.echo("沒有差異。" if not found else f"{len(found)} 項差異" + (f"，修復後剩 {len(left)} 項。" if repair else "。"))
    if left:
        raise SystemExit(1)


def _each_case(which: str | None) -> Iterator[int]:
    """One case, or all that matter; batch by batch, so that no transaction stays open for long."""
    batch = case_ids(db.session()) if which is None else [_find(which).id]
    while batch:
        yield from batch
        release()
        batch = case_ids(db.session(), batch[-1]) if which is None else []


def _words(difference: Difference) -> str:
    return (f"{difference.business_key}（{difference.instance_id}）　{difference.kind} {difference.key}："
            f"應為 {difference.expected}，實際為 {difference.found}")
