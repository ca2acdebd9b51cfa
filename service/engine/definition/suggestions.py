"""Suggestions: the known name nearest to a wrong one, at a cost that no bundle can drive up."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

MAX_KNOWN: Final = 1_000
"""More names than this are not searched."""

MAX_CHARS: Final = 100
"""Longer names are not compared."""

LIKE_A_SLIP: Final = 0.88
"""How like a known name one must be to be a slip of the pen, where nothing else shows that it is wrong."""

NOTHING: Final = "–"
"""What stands in a text where there is nothing to suggest."""


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Return the known name most like ``name``; :data:`NOTHING` where none is like it."""
    names = [one for one in known if len(one) <= MAX_CHARS]
    if len(names) > MAX_KNOWN or len(name) > MAX_CHARS:
        return NOTHING
    found = get_close_matches(name, sorted(names), n=1, cutoff=cutoff)
    return found[0] if found else NOTHING
