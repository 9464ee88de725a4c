"""``flask package``: one line a file, never a traceback, the right exit code."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from flask import Flask

from app.config import ROOT
from app.engine import packages
from tests.unit.engine_definitions.drawing import FORM, KEY, Drawing

GOOD = Drawing().line(("userTask", "review_case", FORM)).xml


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.bpmn").write_bytes(GOOD)
    (tmp_path / "bad.bpmn").write_bytes(b"<!DOCTYPE x>" + GOOD)
    return tmp_path


def run(app: Flask, *arguments: str | Path) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["package", *map(str, arguments)])
    assert "Traceback" not in result.output
    return result.exit_code, result.stdout


def test_check_prints_one_json_line_a_file(app: Flask, folder: Path) -> None:
    code, output = run(app, "check", "--json", folder / "good.bpmn", folder / "bad.bpmn", folder / "none.bpmn", folder)

    lines = [json.loads(line) for line in output.splitlines()]
    assert code == 1
    assert [(Path(line["file"]).name, line["opened"], line["runnable"]) for line in lines] == [
        ("good.bpmn", True, True), ("bad.bpmn", False, False), ("none.bpmn", False, False), (folder.name, False, False)]
    assert [line["findings"][0]["rule"] for line in lines[1:]] == ["xml.doctype", "file.unreadable", "file.unreadable"]
    assert lines[1]["findings"][0].keys() >= {"element", "rule", "message"}


def test_check_of_good_files_ends_with_zero_and_reads_well(app: Flask, folder: Path) -> None:
    code, output = run(app, "check", folder / "good.bpmn")

    assert code == 0
    assert "可以執行" in output
    assert "共 1 個檔案，1 個可以執行。" in output


def test_check_of_a_large_file_does_not_read_it(app: Flask, folder: Path) -> None:
    with (folder / "large.bpmn").open("wb") as file:
        file.truncate(60_000_000)

    code, output = run(app, "check", "--json", folder / "large.bpmn")

    assert (code, json.loads(output)["findings"][0]["rule"]) == (1, "xml.size")


def test_check_of_a_name_that_is_no_text(app: Flask, folder: Path) -> None:
    path = os.fsencode(folder) + b"/\xff.bpmn"
    with open(path, "wb") as file:
        file.write(GOOD)

    code, _output = run(app, "check", "--json", os.fsdecode(path))

    assert code == 0


def test_check_of_our_own_package_uses_the_standard_of_publication(app: Flask) -> None:
    code, output = run(app, "check", "--json", *sorted((ROOT / "bpmn").glob("*/*.bpmn")))

    assert code == 0
    assert all(json.loads(line)["changes"] == [] for line in output.splitlines())


def test_deploy_list_and_export(app: Flask, tmp_path: Path) -> None:
    assert run(app, "list")[1].startswith("還沒有發布")
    code, output = run(app, "deploy")
    assert code == 0
    key = packages.keys(ROOT)[0]
    assert key in output

    assert f"*\t{key}\t第 1 版" in run(app, "list", key)[1]
    assert run(app, "export", key, tmp_path / "out")[0] == 0
    assert packages.read_folder(tmp_path / "out", key) == packages.read_folder(ROOT, key)


def test_deploy_of_a_faulty_package_names_the_element(app: Flask, tmp_path: Path) -> None:
    target = tmp_path / "bpmn" / KEY / f"{KEY}.bpmn"
    target.parent.mkdir(parents=True)
    target.write_bytes(Drawing().line(("userTask", "review_case", "")).xml)

    result = app.test_cli_runner().invoke(args=["package", "deploy", "--root", str(tmp_path)])

    assert result.exit_code == 1
    assert "沒有發布任何套件" in result.output
    assert "review_case" in result.output


def test_export_of_an_unknown_version_says_so(app: Flask, tmp_path: Path) -> None:
    result = app.test_cli_runner().invoke(args=["package", "export", "none", str(tmp_path)])

    assert result.exit_code == 1
    assert "尚未發布" in result.output


@pytest.mark.parametrize("command", [[], ["check"], ["deploy"], ["list"], ["export"]])
def test_help_is_in_chinese(app: Flask, command: list[str]) -> None:
    result = app.test_cli_runner().invoke(args=["package", *command, "--help"])

    assert result.exit_code == 0
    assert any("\u4e00" <= sign <= "\u9fff" for sign in result.output)
