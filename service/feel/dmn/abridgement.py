"""Values as JSON for an explanation, cut where they are long: a history must not grow with every large input.

What was left out is told in its place: a list ends with ``{"left_out": 19950}``, a context has the key ``…``
with the same, a text ends with ``…``, and a value for which no room is left is ``{"left_out": its size}``.
"""

from __future__ import annotations

from typing import Any, Final

from service.feel.convert import to_json
from service.feel.values import FeelFunction

MAX_ITEMS: Final = 50
MAX_CHARACTERS: Final = 300
MAX_DEPTH: Final = 8
ROOM: Final = 60_000
"""Characters of one explanation, names and values together, before the values are left out."""

_SCALAR_SIZE: Final = 8
ELLIPSIS: Final = "…"
LEFT_OUT: Final = "left_out"


class Abridgement:
    """One explanation being written, with the room that is left for it."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room

    @property
    def is_full(self) -> bool:
        """Whether no room is left."""
        return self._room <= 0

    def text(self, text: str) -> str:
        """Return a text, at most 300 characters of it."""
        self._room -= min(len(text), MAX_CHARACTERS)
        return text if len(text) <= MAX_CHARACTERS else text[:MAX_CHARACTERS] + ELLIPSIS

    def value(self, value: Any, depth: int = 0) -> Any:
        """Return a FEEL value as JSON data, cut where it is long, nested deep, or no room is left."""
        if isinstance(value, str):
            return _left_out(len(value)) if self.is_full and value else self.text(value)
        if isinstance(value, (list, dict)):
            if value and (self.is_full or depth >= MAX_DEPTH):
                return _left_out(len(value))
            return self._list(value, depth) if isinstance(value, list) else self._context(value, depth)
        self._room -= _SCALAR_SIZE
        return to_json(value)

    def _list(self, items: list[Any], depth: int) -> list[Any]:
        kept = [self.value(item, depth + 1) for item in items[:MAX_ITEMS]]
        return [*kept, _left_out(len(items) - MAX_ITEMS)] if len(items) > MAX_ITEMS else kept

    def _context(self, entries: dict[str, Any], depth: int) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for key, part in entries.items():
            if len(kept) == MAX_ITEMS:
                kept[ELLIPSIS] = _left_out(len(entries) - MAX_ITEMS)
                break
            if not isinstance(part, FeelFunction):
                kept[self.text(key)] = self.value(part, depth + 1)
        return kept


def _left_out(size: int) -> dict[str, int]:
    return {LEFT_OUT: size}
