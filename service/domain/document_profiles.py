"""The forms of official documents as dated data: types, capacities, measures (NĐ 30/2020; HD 36, HD 05).

A rule of form changes on a day; a document keeps the form of the day on which it was begun. What is read here
is ``handlers/documents/profiles/*.json``: nothing of it is in code. Facts that nobody could compare with the
regulation itself are listed in ``unknown``, and shown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

from service.domain.errors import Finding, InvalidInput

ProfileName = Literal["state", "party"]
Shape = Literal["articles", "text", "letter", "form"]
PROFILES: Final[tuple[str, ...]] = get_args(ProfileName)
_FOLDER: Final = Path(__file__).parents[2] / "handlers" / "documents" / "profiles"


@dataclass(frozen=True, slots=True)
class DocumentType:
    """A type of document (NĐ 30/2020 Điều 7, Phụ lục III; QĐ 399-QĐ/TW).

    Attributes:
        key: unique in its profile; kept with a draft and naming its number series.
        code: as written in the symbol; a Party Quy định writes ``QĐ``. Empty where none is known.
        name: Vietnamese.
        shape: ``articles`` has Điều, ``letter`` has no title, ``form`` is a paper that is filled in.
        in_notation: whether the code stands in the symbol; a State công văn's does not.
        is_numbered: whether it gets a number.
        may_address: whether it may begin with “Kính gửi”.
        must_address: whether it has to.
        decides: the line between grounds and articles, or empty.
    """

    key: str
    code: str
    name: str
    shape: Shape
    in_notation: bool = True
    is_numbered: bool = True
    may_address: bool = False
    must_address: bool = False
    decides: str = ""


@dataclass(frozen=True, slots=True)
class Capacity:
    """In what capacity one signs (NĐ 30/2020 Điều 13): its code and the mark before the words."""

    code: str
    mark: str
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class DocumentProfile:
    """One edition of a form.

    Attributes:
        name: whose form it is.
        from_on: first day on which it holds.
        to_on: last day, None = still.
        regulation: where it comes from, as people cite it.
        types: by key.
        capacities: by code.
        layout: measures and words for templates and checks; see the data.
        unknown: ``{fact, note}``: what could not be compared with the regulation.
    """

    name: ProfileName
    from_on: date
    to_on: date | None
    regulation: str
    types: Mapping[str, DocumentType]
    capacities: Mapping[str, Capacity]
    layout: Mapping[str, Any]
    unknown: tuple[Mapping[str, str], ...]

    def type_of(self, key: str) -> DocumentType:
        """Return a type.

        Raises:
            InvalidInput: ``document.type``, this form has none of that key.
        """
        found = self.types.get(key)
        if found is None:
            vi = f"Thể thức này không có loại văn bản “{key}”."
            en = f"This form has no document type “{key}”."
            raise InvalidInput("document.type", vi, en, [Finding("document.type", vi, en, "/type_code")])
        return found

    def is_collective(self, notation: str) -> bool:
        """Say whether a body of this notation decides as a collective (cấp ủy, UBND, HĐND)."""
        return notation in self.layout["collective_notations"]


def profile_on(name: str, on: date) -> DocumentProfile:
    """Return the form that holds on a day.

    Raises:
        InvalidInput: ``profile.unknown`` or ``profile.not_known_then``.
    """
    if name not in PROFILES:
        known = ", ".join(PROFILES)
        vi, en = f"Thể thức phải là một trong: {known}.", f"The profile must be one of: {known}."
        raise InvalidInput("profile.unknown", vi, en, [Finding("profile.unknown", vi, en, "/profile")])
    for edition in editions(name):
        if edition.from_on <= on and (edition.to_on is None or on <= edition.to_on):
            return edition
    vi = f"Không có thể thức nào được ghi nhận cho ngày {on:%d/%m/%Y}."
    en = f"No form is on record for {on.isoformat()}."
    raise InvalidInput("profile.not_known_then", vi, en, [Finding("profile.not_known_then", vi, en, "/on")])


def profile_from(name: str, from_on: date) -> DocumentProfile:
    """Return the edition that began on a day, as a draft keeps it; raises as :func:`profile_on`."""
    return profile_on(name, from_on)


@lru_cache(maxsize=4)
def editions(name: str) -> tuple[DocumentProfile, ...]:
    """Return every edition, oldest first; one that is ``like`` another repeats what it leaves out."""
    data = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    written = {one["from"]: one for one in data["editions"]}
    found = [
        _read_edition(data["profile"], {**written.get(one.get("like"), {}), **one})
        for one in written.values()
    ]
    return tuple(sorted(found, key=lambda one: one.from_on))


_PARTS: Final = frozenset({"from", "like", "to", "regulation", "types", "capacities", "unknown"})


def _read_edition(name: ProfileName, data: Mapping[str, Any]) -> DocumentProfile:
    types = [DocumentType(**one) for one in data["types"]]
    capacities = [Capacity(**one) for one in data["capacities"]]
    return DocumentProfile(
        name=name,
        from_on=date.fromisoformat(data["from"]),
        to_on=date.fromisoformat(data["to"]) if data["to"] else None,
        regulation=data["regulation"],
        types=MappingProxyType({one.key: one for one in types}),
        capacities=MappingProxyType({one.code: one for one in capacities}),
        layout=MappingProxyType({key: value for key, value in data.items() if key not in _PARTS}),
        unknown=tuple(data["unknown"]),
    )
