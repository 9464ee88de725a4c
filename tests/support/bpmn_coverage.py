"""Which nodes and sequence flows of the shipped diagrams the tests have walked, over all test processes.

A flow test's driver calls ``record`` with the history of its cases; the summary adds up. The file is named in the
environment before the workers start, so that every process appends to the same one.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from lxml import etree

from app.config import ROOT
from app.engine.models import Event

_M = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_PATH = Path(os.environ.setdefault("QILIU_TEST_BPMN_COVERAGE", tempfile.mkstemp(prefix="qiliu-bpmn-")[1]))


def record(package: str, events: Iterable[Event]) -> None:
    """Add what one case walked."""
    walked: set[str] = set()
    for event in events:
        walked.update((event.data or {}).get("flows", ()))
        if event.node_id and event.kind not in ("task.opened", "timer.set"):
            walked.add(event.node_id)
    with _PATH.open("a") as file:
        file.write(json.dumps([package, sorted(walked)]) + "\n")


def shipped() -> dict[str, set[str]]:
    """Package → ids of all its nodes and flows, read from ``bpmn/``."""
    found = {}
    for path in sorted((ROOT / "bpmn").glob("*/*.bpmn")):
        process = etree.parse(path).find(f"{_M}process")
        ids = {e.get("id") for e in process.iter() if isinstance(e.tag, str) and e.get("id") and (
            e.tag == f"{_M}sequenceFlow" or e.find(f"{_M}incoming") is not None or e.find(f"{_M}outgoing") is not None
            or e.tag.endswith(("Event", "Task", "Gateway")))}
        found[path.parent.name] = ids
    return found


def walked() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for line in _PATH.read_text().splitlines() if _PATH.exists() else ():
        package, ids = json.loads(line)
        found.setdefault(package, set()).update(ids)
    return found


def missing() -> dict[str, set[str]]:
    """Package → what no test walked."""
    seen = walked()
    return {package: left for package, ids in shipped().items() if (left := ids - seen.get(package, set()))}


def lines() -> list[str]:
    """For the end of the test run, one line a diagram; empty when no flow test ran."""
    seen, out = walked(), []
    for package, ids in shipped().items():
        if package not in seen:
            continue
        left = sorted(ids - seen[package])
        out.append(f"BPMN coverage {package}: {len(ids) - len(left)}/{len(ids)} nodes and flows"
                   f" ({100 * (len(ids) - len(left)) // len(ids)} %)" + (f", not walked: {', '.join(left)}" if left else ""))
    return out
