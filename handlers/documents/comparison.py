"""What changed between two versions of a text, word by word (S0-7.5: the trace from draft to issue).

Comparing every word with every other takes minutes for a long text. So runs of words that stand exactly once
in both versions are found first; only what lies between them is compared word by word, up to a limit in all.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Final, Literal

Change = Literal["same", "removed", "added"]
_RUN: Final = 4
"""Words of a run: fewer seldom stand only once."""

_MOST_PAIRS: Final = 300_000
"""Pairs of words that are compared in all; what is left then is told as removed and added whole."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words that stayed, went or came."""

    change: Change
    text: str


def compare_words(before: Sequence[str], after: Sequence[str]) -> list[Piece]:
    """Return how the words of ``before`` become those of ``after``, in order."""
    told = groupby(_changes(before, after), key=lambda one: one[0])
    return [Piece(change, " ".join(word for _, words in group for word in words)) for change, group in told]


def _changes(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[Change, Sequence[str]]]:
    left, right, room = 0, 0, _MOST_PAIRS
    for begin, other, size in [*_blocks(before, after), (len(before), len(after), 0)]:
        gone, come = before[left:begin], after[right:other]
        room -= len(gone) * len(come)
        yield from _between(gone, come) if room >= 0 else _replaced(gone, come)
        if size:
            yield "same", before[begin : begin + size]
        left, right = begin + size, other + size


def _blocks(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Yield ``(left, right, size)`` of runs that stayed, in order; none where both texts are short."""
    if len(before) * len(after) <= _MOST_PAIRS:
        return
    left, right = 0, 0
    for begin, other in _rising(_once(before), _once(after)):
        used = max(left - begin, right - other, 0)
        if used < _RUN:
            yield begin + used, other + used, _RUN - used
            left, right = begin + _RUN, other + _RUN


def _once(words: Sequence[str]) -> dict[tuple[str, ...], int]:
    """Return where each run of words stands that stands only once."""
    runs = [tuple(words[place : place + _RUN]) for place in range(len(words) - _RUN + 1)]
    counted = Counter(runs)
    return {run: place for place, run in enumerate(runs) if counted[run] == 1}


def _rising(
    before: dict[tuple[str, ...], int], after: dict[tuple[str, ...], int]
) -> Iterator[tuple[int, int]]:
    """Yield the longest row of places of the same runs that rise in both texts."""
    pairs = [(place, after[run]) for run, place in before.items() if run in after]
    ends: list[int] = []
    last: list[int] = []
    previous: list[int] = []
    for number, (_, other) in enumerate(pairs):
        place = bisect_left(ends, other)
        previous.append(last[place - 1] if place else -1)
        ends[place : place + 1] = [other]
        last[place : place + 1] = [number]
    found = []
    number = last[-1] if last else -1
    while number >= 0:
        found.append(pairs[number])
        number = previous[number]
    yield from reversed(found)


def _between(gone: Sequence[str], come: Sequence[str]) -> Iterator[tuple[Change, Sequence[str]]]:
    matcher = SequenceMatcher(None, gone, come, autojunk=False)
    for tag, left, left_end, right, right_end in matcher.get_opcodes():
        if tag == "equal":
            yield "same", gone[left:left_end]
        else:
            yield from _replaced(gone[left:left_end], come[right:right_end])


def _replaced(gone: Sequence[str], come: Sequence[str]) -> Iterator[tuple[Change, Sequence[str]]]:
    if gone:
        yield "removed", gone
    if come:
        yield "added", come
