"""Functions of contexts (named values)."""

from __future__ import annotations

from app.rules.errors import FeelLimit
from app.rules.feel.functions.registry import function
from app.rules.feel.limits import MAX_VALUE_DEPTH, Run
from app.rules.feel.values import Value


@function("get value")
def get_value(run: Run, context: dict[str, Value], key: Value) -> Value:
    """The value under a key, or under a list of keys that leads inwards."""
    found: Value = context
    for part in key if isinstance(key, list) else [key]:
        if not isinstance(found, dict) or not isinstance(part, str):
            return None
        found = found.get(part)
    return found


@function("get entries")
def get_entries(run: Run, context: dict[str, Value]) -> Value:
    run.elements(len(context))
    return [{"key": key, "value": value} for key, value in context.items()]


@function("context")
def context_of(run: Run, entries: list[Value]) -> Value:
    """From a list of ``{key: …, value: …}``; null when a key is missing or given twice."""
    run.elements(len(entries))
    made: dict[str, Value] = {}
    for entry in entries:
        key = entry.get("key") if isinstance(entry, dict) else None
        if not isinstance(entry, dict) or not isinstance(key, str) or "value" not in entry or key in made:
            return None
        made[key] = entry["value"]
    return made


@function("context put")
def context_put(run: Run, context: dict[str, Value], key: Value, value: Value) -> Value:
    """A copy with one entry set; a list of keys leads inwards."""
    keys = [part for part in key if isinstance(part, str)] if isinstance(key, list) else [key]
    if not keys or (isinstance(key, list) and len(keys) != len(key)) or not isinstance(keys[0], str):
        return None
    return _put(run, context, [str(part) for part in keys], value)


def _put(run: Run, context: Value, keys: list[str], value: Value) -> Value:
    if not isinstance(context, dict):
        return None
    if len(keys) > MAX_VALUE_DEPTH:
        raise FeelLimit("資料的層數太多。")
    run.elements(len(context) + 1)
    if len(keys) == 1:
        return {**context, keys[0]: value}
    inner = _put(run, context.get(keys[0]), keys[1:], value)
    return None if inner is None else {**context, keys[0]: inner}


@function("context merge")
def context_merge(run: Run, contexts: list[Value]) -> Value:
    """Later contexts win."""
    merged: dict[str, Value] = {}
    for context in contexts:
        if not isinstance(context, dict):
            return None
        run.elements(len(context))
        merged.update(context)
    return merged
