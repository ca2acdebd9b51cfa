"""The budget of a walk through nested lists and contexts.

Sharing can make a value of a hundred lists seem 2^100 items large to one who walks it, and a few hundred
levels would exhaust the interpreter's stack: both must end in our limit error.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from service.feel.errors import limit_error
from service.feel.limits import DEFAULT_LIMITS

MAX_DEPTH: Final = 100
_SEQUENCES: Final = (list, tuple, set, frozenset)
_LIGHT: Final = frozenset({Decimal, str, int, float, bool, type(None)})


CHARACTERS_PER_STEP: Final = 64
"""A string weighs as much as a list of this share of its length."""


def weight(value: Any, most: int) -> int:
    """Return how many items a walk through ``value`` meets, or some number above ``most``.

    What is shared counts as often as it is met. Strings weigh by their length; other values weigh nothing.
    """
    if type(value) in _LIGHT:
        return len(value) // CHARACTERS_PER_STEP if type(value) is str else 0
    total = 0
    waiting = [value]
    while waiting and total <= most:
        part = waiting.pop()
        if isinstance(part, Mapping):
            total += len(part)
            waiting += [inner for inner in part.values() if type(inner) not in _LIGHT]
        elif isinstance(part, _SEQUENCES):
            total += len(part)
            waiting += [inner for inner in part if type(inner) not in _LIGHT]
    return total


class Walk:
    """One walk under way: how deep it is and how many items it may still visit."""

    __slots__ = ("_depth", "_items_left")

    def __init__(self) -> None:
        self._depth = 0
        self._items_left = DEFAULT_LIMITS.steps

    def enter(self, items: int) -> None:
        """Step into a list or context of ``items``.

        Raises:
            FeelLimitError: the value is too deep or too large.
        """
        self._depth += 1
        self._items_left -= items
        if self._depth > MAX_DEPTH:
            raise limit_error(
                None,
                "value_depth",
                f"Giá trị lồng nhau quá {MAX_DEPTH} cấp.",
                f"A value is nested more than {MAX_DEPTH} levels deep.",
            )
        if self._items_left < 0:
            raise limit_error(
                None,
                "value_size",
                f"Giá trị có hơn {DEFAULT_LIMITS.steps} phần tử.",
                f"A value has more than {DEFAULT_LIMITS.steps} items.",
            )

    def leave(self) -> None:
        """Step out of the list or context."""
        self._depth -= 1
