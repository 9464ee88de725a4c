"""``flask package``: check diagrams, publish procedures, list and export their versions."""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from pathlib import Path

import click
from flask.cli import AppGroup

from app import forms
from app.accounts.roles import LANES
from app.actor import SYSTEM
from app.config import ROOT
from app.engine import packages
from app.engine.findings import ERROR, Finding, Report
from app.errors import AppError
from app.extensions import db, unit_of_work

LARGEST = 2_000_000               # bytes; a larger file is not even read

group = AppGroup("package", help="流程套件：檢查流程圖、發布、列出版本、匯出檔案。")


@group.command("check", with_appcontext=False)
@click.option("--json", "as_json", is_flag=True, help="每個檔案輸出一行 JSON。")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path(path_type=Path))
def check_command(as_json: bool, files: tuple[Path, ...]) -> None:
    """檢查流程圖能不能開啟、能不能執行，並列出執行前會做的變更。

    FILE 是任何工具畫的 BPMN 2.0 檔。不需要資料庫，也不會執行圖裡的任何程式。
    本系統的套件（bpmn/<key>/<key>.bpmn）連同表單與決策表，依發布的標準檢查。
    全部都能執行時結束碼為 0，否則為 1；規則說明見 docs/lint.md。

    例：flask package check --json 採購流程.bpmn
    """
    import_module("app.operations")
    runnable = 0
    for path in files:
        name = os.fsencode(path).decode("utf-8", "replace")
        report = _check(path, name)
        runnable += report.runnable
        click.echo(json.dumps({"file": name, **report.as_dict()}, ensure_ascii=False) if as_json
                   else _readable(name, report))
    if not as_json:
        click.echo(f"共 {len(files)} 個檔案，{runnable} 個可以執行。")
    sys.exit(0 if runnable == len(files) else 1)


def _check(path: Path, name: str) -> Report:
    try:
        if path.stat().st_size > LARGEST:
            return _refused(name, "xml.size", f"檔案有 {path.stat().st_size:,} 位元組，超過上限 {LARGEST:,}。")
        if _is_package(path):
            files = packages.read_folder(path.resolve().parents[2], path.stem)
            return packages.check(files, forms_checker=forms.field_keys, roles=LANES)
        return packages.check_diagram(path.read_bytes(), name)
    except OSError as error:
        return _refused(name, "file.unreadable", f"無法讀取檔案：{error.strerror}。")


def _is_package(path: Path) -> bool:
    folder = path.resolve().parent
    return path.suffix == ".bpmn" and folder.name == path.stem and folder.parent.name == "bpmn"


def _refused(name: str, rule: str, message: str) -> Report:
    return Report.refused(Finding(ERROR, None, rule, message, name))


def _readable(name: str, report: Report) -> str:
    verdict = "可以執行" if report.runnable else "可以開啟，不能執行" if report.opened else "不能開啟"
    lines = [f"{name}：{verdict}"]
    lines += [f"  {'錯誤' if finding.is_error else '警告'}  {finding.message}  [{finding.rule}]"
              for finding in report.findings]
    lines += [f"  變更  {change.message}  [{change.rule}]" for change in report.changes]
    return "\n".join(lines)


@group.command("deploy")
@click.option("--root", type=click.Path(exists=True, file_okay=False, path_type=Path), default=ROOT,
              help="含有 bpmn/、forms/、rules/、templates/ 的資料夾；預設是本專案。")
def deploy_command(root: Path) -> None:
    """發布資料夾裡的所有流程套件；內容沒變的沿用原來的版本。

    已經開始的案件留在原版本，新的案件使用新版本。

    例：flask package deploy
    """
    import_module("app.operations")
    try:
        for key in packages.keys(root):        # the slow part first, before the database is locked
            packages.prepare(packages.read_folder(root, key), key, forms_checker=forms.field_keys, roles=LANES)
        with unit_of_work(SYSTEM) as uow:
            for version in packages.deploy_all(uow, root, forms_checker=forms.field_keys, roles=LANES):
                click.echo(f"{version.key}\t第 {version.version} 版\t{version.title}")
    except AppError as error:
        raise click.ClickException(f"沒有發布任何套件。{error.message}") from None


@group.command("list")
@click.argument("key", required=False)
def list_command(key: str | None) -> None:
    """列出已發布的版本，新的在前；* 是新案件使用的版本。

    例：flask package list vendor_registration
    """
    versions = packages.list_versions(db.session(), key)
    for version in versions:
        click.echo("\t".join(["*" if version.is_active else " ", version.key, f"第 {version.version} 版", version.title,
                              f"{version.created_at:%Y-%m-%d %H:%M}Z", version.created_by, version.sha256[:12]]))
    if not versions:
        click.echo("還沒有發布任何套件；執行 flask package deploy。")


@group.command("export")
@click.argument("key")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--version", "number", type=int, help="版本號；預設是新案件使用的版本。")
def export_command(key: str, folder: Path, number: int | None) -> None:
    """把一個版本的檔案原封不動寫到 FOLDER。

    例：flask package export vendor_registration 備份 --version 3
    """
    try:
        version = packages.find_version(db.session(), key, number)
        for path in packages.export(db.session(), version.id, folder):
            click.echo(str(path))
    except AppError as error:
        raise click.ClickException(error.message) from None
