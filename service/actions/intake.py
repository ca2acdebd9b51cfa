"""Packets from the exchange: a new document, or the recall of one, from a registered partner (S3-18.1a).

A packet is JSON with its files in base64 and the fields of the edXML header under our names. The same packet
again has no further effect: the sender's identifier finds what the first one did. It carries no signature, so
that it is taken only where an unsigned package would be.
"""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import or_, select, text, update

from handlers.delivery.contacts import find_contact
from handlers.delivery.organs import own_organs
from service.actions.attestations import BY_SENDER, ObjectKind, note_attestations
from service.actions.correspondents import Parties, Sender, addressees, check_unsigned, known_contact
from service.actions.document_rows import (
    DOCUMENT,
    FileSource,
    KeptFile,
    check_file_count,
    insert_document,
    policy_answer,
    store_files,
)
from service.actions.messages import Message, correlate
from service.domain.edxml import Organ
from service.domain.errors import Conflict, Finding, InvalidInput, NotFound
from service.domain.permissions import require
from service.domain.records import TEXT_FIELDS, check_metadata, clean_metadata
from service.engine.engine import ProcessEngine
from service.storage.unit_of_work import AuditRecord, UnitOfWork

_NAME_CHARACTERS: Final = 200
_HIDDEN_SUBJECT: Final = "(Nội dung không được lưu)"
_TEXTS: Final = frozenset(field.name for field in TEXT_FIELDS)
_TAKEN: Final = _TEXTS | {"urgency", "secrecy", "category", "issued_on", "due_on", "page_amount"}


@dataclass(frozen=True, slots=True)
class Received:
    """What came of a packet.

    Attributes:
        outcome: ``started``, ``recalled``, or ``repeated`` (the packet had its effect before).
        instance_id: of the incoming process, if it is known.
    """

    outcome: Literal["started", "recalled", "repeated"]
    document_id: UUID
    instance_id: UUID | None


def receive_packet(engine: ProcessEngine, unit: UnitOfWork, packet: Mapping[str, Any]) -> Received:
    """Take a packet of kind ``new`` or ``recall``.

    ``{"kind": "new", "from": {"organ_id"}, "document": {metadata, "exchange_id"}, "files":
    [{"file_name", "content"}]}``, or ``{"kind": "recall", "from": {"organ_id"}, "exchange_id", "reason"}``;
    with ``"to": {"organ_id"}``, which of the agency and its bodies it is for. A document that the content
    policy refuses is taken without its files and abstract, so that the process can tell the sender.

    Raises:
        Forbidden: the sender is no registered partner, or locked, or the actor may not receive.
        PolicyRefusal: ``package.unsigned``: the sender must sign, which a packet cannot be.
        InvalidInput: the packet is malformed, or addressed to somebody else; pointers into the packet.
        TooLarge: a file is over the limit.
        NotFound: the recalled document never arrived.
        Conflict: no deployed process takes the packet.
    """
    require(unit.actor, "packet.receive")
    contact = known_contact(unit, _organ_id(packet, "from", "packet.sender"))
    check_unsigned(unit, contact)
    is_recall = packet.get("kind") == "recall"
    named = [] if packet.get("to") is None else [_organ_id(packet, "to", "packet.receiver")]
    sender = Sender(contact.organ_id, contact.name)
    parties = Parties(sender, addressees(unit, named, with_closed=is_recall))
    if is_recall:
        return _receive_recall(engine, unit, parties, packet)
    if packet.get("kind") == "new":
        return _receive_new(engine, unit, parties, packet)
    vi, en = "Loại gói tin phải là new hoặc recall.", "The kind of a packet is new or recall."
    raise InvalidInput("packet.kind", vi, en, [Finding("packet.kind", vi, en, "/kind")])


def _organ_id(packet: Mapping[str, Any], side: str, code: str) -> str:
    """Return the identifier that a packet gives of its sender or receiver.

    Raises:
        InvalidInput: there is none.
    """
    origin = packet.get(side)
    organ_id = origin.get("organ_id") if isinstance(origin, Mapping) else None
    if not isinstance(organ_id, str) or not organ_id:
        vi, en = ("gửi", "sender") if side == "from" else ("nhận", "receiver")
        vi, en = f"Thiếu mã định danh bên {vi}.", f"The {en}'s identifier is missing."
        raise InvalidInput(code, vi, en, [Finding(code, vi, en, f"/{side}/organ_id")])
    return organ_id


def _receive_new(
    engine: ProcessEngine, unit: UnitOfWork, parties: Parties, packet: Mapping[str, Any]
) -> Received:
    given = packet.get("document")
    given = given if isinstance(given, Mapping) else {}
    return take_document(engine, unit, parties, given, _files(packet.get("files") or []))


def take_document(
    engine: ProcessEngine,
    unit: UnitOfWork,
    parties: Parties,
    given: Mapping[str, Any],
    files: Sequence[FileSource],
) -> Received:
    """Keep a sender's document and start the incoming process; the same one again changes nothing.

    Each of the office's bodies that it is addressed to gets it as a document of its own, with its own
    arrival, handling and answers; what is returned is the first one's.

    Args:
        engine: starts the process.
        unit: of whoever received it.
        parties: the sender, known to the house, and for whom it is.
        given: metadata under our names, with ``exchange_id``; further facts for the trace under ``intake``.
        files: the main file first.

    Raises:
        InvalidInput: what cannot be stored; pointers below ``/document`` and ``/files``.
        TooLarge: a file is over the limit.
        Conflict: no deployed process takes it.
    """
    sender = parties.sender
    metadata = _metadata(given, sender)
    _check(metadata, files)
    found = [_lock_known(unit, sender, organ, metadata["exchange_id"]) for organ in parties.addressed]
    known = [row for row in found if row is not None and row.status != "refused"]
    if len(known) == len(found):  # what was returned may be sent again
        return Received("repeated", known[0].id, known[0].instance_id)
    resources = engine.resources.handler_resources
    is_no_copy = given.get("is_no_copy") is True
    answer = policy_answer(resources, metadata, is_no_copy=is_no_copy, is_exchange=True)
    if answer.decision == "refuse":
        metadata |= {"subject": _HIDDEN_SUBJECT, "description": ""}
    kept = store_files(unit, resources.blobs, files) if answer.decision == "allowed" else []
    intake = {"is_no_copy": is_no_copy or None, "sender": sender.organ_id, "clause": answer.clause}
    intake |= given.get("intake") or {}
    arrival = _Arrival(metadata, kept, intake, sender)
    new = [
        organ
        for organ, row in zip(parties.addressed, found, strict=True)
        if row is None or row.status == "refused"
    ]
    started = [_start(engine, unit, arrival, organ) for organ in new]
    return started[0]


@dataclass(frozen=True, slots=True)
class _Arrival:
    """What a document that arrives is made of, for whichever organ."""

    metadata: Mapping[str, Any]
    files: Sequence[KeptFile]
    intake: Mapping[str, Any]
    sender: Sender


def _start(engine: ProcessEngine, unit: UnitOfWork, arrival: _Arrival, addressed: Organ) -> Received:
    """Write the document of one addressee and start its process."""
    document_id = insert_document(
        unit, arrival.metadata, arrival.files, channel="exchange", intake=arrival.intake
    )
    values = {
        "addressed_organ_id": addressed.organ_id or None,
        "addressed_name": addressed.name[:_NAME_CHARACTERS],
    }
    unit.session.execute(update(DOCUMENT).where(DOCUMENT.c.id == document_id).values(**values))
    owner: tuple[ObjectKind, UUID] = ("document", document_id)
    told = {"statement": BY_SENDER, "organ_id": arrival.sender.organ_id}
    zone = engine.resources.handler_resources.zone
    note_attestations(unit, zone, arrival.files, owner, **told)
    message = Message("document_arrived", None, {"document_id": str(document_id)}, str(document_id))
    return Received("started", document_id, correlate(engine, unit, message).instance_id)


def _metadata(given: Mapping[str, Any], sender: Sender) -> dict[str, Any]:
    taken = {name: value for name, value in given.items() if name in _TAKEN}
    taken["organ_id"] = sender.organ_id
    taken["organ_name"] = taken.get("organ_name") or sender.name
    return clean_metadata(taken)


def _files(entries: Any) -> list[FileSource]:
    if not isinstance(entries, list):
        vi, en = "“files” phải là danh sách.", "“files” must be a list."
        raise InvalidInput("packet.files", vi, en, [Finding("packet.files", vi, en, "/files")])
    files: list[FileSource] = []
    findings: list[Finding] = []
    for index, entry in enumerate(entries):
        content = _decoded(entry)
        if content is None:
            vi, en = "Tệp phải có tên và nội dung base64.", "A file needs a name and its content in base64."
            findings.append(Finding("packet.file", vi, en, f"/files/{index}"))
        else:
            files.append(FileSource(str(entry["file_name"]), io.BytesIO(content)))
    if findings:
        vi, en = "Có tệp trong gói tin bị hỏng.", "A file in the packet is damaged."
        raise InvalidInput("packet.file", vi, en, findings)
    return files


def _decoded(entry: Any) -> bytes | None:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("file_name"), str):
        return None
    content = entry.get("content")
    if not isinstance(content, str):
        return None
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        return None


def _check(metadata: Mapping[str, Any], files: Sequence[FileSource]) -> None:
    """Refuse what cannot be stored; what S3-12.4 misses is shown to the clerk instead, who may refuse it."""
    findings = [
        Finding(one.code, one.vi, one.en, f"/document{one.pointer}") for one in check_metadata(metadata)
    ]
    if not metadata.get("exchange_id"):
        vi, en = "Thiếu mã văn bản của bên gửi.", "The sender's document identifier is missing."
        findings.append(Finding("packet.exchange_id", vi, en, "/document/exchange_id"))
    findings += check_file_count(files)
    if findings:
        vi, en = "Gói tin chưa đúng quy cách.", "The packet is malformed."
        raise InvalidInput("packet.invalid", vi, en, findings)


def _lock_known(unit: UnitOfWork, sender: Sender, addressed: Organ, exchange_id: str) -> Any:
    """Return the document that this sender sent to this organ under this identifier, or None.

    Two copies of one packet at the same moment follow each other: a lock on sender and identifier, to the end
    of the transaction, comes before the look. A document for an identifier that the office has no more counts
    for each that it has.
    """
    key = f"packet:{unit.actor.agency_id}:{sender.organ_id}:{exchange_id}"
    unit.session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})
    others = own_organs(unit, with_closed=True).keys() - {addressed.organ_id}
    to = DOCUMENT.c.addressed_organ_id
    statement = (
        select(DOCUMENT.c.id, DOCUMENT.c.instance_id, DOCUMENT.c.status)
        .where(
            DOCUMENT.c.exchange_id == exchange_id,
            DOCUMENT.c.organ_id == sender.organ_id,
            DOCUMENT.c.channel == "exchange",
            or_(to.is_(None), to.not_in(sorted(others))),
        )
        .order_by(DOCUMENT.c.created_at.desc())
        .limit(1)
    )
    return unit.session.execute(statement).one_or_none()


def _receive_recall(
    engine: ProcessEngine, unit: UnitOfWork, parties: Parties, packet: Mapping[str, Any]
) -> Received:
    exchange_id, reason = packet.get("exchange_id"), packet.get("reason")
    if not isinstance(exchange_id, str) or not isinstance(reason, str) or not reason.strip():
        vi, en = "Thiếu mã văn bản hoặc lý do thu hồi.", "The document's identifier or the reason is missing."
        raise InvalidInput("packet.recall", vi, en, [Finding("packet.recall", vi, en, "/reason")])
    is_for_all = packet.get("to") is None
    return take_recall(engine, unit, parties.for_all(unit) if is_for_all else parties, exchange_id, reason)


def take_recall(
    engine: ProcessEngine, unit: UnitOfWork, parties: Parties, exchange_id: str, reason: str
) -> Received:
    """Let the sender have a document back: its process is interrupted, or a process of its own begins.

    Where several of the office's bodies were sent it, each of those that are addressed gives it back; what is
    returned is the first one's.

    Raises:
        NotFound: it never arrived.
        Conflict: it was returned before, or no deployed process takes the recall.
    """
    found = [_lock_known(unit, parties.sender, organ, exchange_id) for organ in parties.addressed]
    known = {row.id: row for row in found if row is not None}
    if not known:
        raise NotFound("packet.unknown_document", "Chưa nhận văn bản này.", "This document never arrived.")
    open_rows = [row for row in known.values() if row.status != "refused"]
    if not open_rows:
        raise Conflict(
            "document.refused", "Văn bản đã bị từ chối, trả lại.", "The document was returned before."
        )
    taken = [_recall_one(engine, unit, parties.sender, row, reason) for row in open_rows]
    return next((one for one in taken if one.outcome != "repeated"), taken[0])


def _recall_one(engine: ProcessEngine, unit: UnitOfWork, sender: Sender, known: Any, reason: str) -> Received:
    if known.status in {"recall_pending", "recalled", "deleted"}:
        return Received("repeated", known.id, known.instance_id)
    contact = find_contact(unit, sender.organ_id)
    payload = {
        "reason": reason.strip()[:500],
        "sender": sender.name,
        "asked_at": unit.now.isoformat(),
        "document_id": str(known.id),
        "may_refuse": contact is not None and contact.may_refuse_recall,
    }
    unit.audit(AuditRecord("document.recall_asked", "document", known.id, {"sender": sender.organ_id}))
    progress = correlate(engine, unit, Message("document_recalled", str(known.id), payload, str(known.id)))
    return Received("recalled", known.id, progress.instance_id)
