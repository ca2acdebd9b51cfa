"""Ranges and one-sided tests as values: ``[1..10)``, ``(< 5)`` (DMN 1.5, 10.3.2.3.9 and 10.3.2.7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Range:
    """An interval between two values of one kind.

    An end that is null was written as null, as in ``[null..10]``: nothing is known to lie in such a range.
    A range that is open to infinity is a :class:`Comparison`.

    Attributes:
        low: the lower end.
        high: the upper end.
        low_included: whether ``low`` belongs to the range.
        high_included: whether ``high`` belongs to the range.
    """

    low: Any
    high: Any
    low_included: bool = True
    high_included: bool = True


@dataclass(frozen=True, slots=True)
class Comparison(Range):
    """A one-sided test that stands as a value, such as ``(< 5)``: a range without the other end.

    Build it with :func:`comparison`.

    Attributes:
        operator: ``<``, ``<=``, ``>``, ``>=``, ``=`` or ``!=``.
        operand: what is compared with.
    """

    operator: str = "="
    operand: Any = None


def comparison(operator: str, operand: Any) -> Comparison:
    """Build ``(operator operand)``; its ends tell what ``.start``, ``.end`` and the range functions see."""
    has_low = operator in (">", ">=", "=")
    has_high = operator in ("<", "<=", "=")
    return Comparison(
        low=operand if has_low else None,
        high=operand if has_high else None,
        low_included=operator in (">=", "="),
        high_included=operator in ("<=", "="),
        operator=operator,
        operand=operand,
    )
