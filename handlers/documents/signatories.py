"""The blocks of signatures: what stands over each name, which bodies a document names, where seals go.

Who signs for the body that leads stands at the right, the next one to the left of them, as the models of NĐ
30/2020 Phụ lục III place secretary and chair. A position is written without the body's name, but in documents
that several bodies issue, where it tells whose signature it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from handlers.contract import Json
from service.domain.document_profiles import DocumentProfile
from service.domain.signatures import SlotKind, numbered

IN_PLACE_OF = frozenset({"KT", "TL", "TUQ"})
"""Capacities in which one signs in another's place, whose position is named."""


@dataclass(frozen=True, slots=True)
class Signatory:
    """One whose name stands under a document.

    Attributes:
        name: as printed.
        position: as printed.
        capacity: code of the capacity.
        words: ``{collective, principal, deputy_of}``, each may be missing.
        body_name: of the body that they sign for.
        body_notation: what stands for the body in a symbol.
        superior_name: of the body above it, or empty.
    """

    name: str
    position: str
    capacity: str
    words: Mapping[str, str]
    body_name: str
    body_notation: str
    superior_name: str = ""

    def word(self, name: str) -> str:
        """Return one of the words, empty where it is missing."""
        return self.words.get(name) or ""


def block_lines(form: DocumentProfile, one: Signatory, *, is_joint: bool) -> list[Json]:
    """Return the lines over a signature: for whom and in whose place, then the position (NĐ30 Điều 13).

    Args:
        form: marks the capacities.
        one: who signs.
        is_joint: several bodies issue the document; the body's name then follows the first position.
    """
    marks = {code: capacity.mark for code, capacity in form.capacities.items()}
    capacity, collective = one.capacity, one.word("collective")
    owner = one.body_name if is_joint else ""
    principal, position = one.word("principal"), one.position
    if capacity in IN_PLACE_OF:
        principal = with_body(principal, owner)
    elif capacity != "TM":
        position = with_body(position, owner)
    lines: list[str] = []
    if capacity == "TM" or (capacity == "KT" and collective):
        lines.append(f"{marks['TM']} {collective or one.body_name}")
    if capacity in IN_PLACE_OF:
        lines.append(f"{marks[capacity]} {principal}")
    if one.word("deputy_of") and capacity != "KT":
        lines.append(f"{marks['KT']} {one.word('deputy_of')}")
    lines.append(f"{marks['Q']} {position}" if capacity == "Q" else position)
    is_bold = bool(form.layout["signature"]["position_bold"])
    return [
        {"text": line.strip().upper(), "bold": is_bold or index == 0 or index + 1 < len(lines)}
        for index, line in enumerate(lines)
    ]


def with_body(position: str, body_name: str) -> str:
    """Return a position followed by its body: “Trưởng ban” of “Ban Tổ chức” is “Trưởng Ban Tổ chức”."""
    words, name = position.split(), body_name.split()
    if not name or not words or " ".join(name).casefold() in " ".join(words).casefold():
        return position
    shared = max(
        size for size in range(min(len(words), len(name)) + 1) if _ends(words, size) == _begins(name, size)
    )
    return " ".join([*words[: len(words) - shared], *name])


def _ends(words: Sequence[str], size: int) -> list[str]:
    return [one.casefold() for one in words[len(words) - size :]]


def _begins(words: Sequence[str], size: int) -> list[str]:
    return [one.casefold() for one in words[:size]]


def body_names(signatories: Iterable[Signatory]) -> tuple[str, ...]:
    """Return the names of the bodies, each once, the one that leads first."""
    return tuple(dict.fromkeys(one.body_name for one in signatories))


def sealed_fields(signatories: Iterable[Signatory]) -> tuple[str, ...]:
    """Return the fields of the signatures that seals stand over: each body's first, in the order of seals."""
    found: dict[str, str] = {}
    for ordinal, one in enumerate(signatories, start=1):
        found.setdefault(one.body_name, numbered(SlotKind.LEADER, ordinal))
    return tuple(found.values())


def shared_superior(signatories: Iterable[Signatory]) -> str:
    """Return the body above all of the bodies, empty where they have different ones."""
    found = {one.superior_name for one in signatories}
    return found.pop() if len(found) == 1 else ""
