"""Why a step could not be done, in a form that an incident can show and a retry can judge."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.errors import AppError, ExternalFailure, NotFound

BACKOFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
DETAIL_LENGTH = 400


class StepFault(Exception):
    """A step of a case failed; the case waits at that step with an incident.

    code      stable, e.g. ``feel.unknown``;  ``message`` Chinese, for people;  ``detail`` for developers
    retry     may trying again help? Definite faults (a wrong expression) wait for a person
    """

    def __init__(self, code: str, message: str, *, detail: str = "", retry: bool = False, retries: int = len(BACKOFF)) -> None:
        super().__init__(message)
        self.code, self.message, self.detail = code[:60], message, detail[:DETAIL_LENGTH]
        self.retry, self.retries = retry, retries


def as_fault(error: Exception, *, where: str = "", retries: int = len(BACKOFF)) -> StepFault:
    """Judge an exception: our own errors are definite unless a foreign system asks for patience; the rest may pass."""
    if isinstance(error, StepFault):
        return error
    if isinstance(error, ExternalFailure):
        return StepFault(error.code, error.message, detail=f"{where}: {error.system}", retry=error.retry, retries=retries)
    if isinstance(error, NotFound):
        return StepFault(error.code, "這一步要用的資料不存在或已移除。", detail=f"{where}: {error.facts}")
    if isinstance(error, AppError):
        return StepFault(error.code, error.message, detail=where)
    return StepFault("step.unexpected", "這一步執行時發生未預期的錯誤，系統會自動再試。",
                     detail=f"{where}: {type(error).__name__}", retry=True, retries=retries)


def next_try(attempts: int, fault: StepFault, now: datetime) -> datetime | None:
    """When to try again after ``attempts`` tries; None = only a person can."""
    if not fault.retry or attempts > min(fault.retries, len(BACKOFF)):
        return None
    return now + BACKOFF[attempts - 1]
