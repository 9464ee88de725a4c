"""Values as text: what ``string()`` gives and what templates print; and as JSON-safe data."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from app.rules.errors import FeelError, FeelLimit
from app.rules.feel.limits import MAX_VALUE_DEPTH, Run
from app.rules.feel.values import Comparison, Function, Range, Value, YearMonth, chinese_kind, normalise

Plain = None | bool | int | str | list["Plain"] | dict[str, "Plain"]


def to_text(value: Value, run: Run) -> str | None:
    """``string(value)``; null stays None."""
    return None if value is None else _text(value, run, 0)


def _text(value: Value, run: Run, depth: int) -> str:
    if isinstance(value, str):
        run.text(len(value))
        return value
    if isinstance(value, list | dict):
        return _collection_text(value, run, depth)
    run.tick()
    if isinstance(value, Range):
        return _range_text(value, run, depth)
    return scalar_text(value)


def _collection_text(value: list[Value] | dict[str, Value], run: Run, depth: int) -> str:
    if depth >= MAX_VALUE_DEPTH:
        raise FeelLimit("資料的層數太多。")
    run.tick(len(value))
    if isinstance(value, list):
        parts, left, right = [_nested(item, run, depth) for item in value], "[", "]"
    else:
        parts, left, right = [f"{key}: {_nested(item, run, depth)}" for key, item in value.items()], "{", "}"
    run.text(sum(map(len, parts)) + 2 * len(parts))
    return left + ", ".join(parts) + right


def _nested(value: Value, run: Run, depth: int) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return "null" if value is None else _text(value, run, depth + 1)


def _range_text(value: Range, run: Run, depth: int) -> str:
    if depth >= MAX_VALUE_DEPTH:
        raise FeelLimit("資料的層數太多。")
    left, right = "[" if value.low_included else "(", "]" if value.high_included else ")"
    return f"{left}{_nested(value.low, run, depth)}..{_nested(value.high, run, depth)}{right}"


def scalar_text(value: Value) -> str:
    """Numbers without exponent and trailing zeros, dates and durations in ISO 8601."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, datetime | time):
        return _clock_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return _days_text(value)
    if isinstance(value, YearMonth):
        return _months_text(value)
    return value if isinstance(value, str) else "null" if value is None else chinese_kind(value)


def number_text(value: Decimal) -> str:
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _clock_text(value: datetime | time) -> str:
    text = value.replace(tzinfo=None).isoformat()
    if "." in text:
        text = text.rstrip("0")
    zone = value.tzinfo
    if zone is None:
        return text
    if isinstance(zone, ZoneInfo):
        return f"{text}@{zone.key}"
    return text + ("Z" if zone is UTC else value.isoformat()[-6:])


def _days_text(span: timedelta) -> str:
    if not span:
        return "PT0S"
    sign, span = ("-", -span) if span < timedelta() else ("", span)
    hours, rest = divmod(span.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{span.microseconds:06d}".rstrip("0") if span.microseconds else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    clock += f"{seconds}{fraction}S" if seconds or fraction else ""
    return f"{sign}P" + (f"{span.days}D" if span.days else "") + (f"T{clock}" if clock else "")


def _months_text(span: YearMonth) -> str:
    years, months = divmod(abs(span.months), 12)
    text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
    return ("-" if span.months < 0 else "") + "P" + (text or "0M")


def plain(value: object) -> Plain:
    """A value as JSON-safe data without floats, for task data and answers.

    Whole numbers become int, other numbers their decimal text (``"0.05"``; FEEL reads it back with ``number()``),
    dates, times and durations ISO 8601 text, ranges their text. Raises FeelError for functions, FeelLimit when the
    result would hold more than 100,000 parts.
    """
    run = Run({})
    return _plain(normalise(value, run), run, 0)


def _plain(value: Value, run: Run, depth: int) -> Plain:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else number_text(value)
    if isinstance(value, list | dict):
        return _plain_collection(value, run, depth)
    if isinstance(value, Function | Comparison):
        raise FeelError(f"結果是{chinese_kind(value)}，不能當作資料。")
    if isinstance(value, datetime | time) and isinstance(value.tzinfo, ZoneInfo):
        return value.isoformat()
    if isinstance(value, Range):
        return _range_text(value, run, depth)
    return scalar_text(value)


def _plain_collection(value: list[Value] | dict[str, Value], run: Run, depth: int) -> Plain:
    if depth >= MAX_VALUE_DEPTH:
        raise FeelLimit("資料的層數太多。")
    run.tick(1 + len(value))
    if isinstance(value, list):
        return [_plain(item, run, depth + 1) for item in value]
    return {key: _plain(item, run, depth + 1) for key, item in value.items()}
