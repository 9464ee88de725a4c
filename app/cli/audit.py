"""``flask audit``: look into the trail of what was done."""

from __future__ import annotations

import json
from datetime import datetime

import click
from flask.cli import AppGroup

from app.audit import list_events
from app.audit.models import AuditEvent
from app.audit.tags import title
from app.clock import TAIPEI, taipei
from app.extensions import db

group = AppGroup("audit", help="查看稽核軌跡：誰在什麼時間對什麼做了什麼。")


@group.command("list")
@click.option("--action", metavar="NAME", help="動作名稱或其開頭，例如 account:login、vendor。")
@click.option("--subject", metavar="KIND[:ID]", help="對象，例如 user:12、vendor:3；只寫種類時列出全部。")
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]), metavar="TIME",
              help="從這個時間起（臺北時間），例如 2026-05-19 或 2026-05-19T08:30。")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="最多列出幾筆，新的在前。")
@click.option("--json", "as_json", is_flag=True, help="每筆一行 JSON，含變更前後的值。")
def list_command(action: str | None, subject: str | None, since: datetime | None, limit: int, as_json: bool) -> None:
    """列出稽核紀錄，新的在前。

    例：flask audit list --action account:login:failed --since 2026-05-19
    """
    instant = since and since.replace(tzinfo=TAIPEI)
    events = list_events(db.session(), action=action, subject=subject, since=instant, limit=limit)
    for event in events:
        click.echo(_json_line(event) if as_json else _line(event))
    if not events and not as_json:
        click.echo("沒有符合的紀錄。")


def _line(event: AuditEvent) -> str:
    """One row for reading: time in Taipei, person, what, on what, from where."""
    return "\t".join([f"{taipei(event.at):%Y-%m-%d %H:%M:%S}", event.actor, title(event.action), event.action,
                      event.subject, event.address or "-"])


def _json_line(event: AuditEvent) -> str:
    names = ("id", "actor_id", "actor", "address", "action", "subject", "before", "after")
    return json.dumps({"at": event.at.isoformat(), **{name: getattr(event, name) for name in names}}, ensure_ascii=False)
