"""Makes the messages of the exchange out of our rows: a document's header, a status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row

from handlers.delivery.contacts import Contact
from handlers.delivery.organs import issuing_organ, own_organ
from handlers.exchange.edxml_writer import FileContent
from handlers.exchange.package_signing import package_key
from handlers.records.description import document_code
from handlers.records.document_row import newest_files
from handlers.signing.keys import SigningKey
from service.domain.clock import OFFICE_ZONE
from service.domain.delivery import EXCHANGE_STATUSES
from service.domain.edxml import (
    BUSINESS_NAMES,
    PRIORITIES,
    RECALL,
    RECALL_ASKED,
    REPLACE,
    UPDATE,
    AttachmentNote,
    Business,
    DocumentReference,
    Letter,
    Organ,
    Replaced,
    Staff,
    StatusLetter,
    TraceLine,
    document_id_of,
)
from service.domain.records import PDF
from service.domain.signing_places import SigningPlaces
from service.storage.blobs import BlobStore
from service.storage.unit_of_work import UnitOfWork

_INSIDE: Final = frozenset({"slip", "evidence", "draft", "final", "signed"})
"""Kinds of files that stay in the house; of the main file, only what was issued leaves."""

_PLACE_CHARACTERS: Final = 150


def exchange_id_of(unit: UnitOfWork, document: Row[Any]) -> str:
    """Return how an outgoing document is named on the exchange, whether or not it has left yet."""
    if document.exchange_id:
        return str(document.exchange_id)
    code = document_code(document.code_number, document.code_notation)
    issued_on = document.issued_on or unit.now.astimezone(OFFICE_ZONE).date()
    return document_id_of(issuing_organ(unit, document).organ_id, issued_on, code)


def outgoing_files(unit: UnitOfWork, document: Row[Any]) -> list[Row[Any]]:
    """Return the files of a document that leave with it, the main file first; none without a main PDF."""
    rows = newest_files(unit, document.id)
    main = [row for row in rows if row.role == "main" and row.media_type == PDF]
    others = [row for row in rows if row.role != "main" and row.kind not in _INSIDE]
    return [main[0], *others] if main else []


def pack_files(unit: UnitOfWork, blobs: BlobStore, rows: Sequence[Row[Any]]) -> tuple[FileContent, ...]:
    """Return files of the store as they are packed.

    Raises:
        NotFound: the agency has no such content.
    """
    packed = []
    for number, row in enumerate(rows, 1):
        digest = bytes(row.sha256)
        blobs.find(unit, digest)
        path = blobs.path_of(digest)
        note = AttachmentNote(f"file-{number}", row.file_name, row.media_type, row.file_name, digest)
        packed.append(FileContent(note, lambda path=path: path.open("rb")))  # type: ignore[misc]  # bound now
    return tuple(packed)


def letter_of(
    unit: UnitOfWork,
    document: Row[Any],
    delivery: Row[Any],
    files: Sequence[FileContent],
    business: Business,
) -> Letter:
    """Return the header of a document's package for one receiver (S3-12.4 a–o)."""
    organ = issuing_organ(unit, document)
    places = [place.strip()[:_PLACE_CHARACTERS] for place in document.to_places.replace("\n", ";").split(";")]
    return Letter(
        sender=organ,
        receivers=(Organ(delivery.organ_id or "", delivery.receiver_name),),
        document_id=delivery.exchange_id,
        code_number=document.code_number,
        code_notation=document.code_notation,
        promulgated_on=document.issued_on,
        type_name=document.type_name,
        subject=document.subject,
        content=document.description,
        signer_position=document.signer_position,
        signer_name=document.signer_name,
        due_on=document.due_at.astimezone(OFFICE_ZONE).date() if document.due_at else None,
        to_places=tuple(place for place in places if place),
        priority=PRIORITIES.index(document.urgency),
        pages=document.page_amount,
        trace=(TraceLine(organ.organ_id, unit.now),),
        business=business,
        attachments=tuple(file.note for file in files),
    )


def recall_letter(unit: UnitOfWork, document: Row[Any], delivery: Row[Any]) -> Letter:
    """Return the package by which a document is asked back: type 1, without its files.

    It names the document wherever receivers look for it: as its own identifier, below ``Bussiness``, and in
    ``ResponseFor``. Its time is that of the asking, however often it is sent.
    """
    business = Business(RECALL, delivery.exchange_id, _recall_reason(delivery))
    letter = letter_of(unit, document, delivery, (), business)
    trace = (TraceLine(letter.sender.organ_id, _asked_at(unit, delivery)),)
    return replace(letter, responses=(_asked_back(document, delivery),), trace=trace)


def recall_status(unit: UnitOfWork, document: Row[Any], delivery: Row[Any]) -> StatusLetter:
    """Return the status by which a document is asked back: 13, with the reason, of the same instant."""
    return StatusLetter(
        sender=issuing_organ(unit, document),
        about=_asked_back(document, delivery),
        code=RECALL_ASKED,
        description=_recall_reason(delivery),
        at=_asked_at(unit, delivery),
    )


def _asked_back(document: Row[Any], delivery: Row[Any]) -> DocumentReference:
    code = document_code(document.code_number, document.code_notation)
    return DocumentReference(delivery.organ_id or "", code, document.issued_on, delivery.exchange_id)


def _recall_reason(delivery: Row[Any]) -> str:
    return str(delivery.recall_reason or BUSINESS_NAMES[RECALL][0])


def _asked_at(unit: UnitOfWork, delivery: Row[Any]) -> datetime:
    at: datetime | None = delivery.recall_asked_at
    return at or unit.now


def business_of(delivery: Row[Any]) -> Business:
    """Return what a delivery's package is for; a replacement names what it replaces."""
    kind, told = delivery.business_type, delivery.replaces or ""
    replaced = (Replaced(told, (delivery.organ_id or "",)),) if kind == REPLACE else ()
    reason = f"{BUSINESS_NAMES[kind][0]} {told}".strip() if kind else ""
    return Business(kind, told if kind == UPDATE else delivery.exchange_id, reason, replaced=replaced)


def status_of(payload: Mapping[str, Any]) -> StatusLetter:
    """Return a status message out of what the outbox keeps of it (``delivery.send_status``)."""
    about = payload["response_for"]
    issued_on = about.get("promulgation_date")
    origin = payload["from"]
    code = str(payload["status_code"])
    return StatusLetter(
        sender=Organ(origin.get("organ_id") or "", origin.get("organ_name") or ""),
        about=DocumentReference(
            about["organ_id"],
            about.get("code") or "",
            date.fromisoformat(issued_on) if issued_on else None,
            about.get("document_id") or "",
        ),
        code=code,
        description=str(payload.get("description") or EXCHANGE_STATUSES[code].vi)[:500],
        at=datetime.fromisoformat(payload["timestamp"]),
        staff=Staff(name=str((payload.get("staff") or {}).get("name") or "")[:100]),
    )


def sending_key(unit: UnitOfWork, places: SigningPlaces, sender: Organ) -> SigningKey | None:
    """Return the key that a sender's packages are signed with: its own, else that of its contact point."""
    return package_key(places, sender.organ_id) or package_key(places, own_organ(unit).organ_id)


def unknown_contact(organ_id: str, name: str) -> Contact:
    """Return a contact of this installation that the agency's directory does not hold."""
    return Contact(None, organ_id, name)
