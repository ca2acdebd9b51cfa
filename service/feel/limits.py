"""The bounds that hold against hostile models: each one ends in :class:`FeelLimitError`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one expression may cost.

    Attributes:
        text_characters: length of an expression's text.
        nesting: brackets, functions, loops and signs inside one another in the text.
        steps: loop turns, calls and list items handled in one evaluation.
        call_depth: user-defined functions inside one another at run time.
        list_items: length of a list that an expression builds.
        string_characters: length of a string that an expression builds.
        exponent: absolute value of the exponent of ``**``.
        regex_seconds: time for one regular expression match.
        warnings: warnings kept per evaluation; later ones are dropped.
    """

    text_characters: int = 65_536
    nesting: int = 50
    steps: int = 250_000
    call_depth: int = 60
    list_items: int = 100_000
    string_characters: int = 1_000_000
    exponent: int = 10_000
    regex_seconds: float = 0.2
    warnings: int = 100


DEFAULT_LIMITS: Final = Limits()
