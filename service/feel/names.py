"""Names that are not plain words: which ones are in scope, and how they are recognised in a text.

A FEEL name may hold spaces and ``. / - ' + *`` (DMN 1.5 §10.3.1.2, rules 25-28), so what ``a-b`` or
``date and time`` is depends on what is in scope. Names are compared word by word, so the white space
between the words is free.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

WHITE: Final = "\\s\u180e\u200b\ufeff"
"""White space (rules 61, 62), as the inside of a regular expression's character class."""

_OTHER: Final = "[\u0300-\u036f\u200c\u200d\u203f\u2040\u2070-\u218f]++|[\U00010000-\U000effff]++"
"""Name characters that are neither letters nor digits; as ranges of their own they compile fast."""

NAME_WORD: Final = f"(?:[^\\W\\d]|[?\u2070-\u218f]|[\U00010000-\U000effff])(?:[\\w?\u00b7]++|{_OTHER})*+"
"""One word of a name (rules 27-30) as a regular expression: letters and digits of Unicode, some signs."""

_PIECE: Final = re.compile(f"[{WHITE}]*+((?:[\\w?\u00b7]++|{_OTHER})++|[./\\-'+*])")
_WORD: Final = re.compile(NAME_WORD)
_RAW_NAME: Final = re.compile(f"{NAME_WORD}(?:[\\w?\u00b7{WHITE}.\\-'+*]++|/(?![*/])|{_OTHER})*+")


def is_plain(name: str) -> bool:
    """Tell whether ``name`` is one word, which no scope can change the meaning of."""
    return name.isidentifier()


def is_word(name: str) -> bool:
    """Tell whether ``name`` can be written as one word."""
    return _WORD.fullmatch(name) is not None


def normalised(name: str) -> str:
    """Return ``name`` in NFC with single spaces."""
    if name.isascii() and name.isidentifier():
        return name
    return unicodedata.normalize("NFC", " ".join(name.split()))


def pieces(name: str) -> tuple[str, ...]:
    """Return the words and symbols that ``name`` consists of; empty when it cannot be written as a name."""
    found: list[str] = []
    at = 0
    while at < len(name):
        piece = _PIECE.match(name, at)
        if piece is None:
            return ()
        found.append(piece[1])
        at = piece.end()
    return tuple(found)


def raw_name(text: str, at: int) -> tuple[str, int]:
    """Return the longest stretch from ``at`` that could be a name, and its end; else ``("", at)``."""
    found = _RAW_NAME.match(text, at)
    if found is None:
        return "", at
    trimmed = found[0].rstrip()
    return normalised(trimmed), at + len(trimmed)


def _composed(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)


class KnownNames:
    """The names of several words or symbols that are in scope while a text is read.

    Args:
        names: the names to begin with; plain words among them are skipped.
        base: names that are known too and never change, such as those of the function library.
    """

    __slots__ = ("_base", "_by_first")

    def __init__(self, names: Iterable[str] = (), base: KnownNames | None = None) -> None:
        self._base = base
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for name in names:
            self.learn(name)

    def learn(self, name: str) -> bool:
        """Add ``name``; return False when it is a plain word, which needs no learning."""
        if is_plain(name):
            return False
        parts = pieces(normalised(name))
        if len(parts) < 2:  # noqa: PLR2004 - one piece is a plain word, none is not a name
            return False
        same_start = self._by_first.setdefault(parts[0], [])
        if all(known != parts for known, _ in same_start):
            same_start.append((parts, name))
            same_start.sort(key=lambda entry: -len(entry[0]))
        return True

    def longest(self, text: str, word: str, end: int) -> tuple[str, int] | None:
        """Return the longest known name that begins with ``word``, itself ending at ``end``, and its end."""
        best = self._match(text, word, end) if self._by_first else None
        if self._base is not None:
            other = self._base.longest(text, word, end)
            if other is not None and (best is None or other[1] > best[1]):
                return other
        return best

    def _match(self, text: str, word: str, end: int) -> tuple[str, int] | None:
        for parts, name in self._by_first.get(word, ()):
            at = end
            for part in parts[1:]:
                piece = _PIECE.match(text, at)
                if piece is None or _composed(piece[1]) != part:
                    break
                at = piece.end()
            else:
                return name, at
        return None


PROPERTIES: Final = KnownNames(("time offset", "start included", "end included"))
"""The properties of values that have names of several words; they are known behind every dot."""
