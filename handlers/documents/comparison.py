"""What changed between two versions of a text, word by word (S0-7.5: the trace from draft to issue)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

Change = Literal["same", "removed", "added"]
_LONG: Final = 20_000
"""Words from which on frequent ones are no anchors any more: comparing them all would take minutes."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words that stayed, went or came."""

    change: Change
    text: str


def compare_words(before: Sequence[str], after: Sequence[str]) -> list[Piece]:
    """Return how the words of ``before`` become those of ``after``, in order."""
    is_long = max(len(before), len(after)) > _LONG
    matcher = SequenceMatcher(None, before, after, autojunk=is_long)
    pieces: list[Piece] = []
    for tag, left, left_end, right, right_end in matcher.get_opcodes():
        pieces += _pieces(tag, before[left:left_end], after[right:right_end])
    return pieces


def _pieces(tag: str, gone: Sequence[str], come: Sequence[str]) -> Iterator[Piece]:
    if tag == "equal":
        yield Piece("same", " ".join(gone))
        return
    if gone:
        yield Piece("removed", " ".join(gone))
    if come:
        yield Piece("added", " ".join(come))
