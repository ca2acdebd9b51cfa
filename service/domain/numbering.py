"""Number series, and how numbers are written (NĐ 30/2020 Điều 15, 22; HD 36-HD/VPTW; S0-6.3, S4-5.2).

Arrivals run without a gap through the calendar year, paper and electronic in one series; secret documents
have a book of their own. What a State body issues is numbered by the year: administrative documents in one
series or in one for each type, as its head decides; legal normative and secret documents apart. A Party body
numbers each type through its term; the documents of a congress share one series. The counter itself is a row
of the database; this module names it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from service.domain.clock import OFFICE_ZONE
from service.domain.errors import Conflict

Side = Literal["state", "party"]
Family = Literal["administrative", "normative", "congress"]
"""What a number is for: ``normative`` is quy phạm pháp luật, ``congress`` a Party congress."""

_CLASSIFIED: Final = "outgoing_secret"
_BOOKS: Final[dict[Family, str]] = {
    "administrative": "outgoing",
    "normative": "outgoing_normative",
    "congress": "outgoing_congress",
}


@dataclass(frozen=True, slots=True)
class SeriesKey:
    """Which counter a number comes from.

    Attributes:
        issuing_body: whose number it is (one clerical office may register for several bodies, S0-9.1g2).
        book: the register; with ``:`` and a type's code where each type has a series of its own.
        period: the calendar year, or the term of a Party body.
    """

    issuing_body: str
    book: str
    period: str


@dataclass(frozen=True, slots=True)
class NumberingBody:
    """A body that numbers what it issues.

    Attributes:
        code: of the body.
        notation: what stands for it in a symbol: ``UBND``, ``TU``.
        side: State or Party.
        term: of a Party body, ``2025-2030``; None where none runs.
        is_per_type: a State body's choice for administrative documents; a Party body always numbers by type.
    """

    code: str
    notation: str
    side: Side
    term: str | None = None
    is_per_type: bool = False


@dataclass(frozen=True, slots=True)
class OutgoingCode:
    """The number and symbol of a document.

    Attributes:
        number: as written, two digits at least: ``05``.
        notation: the symbol as it is kept: ``TB-UBND``, ``UBND-VX``, ``TB/TU``; a normative document's begins
            with a slash: ``/2026/QĐ-UBND``.
        text: both as people write them: ``05/TB-UBND``, ``05-TB/TU``.
    """

    number: str
    notation: str
    text: str


def arrival_series(body: str, secrecy: str, arrived_at: datetime, zone: ZoneInfo = OFFICE_ZONE) -> SeriesKey:
    """Return the counter for an arrival at ``arrived_at`` (aware), by the year in the office's zone."""
    book = "incoming" if secrecy == "none" else "incoming_secret"
    return SeriesKey(body, book, f"{arrived_at.astimezone(zone):%Y}")


def arrival_code(number: int) -> str:
    """Return an arrival number as written: two digits at least."""
    return two_digits(number)


def two_digits(number: int) -> str:
    """Return a number below ten with a zero before it (NĐ 30/2020 Phụ lục I, ô số 3)."""
    return f"{number:02d}"


def outgoing_series(
    body: NumberingBody,
    type_code: str,
    *,
    on: date,
    secrecy: str = "none",
    family: Family = "administrative",
) -> SeriesKey:
    """Return the counter for a document that ``body`` issues on a day.

    Args:
        body: that issues.
        type_code: of the document, ``TB``; ``CV`` for a công văn, whichever the side.
        on: the day of issue at the office.
        secrecy: ``none`` or a level of state secrets, which have books of their own.
        family: of the document.

    Raises:
        Conflict: ``numbering.no_term``, a Party body has no term on record.
    """
    if body.side == "party":
        return SeriesKey(body.code, _party_book(type_code, secrecy, family), _term_of(body))
    return SeriesKey(body.code, _state_book(body, type_code, secrecy, family), f"{on:%Y}")


def _state_book(body: NumberingBody, type_code: str, secrecy: str, family: Family) -> str:
    if secrecy != "none":
        return _CLASSIFIED
    has_series_of_type = family == "normative" or (family == "administrative" and body.is_per_type)
    return f"{_BOOKS[family]}:{type_code}" if has_series_of_type else _BOOKS[family]


def _party_book(type_code: str, secrecy: str, family: Family) -> str:
    if secrecy != "none":
        return f"{_CLASSIFIED}:{type_code}"
    return _BOOKS["congress"] if family == "congress" else f"{_BOOKS['administrative']}:{type_code}"


def _term_of(body: NumberingBody) -> str:
    if body.term:
        return body.term
    vi = "Cơ quan ban hành của Đảng chưa có nhiệm kỳ để đánh số; hãy nhập nhiệm kỳ trước."
    en = "The Party body that issues has no term to number in; enter its term first."
    raise Conflict("numbering.no_term", vi, en)


def outgoing_code(
    body: NumberingBody,
    symbol: str,
    number: int,
    *,
    on: date,
    unit_notation: str = "",
    family: Family = "administrative",
) -> OutgoingCode:
    """Return number and symbol of a document (NĐ 30/2020 Phụ lục I ô số 3; HD 36-HD/VPTW).

    ``05/TB-UBND``, công văn ``05/UBND-VX``, normative ``05/2026/QĐ-UBND``; Party ``05-TB/TU``, ``05-CV/TU``.

    Args:
        body: that issues.
        symbol: of the type, as written; "" for a State công văn and other types that the notation leaves out.
        number: of the series.
        on: the day of issue; its year stands in the symbol of a normative document.
        unit_notation: of the unit that drafted it, in a State công văn; may be empty.
        family: of the document.
    """
    written = two_digits(number)
    if body.side == "party":
        notation = f"{symbol}/{body.notation}" if symbol else f"/{body.notation}"
        return OutgoingCode(written, notation, f"{written}-{notation}" if symbol else f"{written}{notation}")
    if family == "normative":
        notation = f"/{on:%Y}/{symbol}-{body.notation}"
        return OutgoingCode(written, notation, f"{written}{notation}")
    parts = (symbol, body.notation) if symbol else (body.notation, unit_notation)
    notation = "-".join(part for part in parts if part)
    return OutgoingCode(written, notation, f"{written}/{notation}")


def date_texts(on: date) -> dict[str, str]:
    """Return day, month and year as a document writes them: day below 10, months 1 and 2 with a zero.

    NĐ 30/2020 Phụ lục I, ô số 4.
    """
    month = two_digits(on.month) if on.month <= 2 else str(on.month)  # noqa: PLR2004 - the rule's own number
    return {"day": two_digits(on.day), "month": month, "year": str(on.year)}
