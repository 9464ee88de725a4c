"""The one family of errors that rooms raise and doors translate.

Raise below, map once: ``web/errors.py`` turns them into pages, ``cli`` into one line.
``code`` is stable and documented in ``docs/errors.md``; ``message`` is Traditional Chinese and
is shown to people; ``facts`` are for logs and tests and never hold personal data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar


class AppError(Exception):
    """Something a person can be told about. Unexpected faults are not of this family."""

    status: ClassVar[int] = 500
    code: str = "app.error"
    message: str = "處理時發生問題，請稍後再試。"

    def __init__(self, message: str | None = None, *, code: str | None = None, **facts: object) -> None:
        self.message = message or type(self).message
        self.code = code or type(self).code
        self.facts = facts
        super().__init__(self.message)


class InvalidInput(AppError):
    """Values a person can correct. ``fields`` maps a field key to its messages."""

    status = 422
    code = "input.invalid"
    message = "有欄位需要修正。"

    def __init__(self, fields: Mapping[str, Sequence[str]] | None = None, message: str | None = None, *,
                 code: str | None = None, **facts: object) -> None:
        self.fields: dict[str, list[str]] = {k: list(v) for k, v in (fields or {}).items()}
        super().__init__(message, code=code, **facts)


class NotFound(AppError):
    """Unknown and foreign ids look the same from outside."""

    status = 404
    code = "not_found"
    message = "找不到這一頁，或您沒有檢視的權限。"


class Forbidden(AppError):
    status = 403
    code = "forbidden"
    message = "您的角色不能執行這個動作。"


class WrongState(AppError):
    """The thing is real but the action does not fit the state it is in."""

    status = 409
    code = "state.wrong"
    message = "目前的狀態不能執行這個動作。"


class Stale(AppError):
    """Somebody else changed it first, or the page is old."""

    status = 409
    code = "state.stale"
    message = "這筆資料已由其他人處理或更新，請重新整理後再試。"


class TooMany(AppError):
    status = 429
    code = "rate.limited"
    message = "嘗試次數過多，請稍後再試。"

    def __init__(self, retry_after: int, message: str | None = None, **facts: object) -> None:
        self.retry_after = retry_after
        super().__init__(message, **{**facts, "retry_after": retry_after})  # type: ignore[arg-type]


class DefinitionError(AppError):
    """A diagram, form or table cannot be used. Always names the file, the element and the rule."""

    status = 422
    code = "definition.invalid"

    def __init__(self, message: str, *, file: str | None = None, element: str | None = None,
                 rule: str | None = None, **facts: object) -> None:
        self.file, self.element, self.rule = file, element, rule
        super().__init__(message, **{**facts, "file": file, "element": element, "rule": rule})  # type: ignore[arg-type]


class ExternalFailure(AppError):
    """A system outside ours did not answer. ``retry`` says whether trying again can help."""

    status = 502
    code = "external.failure"
    message = "外部系統暫時沒有回應。"

    def __init__(self, system: str, message: str | None = None, *, retry: bool = True, **facts: object) -> None:
        self.system, self.retry = system, retry
        super().__init__(message, **{**facts, "system": system, "retry": retry})  # type: ignore[arg-type]
