"""The values of FEEL and how plain Python data become FEEL values.

null None · boolean bool · number Decimal · string str · date date · time time · date and time datetime ·
days and time duration timedelta · years and months duration YearMonth · list list · context dict · range Range ·
function Function. A value is always of exactly one of these classes, so ``type(value)`` decides everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, Overflow
from typing import Union

from app.rules.errors import FeelError, FeelLimit
from app.rules.feel.limits import MAX_LIST, MAX_VALUE_DEPTH, NUMBERS, Run

Value = Union[None, bool, Decimal, str, date, datetime, time, timedelta, "YearMonth", "Range", "Function",
              "Comparison", list["Value"], dict[str, "Value"]]


@dataclass(frozen=True, order=True, slots=True)
class YearMonth:
    """A duration of whole months; cannot be compared with days."""

    months: int


@dataclass(frozen=True, slots=True)
class Range:
    """An interval. An open end is None and never included."""

    low: Value
    high: Value
    low_included: bool
    high_included: bool


@dataclass(frozen=True, slots=True)
class Function:
    """A function written in FEEL (or a business knowledge model); ``call`` takes values and the running meter."""

    parameters: tuple[str, ...]
    call: Callable[[list[Value], Run], Value]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a test such as ``< 5`` evaluates to, before it meets the value under test."""

    operator: str
    operand: Value


KINDS: dict[type, str] = {
    type(None): "null", bool: "boolean", Decimal: "number", str: "string", date: "date", time: "time",
    datetime: "date and time", timedelta: "days and time duration", YearMonth: "years and months duration",
    list: "list", dict: "context", Range: "range", Function: "function", Comparison: "test",
}
CHINESE_KINDS = {
    "null": "空值", "boolean": "是／否", "number": "數字", "string": "文字", "date": "日期", "time": "時刻",
    "date and time": "日期時間", "days and time duration": "期間（日時）", "years and months duration": "期間（年月）",
    "list": "清單", "context": "資料組", "range": "範圍", "function": "函式", "test": "條件",
}
_SCALARS = frozenset({type(None), bool, date, time, datetime, timedelta, YearMonth, Range, Function, Comparison})


def kind(value: Value) -> str:
    return KINDS[type(value)]


def chinese_kind(value: Value) -> str:
    return CHINESE_KINDS[kind(value)]


def normalise(raw: object, run: Run, depth: int = 0) -> Value:
    """Plain Python data (JSON, dates, Decimals) as a FEEL value.

    Integers and floats become Decimal of 34 digits (a float by its shortest text), tuples become lists.
    Raises FeelLimit for data that are too large or too deep, FeelError for classes FEEL does not know.
    """
    cls = type(raw)
    if cls is str:
        if len(raw) > 32:  # type: ignore[arg-type]
            run.text(len(raw))  # type: ignore[arg-type]
        return raw  # type: ignore[return-value]
    if cls in _SCALARS:
        return raw  # type: ignore[return-value]
    if isinstance(raw, int | float | Decimal):
        return number(raw)
    if isinstance(raw, Mapping | list | tuple):
        return _normalise_collection(raw, run, depth)
    return _normalise_subclass(raw, run)


def number(raw: int | float | Decimal) -> Decimal:
    """A number in the precision of FEEL. Raises FeelLimit beyond 10**308 and FeelError for NaN and infinity."""
    if isinstance(raw, float):
        if not math.isfinite(raw):
            raise FeelError("數字必須是有限的值。")
        raw = Decimal(repr(raw))
    elif isinstance(raw, int) and raw.bit_length() > 1100:
        raise FeelLimit("數字超出允許的範圍。")
    elif isinstance(raw, Decimal) and not raw.is_finite():
        raise FeelError("數字必須是有限的值。")
    try:
        return NUMBERS.create_decimal(raw)
    except Overflow:
        raise FeelLimit("數字超出允許的範圍。") from None


def _normalise_collection(raw: Mapping[object, object] | list[object] | tuple[object, ...], run: Run,
                          depth: int) -> Value:
    if depth >= MAX_VALUE_DEPTH:
        raise FeelLimit("資料的層數太多。")
    if len(raw) > MAX_LIST:
        raise FeelLimit(f"資料超過 {MAX_LIST} 項。")
    run.tick(1 + len(raw) // 4)
    if isinstance(raw, Mapping):
        return {str(key): normalise(item, run, depth + 1) for key, item in raw.items()}
    return [normalise(item, run, depth + 1) for item in raw]


def _normalise_subclass(raw: object, run: Run) -> Value:
    """Subclasses of known classes lose their behaviour; anything else is refused."""
    if isinstance(raw, str):
        return normalise(str.__str__(raw), run)
    if isinstance(raw, datetime):
        return datetime(raw.year, raw.month, raw.day, raw.hour, raw.minute, raw.second, raw.microsecond, raw.tzinfo,
                        fold=raw.fold)
    if isinstance(raw, date):
        return date(raw.year, raw.month, raw.day)
    raise FeelError(f"運算式不支援這種資料（{type(raw).__name__}）。")
