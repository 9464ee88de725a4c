"""Errors of the expression language: a Chinese sentence and, where known, the place in the text."""

from __future__ import annotations

from app.errors import AppError


class FeelError(AppError):
    """An expression could not be evaluated.

    sentence  what is wrong, Traditional Chinese, without the place
    position  0-based character index in the source; None when no single place is at fault
    message   the sentence with 「第 N 個字：」 in front when the position is known
    """

    status = 422
    code = "feel.failed"
    message = "運算式無法計算。"

    def __init__(self, sentence: str | None = None, position: int | None = None, **facts: object) -> None:
        self.sentence = sentence or type(self).message
        self.position: int | None = None
        super().__init__(self.sentence)
        self.facts = facts
        self.at(position)

    def at(self, position: int | None) -> None:
        """Name the place, unless a more exact one is already named."""
        if self.position is None and position is not None:
            self.position = position
            self.message = f"第 {position + 1} 個字：{self.sentence}"
            self.args = (self.message,)


class FeelSyntaxError(FeelError):
    """The text is not FEEL. Always carries a position."""

    code = "feel.syntax"
    message = "運算式的寫法有誤。"


class FeelLimit(FeelError):
    """The expression, or what it works on, is larger than we allow."""

    code = "feel.limit"
    message = "運算式超過允許的計算量。"
