"""Numeric functions (DMN 1.5, table 77)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
)
from typing import Final

from service.feel.functions.library import Library
from service.feel.values import CONTEXT, DaysDuration, MonthsDuration
from service.feel.values.numbers import ZERO
from service.feel.values.reasons import DIVISION_BY_ZERO, OUT_OF_RANGE, Reason

NUMERICS: Final = Library()

_SCALES: Final = range(-6111, 6177)
"""The scales of a decimal of 34 digits, IEEE 754 decimal128."""
_ROUNDING_CONTEXT: Final = Context(prec=34, Emin=-6143, Emax=6144, traps=[])


def _rounded(number: Decimal, scale: Decimal, rounding: str) -> Decimal | Reason:
    places = int(scale)
    if places not in _SCALES:
        return Reason(
            "feel.scale",
            f"số chữ số thập phân phải từ {_SCALES.start} đến {_SCALES.stop - 1}.",
            f"the scale must be from {_SCALES.start} to {_SCALES.stop - 1}.",
        )
    quantum = Decimal((0, (1,), -places))
    result = number.quantize(quantum, rounding=rounding, context=_ROUNDING_CONTEXT)
    # More decimals than 34 digits leave room for: the number has no more than that to round.
    return result if result.is_finite() else number


def _declare_rounding(name: str, rounding: str, *, needs_scale: bool) -> None:
    """Declare one of the functions that round to a number of decimals."""
    scale = "scale: number" if needs_scale else "scale?: number"

    @NUMERICS.function(f"{name}(n: number, {scale}) -> number")
    def round_number(number: Decimal, scale: Decimal = ZERO) -> Decimal | Reason:
        return _rounded(number, scale, rounding)


_declare_rounding("decimal", ROUND_HALF_EVEN, needs_scale=True)
_declare_rounding("floor", ROUND_FLOOR, needs_scale=False)
_declare_rounding("ceiling", ROUND_CEILING, needs_scale=False)
_declare_rounding("round up", ROUND_UP, needs_scale=False)
_declare_rounding("round down", ROUND_DOWN, needs_scale=False)
_declare_rounding("round half up", ROUND_HALF_UP, needs_scale=False)
_declare_rounding("round half down", ROUND_HALF_DOWN, needs_scale=False)


@NUMERICS.function("abs(n: number) -> number")
def absolute_number(number: Decimal) -> Decimal:
    """Drop the sign."""
    return number.copy_abs()


@NUMERICS.function("abs(n: days and time duration) -> days and time duration")
def absolute_days(duration: DaysDuration) -> DaysDuration:
    """Drop the sign."""
    return DaysDuration(abs(duration.nanoseconds))


@NUMERICS.function("abs(n: years and months duration) -> years and months duration")
def absolute_months(duration: MonthsDuration) -> MonthsDuration:
    """Drop the sign."""
    return MonthsDuration(abs(duration.months))


@NUMERICS.function("modulo(dividend: number, divisor: number) -> number")
def modulo(dividend: Decimal, divisor: Decimal) -> Decimal | Reason:
    """Give the remainder, which has the sign of the divisor."""
    if not divisor:
        return DIVISION_BY_ZERO
    remainder = CONTEXT.remainder(dividend, divisor)
    if not remainder.is_finite():
        return OUT_OF_RANGE
    if remainder and (remainder < 0) != (divisor < 0):
        return CONTEXT.add(remainder, divisor)
    return remainder or remainder.copy_abs()


def _finite(calculate: Callable[[Decimal], Decimal], number: Decimal) -> Decimal | Reason:
    result = calculate(number)
    return result if result.is_finite() else OUT_OF_RANGE


@NUMERICS.function("sqrt(number: number) -> number")
def square_root(number: Decimal) -> Decimal | Reason:
    """Give the square root; null for a negative number."""
    return _finite(CONTEXT.sqrt, number)


@NUMERICS.function("log(number: number) -> number")
def logarithm(number: Decimal) -> Decimal | Reason:
    """Give the natural logarithm; null for zero and negative numbers."""
    return _finite(CONTEXT.ln, number)


@NUMERICS.function("exp(number: number) -> number")
def exponential(number: Decimal) -> Decimal | Reason:
    """Give e raised to the number."""
    return _finite(CONTEXT.exp, number)


@NUMERICS.function("odd(number: number) -> boolean")
def is_odd(number: Decimal) -> bool:
    """Tell whether the number is a whole one that 2 does not divide."""
    numerator, denominator = number.as_integer_ratio()
    return denominator == 1 and numerator % 2 == 1


@NUMERICS.function("even(number: number) -> boolean")
def is_even(number: Decimal) -> bool:
    """Tell whether the number is a whole one that 2 divides."""
    numerator, denominator = number.as_integer_ratio()
    return denominator == 1 and numerator % 2 == 0
