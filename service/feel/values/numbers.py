"""FEEL numbers: decimals of 34 digits, so that money and percentages are exact (DMN 1.5, 10.3.2.3.1).

One context is shared by every thread and used through its methods only; the thread's current context is never
read, so a host that changes it cannot change a decision.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

CONTEXT: Final = Context(
    prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, capitals=1, clamp=0, flags=[], traps=[]
)
"""The arithmetic of IEEE 754 decimal128, half-even. Nothing is trapped; results are checked instead."""

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)

_NUMBER: Final = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,5})?")
_MAX_DIGITS: Final = 1000


def parse_number(text: str) -> Decimal | None:
    """Read a number literal such as ``-1.50`` or ``.5``; None when it is none or is out of range."""
    if len(text) > _MAX_DIGITS or _NUMBER.fullmatch(text) is None:
        return None
    return finite(CONTEXT.create_decimal(text))


def number_from_int(value: int) -> Decimal:
    """Turn an int into a FEEL number, rounded to 34 digits."""
    return CONTEXT.create_decimal(value)


def finite(result: Decimal) -> Decimal | None:
    """Pass a finite result on; None for an overflow or an undefined one (FEEL has no infinity, no NaN)."""
    return result if result.is_finite() else None


def whole_number(value: Decimal) -> int:
    """Cut the fraction off: the standard's built-in functions take ``2.5`` for position 2."""
    return int(value)


def format_number(value: Decimal) -> str:
    """Write a number without exponent and with the digits it carries: ``1.50`` stays ``1.50``."""
    return format(value or value.copy_abs(), "f")
