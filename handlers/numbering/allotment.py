"""Gives a document its number: previewed, reserved for it, registered; once taken it is never given again.

A number is taken in the transaction that writes the register's line (NĐ 30/2020 Điều 15), last of all, and
belongs to one document. Reserved numbers stand in the register as such; a voided one stays there too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from handlers.numbering.subject import NumberSubject
from service.domain.errors import Conflict
from service.domain.numbering import OutgoingCode, SeriesKey
from service.storage import register
from service.storage.models import DocumentRecipient, table_of
from service.storage.unit_of_work import UnitOfWork

_RECIPIENT = table_of(DocumentRecipient)
_RESERVED_NOTE = "Số đã giữ, chưa phát hành"


@dataclass(frozen=True, slots=True)
class NumberGiven:
    """A number that a document has, or that it would get now.

    Attributes:
        series: the counter.
        number: 1 and up.
        code: as written.
        entry_id: the register's line; None where the number is only a preview.
        state: previewed, reserved or registered.
    """

    series: SeriesKey
    number: int
    code: OutgoingCode
    entry_id: UUID | None
    state: str


def preview_number(unit: UnitOfWork, subject: NumberSubject, on: date) -> NumberGiven:
    """Return the number that the document has or would get now; a previewed one is kept for nobody.

    Raises:
        Conflict: ``numbering.no_term``, or ``number.other_series``.
    """
    held = _held(unit, subject, on)
    if held is not None:
        return _as_held(subject, held, on)
    key = subject.series(on)
    number = register.next_number(unit, key)
    return NumberGiven(key, number, subject.code(number, on), None, "previewed")


def reserve_number(unit: UnitOfWork, subject: NumberSubject, on: date) -> NumberGiven:
    """Take the next number for the document ahead of its issue; one that it has already is returned.

    The caller holds the document's row locked. The series stays locked until the transaction ends.

    Raises:
        Conflict: ``numbering.no_term``, ``number.other_series`` or ``register.closed``.
    """
    held = _held(unit, subject, on)
    if held is not None:
        return _as_held(subject, held, on)
    key = subject.series(on)
    entered = register.reserve(
        unit,
        key,
        subject.document.id,
        lambda number: {
            **_columns(unit, subject, subject.code(number, on), None),
            "note": _RESERVED_NOTE,
        },
    )
    return NumberGiven(key, entered.number, subject.code(entered.number, on), entered.entry_id, "reserved")


def register_number(unit: UnitOfWork, subject: NumberSubject, on: date) -> NumberGiven:
    """Register the document: under its reserved number, or under the next one of its series.

    The caller holds the document's row locked and has done everything else that may fail in the database.

    Raises:
        Conflict: ``number.registered``, ``number.other_series``, ``numbering.no_term``, ``register.closed``.
    """
    held = _held(unit, subject, on)
    if held is None:
        key = subject.series(on)
        entered = register.enter(
            unit,
            key,
            subject.document.id,
            lambda number: _columns(unit, subject, subject.code(number, on), on),
        )
        return _entered(subject, key, entered, on)
    if held.state == "registered":
        vi, en = "Văn bản này đã được đăng ký số.", "This document has its number already."
        raise Conflict("number.registered", vi, en)
    columns = _columns(unit, subject, subject.code(held.number, on), on)
    return _entered(subject, held.series, register.confirm(unit, held, columns), on)


def _entered(subject: NumberSubject, key: SeriesKey, entered: register.Entered, on: date) -> NumberGiven:
    code = subject.code(entered.number, on)
    return NumberGiven(key, entered.number, code, entered.entry_id, "registered")


def _held(unit: UnitOfWork, subject: NumberSubject, on: date) -> register.LiveEntry | None:
    """Return the document's live line, once it lies in the series that it belongs to on that day."""
    held = register.outgoing_entry(unit, subject.document.id)
    if held is None or held.state == "registered" or held.series == subject.series(on):
        return held
    vi = f"Số {held.number} đã giữ thuộc sổ khác (kỳ {held.series.period}); hãy hủy số đó rồi cấp lại."
    en = (
        f"The reserved number {held.number} belongs to another series (period {held.series.period});"
        " void it with a reason, then take a new one."
    )
    raise Conflict("number.other_series", vi, en)


def _as_held(subject: NumberSubject, held: register.LiveEntry, on: date) -> NumberGiven:
    return NumberGiven(held.series, held.number, subject.code(held.number, on), held.id, held.state)


def _columns(
    unit: UnitOfWork, subject: NumberSubject, code: OutgoingCode, on: date | None
) -> Mapping[str, Any]:
    """Return the columns of the register of outgoing documents (NĐ30 Phụ lục IV); no secret abstracts."""
    document = subject.document
    names = _recipient_names(unit, document.id)
    signers = [document.signer_name, *(one.name for one in subject.cosigners)]
    return {
        "code": code.text,
        "issued_on": on.isoformat() if on else None,
        "type_name": document.type_name,
        "subject": document.subject if document.secrecy == "none" else None,
        "signer": "; ".join(filter(None, signers)) or None,
        "recipients": "; ".join(names["to"] + names["copy"]) or document.to_places or None,
        "copy_holder": "; ".join(names["file"]) or None,
        "copies": None,
        "transferred_on": None,
        "receipt": None,
        "note": None,
    }


def _recipient_names(unit: UnitOfWork, document_id: UUID) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"to": [], "copy": [], "file": []}
    statement = select(_RECIPIENT.c.name, _RECIPIENT.c.purpose).where(_RECIPIENT.c.document_id == document_id)
    for row in unit.session.execute(statement.order_by(_RECIPIENT.c.ordinal)):
        found.setdefault(row.purpose, []).append(row.name)
    return found
