"""The DMN Technology Compatibility Kit, compliance level 2, against our decisions.

Its files are not part of this project: set QILIU_SHARED to the folder that holds ``conformance/dmn-tck``; the default is
``../shared`` beside the project. Without them the test is skipped and says so.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from app.config import ROOT
from app.errors import AppError
from app.rules import dmn
from app.rules.feel.temporal import read_literal

SHARED = Path(os.environ.get("QILIU_SHARED", ROOT.parent / "shared"))
LEVEL_2 = SHARED / "conformance" / "dmn-tck" / "compliance-level-2"
CHECKS = 126
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_NUMBERS = frozenset({"decimal", "double", "float", "integer", "int", "long"})
_TIMES = frozenset({"date", "dateTime", "time", "duration", "dayTimeDuration", "yearMonthDuration"})


@dataclass(frozen=True)
class Check:
    file: Path
    case: str
    decision: str
    inputs: dict[str, object]
    expected: object
    error: bool


def checks(folder: Path) -> Iterator[tuple[Path, list[Check]]]:
    """Each model of the kit with what its test cases expect."""
    for path in sorted(folder.glob("*/*-test-*.xml")):
        root = etree.parse(path).getroot()
        yield (
            path.parent / root.findtext("{*}modelName"),
            [
                Check(
                    path,
                    case.get("id"),
                    result.get("name"),
                    {node.get("name"): read(node) for node in case.iterfind("{*}inputNode")},
                    read(result.find("{*}expected")),
                    result.get("errorResult") == "true",
                )
                for case in root.iterfind("{*}testCase")
                for result in case.iterfind("{*}resultNode")
            ],
        )


def read(node: etree._Element | None) -> object:
    """A value of the kit's own format."""
    if node is None:
        return None
    items, components, value = node.find("{*}list"), node.findall("{*}component"), node.find("{*}value")
    if items is not None:
        return None if items.get(_XSI + "nil") == "true" else [read(item) for item in items.iterfind("{*}item")]
    if components:
        return {component.get("name"): read(component) for component in components}
    return None if value is None or value.get(_XSI + "nil") == "true" else _scalar(value)


def _scalar(value: etree._Element) -> object:
    kind, text = (value.get(_XSI + "type") or "string").rsplit(":", 1)[-1], value.text or ""
    if kind in _NUMBERS:
        return Decimal(text)
    if kind == "boolean":
        return text == "true"
    return read_literal(text) if kind in _TIMES else text


def same(found: object, expected: object) -> bool:
    """Equal, numbers within the eight decimals the kit compares."""
    if isinstance(found, Decimal) and isinstance(expected, Decimal):
        return abs(found - expected) < Decimal("1e-8")
    if isinstance(found, list) and isinstance(expected, list):
        return len(found) == len(expected) and all(map(same, found, expected))
    if isinstance(found, dict) and isinstance(expected, dict):
        return found.keys() == expected.keys() and all(same(found[key], expected[key]) for key in found)
    return type(found) is type(expected) and found == expected


def answer(decisions: dict[str, dmn.Decision], check: Check) -> object:
    try:
        return decisions[check.decision].decide(check.inputs).value
    except AppError as error:
        return None if check.error else error


@pytest.mark.skipif(not LEVEL_2.is_dir(), reason=f"DMN TCK not found (QILIU_SHARED={SHARED})")
def test_decisions_pass_the_whole_of_compliance_level_2() -> None:
    failed, passed = [], 0
    for model, expected in checks(LEVEL_2):
        decisions = {decision.name: decision for decision in dmn.load(model.read_bytes(), model.name).values()}
        for check in expected:
            found = answer(decisions, check)
            passed += same(found, check.expected)
            if not same(found, check.expected):
                failed.append(f"{check.file.name} {check.case} {check.decision}: {found!r} instead of {check.expected!r}")
    print(f"DMN TCK level 2: {passed}/{passed + len(failed)}")

    assert failed == []
    assert passed == CHECKS
