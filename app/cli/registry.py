"""``flask registry``: fill the copy of the business registry from an open-data file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import BinaryIO

import click
from flask.cli import AppGroup

from app.actor import SYSTEM
from app.extensions import unit_of_work
from app.procurement.vendors.models import CompanyRecord

group = AppGroup("registry", help="商業登記資料。")

COLUMNS = {"統一編號": "tax_id", "公司名稱": "name", "代表人": "head_name", "公司所在地": "address", "公司狀況": "status"}


@group.command("import")
@click.argument("file", type=click.File("rb"))
def import_command(file: BinaryIO) -> None:
    """匯入 CSV（UTF-8，第一列是欄名：統一編號、公司名稱、代表人、公司所在地、公司狀況）。

    同一個統一編號再次匯入時更新，重複匯入同一個檔案不會改變內容。
    """
    count = 0
    with unit_of_work(SYSTEM) as uow:
        for row in _rows(file):
            uow.session.merge(CompanyRecord(**row))
            count += 1
    click.echo(f"已匯入 {count} 筆。")


def _rows(file: BinaryIO) -> Iterator[dict[str, str]]:
    reader = csv.DictReader(line.decode("utf-8-sig") for line in file)
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise click.ClickException(f"檔案缺少欄位：{'、'.join(missing)}。")
    for number, row in enumerate(reader, 2):
        values = {column: (row[name] or "").strip() for name, column in COLUMNS.items()}
        if not (values["tax_id"].isascii() and values["tax_id"].isdigit() and len(values["tax_id"]) == 8):
            raise click.ClickException(f"第 {number} 列的統一編號「{values['tax_id']}」不是 8 碼數字，沒有匯入任何資料。")
        yield values
