"""``flask outbox``: effects that were given up after their last try."""

from __future__ import annotations

import json

import click
from flask.cli import AppGroup

from app import outbox
from app.actor import SYSTEM
from app.clock import taipei
from app.extensions import db, unit_of_work
from app.operations import effects
from app.outbox.models import OutboxJob

group = AppGroup("outbox", help="查看並重送已放棄的背景工作（寄信、文件、查詢、訊息）。")


@group.command("list")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="最多列出幾筆，新的在前。")
@click.option("--json", "as_json", is_flag=True, help="每筆一行 JSON。")
def list_command(limit: int, as_json: bool) -> None:
    """列出已放棄的背景工作。

    例：flask outbox list --json
    """
    rows = outbox.list_dead(db.session(), limit)
    for row in rows:
        click.echo(_json_line(row) if as_json else _line(row))
    if not rows and not as_json:
        click.echo("沒有已放棄的背景工作。")


@group.command("retry")
@click.argument("ids", metavar="[ID]…", nargs=-1)
@click.option("--all", "every", is_flag=True, help="全部重送。")
def retry_command(ids: tuple[str, ...], every: bool) -> None:
    """再試一次已放棄的背景工作，並記入稽核軌跡。

    \b
    例：flask outbox retry 0f8c…（list 列出的編號）
        flask outbox retry --all
    """
    if bool(ids) == every:
        raise click.UsageError("請給一個以上的編號，或用 --all 全部重送。")
    with unit_of_work(SYSTEM) as uow:
        count = effects.retry_dead(uow, None if every else ids)
    if ids and count < len(set(ids)):
        raise click.ClickException(f"已重送 {count} 筆；其餘編號不存在，或不是已放棄的工作。")
    click.echo(f"已重送 {count} 筆。")


def _line(row: OutboxJob) -> str:
    when = f"{taipei(row.finished_at):%Y-%m-%d %H:%M:%S}" if row.finished_at else "-"
    return "\t".join([row.id, when, row.kind, f"案件 {row.instance_id or '-'}", f"試過 {row.attempts} 次", row.last_error or "-"])


def _json_line(row: OutboxJob) -> str:
    names = ("id", "kind", "key", "instance_id", "attempts", "last_error")
    return json.dumps({**{name: getattr(row, name) for name in names},
                       "finished_at": row.finished_at and row.finished_at.isoformat()}, ensure_ascii=False)
