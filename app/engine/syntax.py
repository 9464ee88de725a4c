"""Can this text be used? One answer for conditions, scripts and timers: None, or what is wrong in Chinese."""

from __future__ import annotations

from datetime import UTC, datetime

from app.engine import clockwork
from app.errors import AppError
from app.rules import feel

_ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)


def expression_problem(source: str | None) -> str | None:
    """Is it a FEEL expression?"""
    if not (source or "").strip():
        return "沒有內容"
    try:
        feel.compile(source or "")
    except feel.FeelError as error:
        return error.message
    return None


def script_problem(source: str | None) -> str | None:
    """Is it a list of FEEL assignments?"""
    if not (source or "").strip():
        return "沒有內容"
    try:
        feel.script(source or "")
    except feel.FeelError as error:
        return error.message
    return None


def timer_problem(kind: str, source: str) -> str | None:
    """Is it ISO text that fits the kind of timer, or a FEEL expression?"""
    if not source:
        return "沒有內容"
    if not clockwork.is_iso(source):
        return expression_problem(source)
    is_cycle, is_length = source.startswith("R"), source.startswith("P")
    fits = {"timeCycle": is_cycle, "timeDuration": is_length, "timeDate": not is_cycle and not is_length}
    if not fits.get(kind, False):
        return {"timeCycle": "週期要寫成 R3/P1D", "timeDuration": "時間長度要寫成 P7D 或 PT8H"}.get(
            kind, "時刻要寫成 2026-12-31T17:00:00+08:00")
    try:
        if is_cycle:
            clockwork.parse_cycle(source, _ANY_TIME)
        else:
            clockwork.instant(source, _ANY_TIME)
    except AppError as error:
        return error.message
    return None


def names(source: str | None) -> frozenset[str]:
    """Variables an expression or a timer reads; empty when it cannot be read."""
    if clockwork.is_iso(source or ""):
        return frozenset()
    try:
        return frozenset(feel.compile(source or "").names)
    except feel.FeelError:
        return frozenset()


def assignments(source: str | None) -> list[tuple[str, frozenset[str]]]:
    """Each variable a script writes, with the variables it reads for it."""
    if not (source or "").strip():
        return []
    try:
        return [(name, frozenset(program.names)) for name, program in feel.script(source or "")]
    except feel.FeelError:
        return []
