"""``flask feel``: try an expression at the keyboard."""

from __future__ import annotations

import json
from decimal import Decimal

import click

from app import clock
from app.errors import AppError
from app.rules import feel
from app.rules.calendar import office_calendar

_HELP = """計算一個 FEEL 運算式，印出 JSON 結果。

EXPRESSION 是運算式，CONTEXT 是變數（JSON 物件，可省略）。整數以外的數字以文字印出，避免失真。
有錯時印出一行說明（第幾個字、什麼問題），結束代碼為 2。

\b
例：
  flask feel '金額 > 1000000 and 級別 = "公開"' '{"金額": 1200000, "級別": "公開"}'
  flask feel 'working days after(date("2026-02-13"), 5)'
  flask feel --unary '[100000..1500000[' '{"?": 250000}'
"""


@click.command("feel", help=_HELP, context_settings={"ignore_unknown_options": True})
@click.argument("expression")
@click.argument("context", default="{}")
@click.option("--unary", is_flag=True, help="把 EXPRESSION 當作決策表的條件格，檢查 CONTEXT 裡名為 ? 的值。")
@click.option("--strict", is_flag=True, help="找不到變數時報錯（關卡的條件就是如此）；否則視為空值。")
def feel_command(expression: str, context: str, unary: bool, strict: bool) -> None:
    try:
        variables = _variables(context)
        now, calendar = clock.now(), office_calendar()
        if unary:
            tested = variables.pop("?", None)
            value: object = feel.unary(expression, tested, variables, now=now, calendar=calendar, strict=strict)
        else:
            value = feel.evaluate(expression, variables, now=now, calendar=calendar, strict=strict)
        answer = json.dumps(feel.plain(value), ensure_ascii=False)
    except AppError as error:
        click.echo(error.message, err=True)
        raise SystemExit(2) from None
    click.echo(answer)


def _variables(text: str) -> dict[str, object]:
    """The context; numbers keep their decimal text."""
    try:
        variables = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise feel.FeelError("變數不是有效的 JSON。") from None
    if not isinstance(variables, dict):
        raise feel.FeelError("變數必須是 JSON 物件，例如 {\"金額\": 1200000}。")
    return variables
