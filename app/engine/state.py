"""A case's state as bytes: zlib(JSON) of the live tokens, without the specifications.

Kept byte for byte: a database that reorders keys loses data silently (D4). Guards keep the data of a
token small and flat, because SpiffWorkflow shares nested values between branches (D6) and interprets
a key ``typename`` when it loads (D5).
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.bpmn.workflow import BpmnWorkflow

from app.engine.faults import StepFault
from app.engine.specs import Specs, registry
from app.errors import AppError

FORMAT = 1
MOST_BYTES = 2048            # JSON of the data of one token
MOST_ITEMS = 50              # a list, the input or result of a multi-instance task or of a COLLECT table
MOST_TASKS = 5000            # of one workflow, live and predicted
FORBIDDEN = frozenset({"typename", "data_objects", "spec", "subprocesses"})
# What loading a damaged state, or one whose package is gone, can raise.
DAMAGE = (StepFault, zlib.error, ValueError, KeyError, IndexError, TypeError, AttributeError, AppError)
SCALARS = (str, int, float, bool, type(None))


def dump(workflow: BpmnWorkflow) -> bytes:
    """Raises StepFault when the state is larger than a healthy case can be."""
    if any(len(part.tasks) > MOST_TASKS for part in (workflow, *workflow.subprocesses.values())):
        raise StepFault("state.size", "案件狀態過大，請洽系統管理者。")
    document = registry.convert(workflow)
    return zlib.compress(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(), 1)


def load(stored: bytes, form: int, specs: Specs) -> BpmnWorkflow:
    """The workflow of a state; give it a script engine before it runs."""
    if form != FORMAT:
        raise StepFault("state.format", f"案件狀態的格式 {form} 無法讀取。")
    spec, subprocess_specs = specs
    return registry.restore(json.loads(zlib.decompress(stored)), spec=spec, subprocess_specs=subprocess_specs)


def check_names(values: Mapping[str, Any]) -> None:
    """Refuse names that the engine itself uses."""
    for name in values:
        if not isinstance(name, str) or not name or name in FORBIDDEN or name.startswith("__"):
            raise StepFault("data.name", f"變數名稱「{name}」不能使用。")


def check_values(values: Mapping[str, Any]) -> None:
    """Refuse names of the engine's own, nested values, and values no table or condition needs.

    Allowed: text, numbers, true, false, null, and lists of those with at most 50 items.
    """
    check_names(values)
    for name, value in values.items():
        items = value if isinstance(value, list) else [value]
        if len(items) > MOST_ITEMS or not all(isinstance(item, SCALARS) for item in items):
            raise StepFault("data.shape", f"變數「{name}」只能是單一的值，或至多 {MOST_ITEMS} 個值的清單。")


def check_size(data: Mapping[str, Any]) -> None:
    """The data of a token: ids and decisions only, under 2 kB."""
    if len(json.dumps(data, ensure_ascii=False).encode()) > MOST_BYTES:
        raise StepFault("data.size", f"流程變數超過 {MOST_BYTES} 位元組；表單內容請勿設為流程變數。")


def merge(data: dict[str, Any], values: Mapping[str, Any]) -> None:
    """Add checked values to the data of a token, all or none. Raises StepFault."""
    check_values(values)
    merged = {**data, **values}
    check_size(merged)
    data.update(values)
