"""Functions of numbers. Rounding names say which way; money is rounded with ``round half up(amount, 0)``."""

from __future__ import annotations

from datetime import timedelta
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)

from app.rules.feel.functions.registry import function
from app.rules.feel.limits import NUMBERS, Run
from app.rules.feel.values import Value, YearMonth

_MOST_PLACES = 300


def rounded(number: Decimal, scale: Decimal, rounding: str) -> Decimal | None:
    """To this many decimal places (negative: tens, hundreds …); null when there are more digits than FEEL keeps."""
    if abs(scale) > _MOST_PLACES:
        return None
    places = int(scale)
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= places:
        return number
    return number.quantize(Decimal(1).scaleb(-places), rounding=rounding, context=NUMBERS)


@function("decimal")
def decimal(run: Run, n: Decimal, scale: Decimal) -> Value:
    """Half goes to the even neighbour."""
    return rounded(n, scale, ROUND_HALF_EVEN)


@function("round")
def round_(run: Run, n: Decimal, scale: Decimal | None = None) -> Value:
    return rounded(n, scale or Decimal(), ROUND_HALF_EVEN)


@function("floor")
def floor(run: Run, n: Decimal, scale: Decimal | None = None) -> Value:
    return rounded(n, scale or Decimal(), ROUND_FLOOR)


@function("ceiling")
def ceiling(run: Run, n: Decimal, scale: Decimal | None = None) -> Value:
    return rounded(n, scale or Decimal(), ROUND_CEILING)


@function("round up")
def round_up(run: Run, n: Decimal, scale: Decimal | None = None) -> Value:
    return rounded(n, scale or Decimal(), ROUND_UP)


@function("round down")
def round_down(run: Run, n: Decimal, scale: Decimal | None = None) -> Value:
    return rounded(n, scale or Decimal(), ROUND_DOWN)


@function("round half up")
def round_half_up(run: Run, n: Decimal, scale: Decimal | None = None) -> Value:
    return rounded(n, scale or Decimal(), ROUND_HALF_UP)


@function("round half down")
def round_half_down(run: Run, n: Decimal, scale: Decimal | None = None) -> Value:
    return rounded(n, scale or Decimal(), ROUND_HALF_DOWN)


@function("abs")
def abs_(run: Run, n: Value) -> Value:
    if isinstance(n, YearMonth):
        return YearMonth(abs(n.months))
    if isinstance(n, Decimal):
        return n.copy_abs()
    return abs(n) if isinstance(n, timedelta) else None


@function("modulo")
def modulo(run: Run, dividend: Decimal, divisor: Decimal) -> Value:
    """The remainder has the sign of the divisor."""
    quotient = NUMBERS.divide(dividend, divisor).to_integral_value(ROUND_FLOOR)
    return NUMBERS.subtract(dividend, NUMBERS.multiply(divisor, quotient))


@function("sqrt")
def sqrt(run: Run, number: Decimal) -> Value:
    return NUMBERS.sqrt(number)


@function("exp")
def exp(run: Run, number: Decimal) -> Value:
    return NUMBERS.exp(number)


@function("log")
def log(run: Run, number: Decimal) -> Value:
    return NUMBERS.ln(number) if number > 0 else None


@function("odd")
def odd(run: Run, number: Decimal) -> Value:
    return int(number) % 2 == 1


@function("even")
def even(run: Run, number: Decimal) -> Value:
    return int(number) % 2 == 0
