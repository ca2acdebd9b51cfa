"""What comes in from the exchange: documents, recalls, replacements, and the statuses of what we sent.

Every package leaves a line in the log, whether or not it found its document; the same package again has no
further effect (its sender and the document's identifier name it). A package is believed when the way it came
says who sent it and its signature is the sender's; without a signature it is taken only from a partner whose
connection allows that, or from an office of this installation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update

from handlers.delivery.contacts import Contact, find_contact
from handlers.delivery.organs import own_organ
from handlers.delivery.packet_log import PACKET, PacketNote, note_packet
from handlers.exchange.archives import ArchiveLimits
from handlers.exchange.edxml_reader import read_message
from handlers.exchange.package_intake import Package, PackageLimits, opened_package
from handlers.exchange.package_signing import PackageVerdict, verify_package
from handlers.exchange.refusals import reading
from handlers.records.description import document_code
from service.actions.correspondents import (
    Parties,
    Sender,
    addressees,
    check_unsigned,
    known_contact,
    not_believed,
)
from service.actions.document_rows import MOST_FILES, FileSource
from service.actions.intake import Received, take_document
from service.actions.recall_intake import (
    asking_of,
    is_recall,
    named_document,
    stated_at,
    take_asking,
    take_replaced,
)
from service.actions.receipts import take_status
from service.domain.edxml import (
    DOCUMENT_ID_LENGTH,
    NEW,
    PRIORITIES,
    REPLACE,
    UPDATE,
    Letter,
    Organ,
    StatusLetter,
)
from service.domain.errors import Forbidden
from service.domain.permissions import require
from service.engine.engine import ProcessEngine
from service.storage.blobs import Readable
from service.storage.unit_of_work import AuditRecord, UnitOfWork

_UNNAMED_TYPE: Final = "Văn bản"
_REPEATED: Final = "repeated"


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a package.

    Attributes:
        outcome: ``started``, ``recalled``, ``replaced``, ``noted`` (a status), ``unknown`` (a status of no
            document of ours) or ``repeated``.
        exchange_id: the document's identifier at its sender.
    """

    packet_id: UUID
    outcome: str
    exchange_id: str
    document_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message, read and believed, on its way into the house.

    Attributes:
        via: ``http``, ``exchange``, ``internal`` or ``upload``.
        sender: as the house knows the office.
        message: what it says.
        files: the main file first.
        dedupe_key: names the message at its sender.
        signature: the verdict, as it is kept.
    """

    via: str
    sender: Sender
    message: Letter | StatusLetter
    dedupe_key: str
    files: tuple[FileSource, ...] = ()
    signature: Mapping[str, Any] | None = None
    sha256: bytes | None = None
    size_bytes: int | None = None


def peer_organ(unit: UnitOfWork) -> str | None:
    """Return the organ id of the partner whose token asks, None if a person or the system asks."""
    login = unit.actor.login
    return login.removeprefix("peer:") if login.startswith("peer:") else None


def receive_package(engine: ProcessEngine, unit: UnitOfWork, source: Readable, via: str) -> Taken:
    """Take an edXML package from a partner's program, from the axis, or from a clerk's hands.

    Raises:
        Forbidden: the actor may not receive; the sender is unknown, locked, or another than its token says.
        InvalidInput: it is no edXML package, or lacks what nothing can be done without.
        PolicyRefusal: ``package.unsigned`` or ``package.signature``: it is not believed.
        TooLarge: over a limit.
        NotFound: the document to be recalled never arrived.
        Conflict: no deployed process takes it, or the document was returned before.
    """
    require(unit.actor, "packet.receive")
    limits = PackageLimits(
        archive=ArchiveLimits(MOST_FILES, engine.resources.handler_resources.blobs.limit_bytes)
    )
    with opened_package(source, limits) as package:
        contact, message, verdict = _read(engine, unit, package)
        files = [(part.name, part.open()) for file in package.files for part in file.parts]
        try:
            incoming = Incoming(
                via,
                Sender(contact.organ_id, contact.name),
                message,
                _key_of(message),
                tuple(FileSource(name, stream) for name, stream in files),
                verdict.as_json(),
                package.sha256,
                package.size_bytes,
            )
            return take_message(engine, unit, incoming)
        finally:
            for _, stream in files:
                stream.close()


def _read(
    engine: ProcessEngine, unit: UnitOfWork, package: Package
) -> tuple[Contact, Letter | StatusLetter, PackageVerdict]:
    """Return who a package is from and what it says, as far as it was signed; errors as of its caller."""
    with reading():
        claimed = read_message(package.root).message
    contact = _contact(unit, claimed)
    verdict = _believe(engine, unit, package, contact)
    message = claimed
    if verdict.signed is not None:
        with reading():
            message = read_message(verdict.signed).message
    if message.sender.organ_id != contact.organ_id:
        raise not_believed("sender", signature=verdict.as_json())
    return contact, message, verdict


def take_message(engine: ProcessEngine, unit: UnitOfWork, incoming: Incoming) -> Taken:
    """Let a believed message have its effect, once; errors as of :func:`receive_package`."""
    parties = _parties(unit, incoming)
    exchange_id = _exchange_id(incoming.message)
    packet_id, is_new = note_packet(unit, _note_of(incoming, parties, own_organ(unit).organ_id))
    is_status = isinstance(incoming.message, StatusLetter)
    if not is_new and (is_status or asking_of(incoming.message)):
        earlier = select(PACKET.c.document_id).where(PACKET.c.id == packet_id)
        return Taken(packet_id, _REPEATED, exchange_id, unit.session.execute(earlier).scalar_one())
    if isinstance(incoming.message, StatusLetter) and not is_recall(incoming.message):
        is_known, document_id = take_status(unit, incoming.sender, incoming.message, packet_id)
        return Taken(packet_id, "noted" if is_known else "unknown", exchange_id, document_id)
    outcome, received = _take_letter(engine, unit, incoming, parties)
    found = {"document_id": received.document_id}
    unit.session.execute(update(PACKET).where(PACKET.c.id == packet_id).values(**found))
    addressed = [organ.organ_id for organ in parties.addressed]
    details = {"sender": incoming.sender.organ_id, "outcome": outcome, "via": incoming.via, "to": addressed}
    unit.audit(AuditRecord("packet.taken", "document", received.document_id, details))
    return Taken(packet_id, outcome, exchange_id, received.document_id)


def _parties(unit: UnitOfWork, incoming: Incoming) -> Parties:
    """Return between whom a message goes.

    Answers about what the office sent, and recalls of what it got, reach a body that was closed meanwhile; a
    recall that names nobody, or the document by its sender, is for whichever of them has it.

    Raises:
        InvalidInput: ``R.MessageHeader.To``: it is for others.
    """
    message = incoming.message
    asks_back = is_recall(message)
    if isinstance(message, StatusLetter):
        named = [message.about.organ_id]
    else:
        named = [receiver.organ_id for receiver in message.receivers]
    nobody = {"", message.sender.organ_id} if asks_back else {""}
    told = [organ_id for organ_id in named if organ_id not in nobody]
    is_about_earlier = asks_back or isinstance(message, StatusLetter)
    parties = Parties(incoming.sender, addressees(unit, told, with_closed=is_about_earlier))
    return parties.for_all(unit) if asks_back and not told else parties


def _contact(unit: UnitOfWork, message: Letter | StatusLetter) -> Contact:
    """Return the sender as the house knows it.

    A partner's program speaks for that partner, and for those whose contact point the partner is (S3-16).

    Raises:
        Forbidden: unknown, locked, or another than the token's.
    """
    organ_id = message.sender.organ_id
    peer = peer_organ(unit)
    if peer is not None and peer != organ_id:
        found = find_contact(unit, organ_id)
        if found is None or found.contact_point != peer:
            raise Forbidden(
                "packet.other_sender",
                "Mã định danh bên gửi không phải của đơn vị đang kết nối.",
                "The sender's identifier is not that of the office which connects.",
            )
    return known_contact(unit, organ_id)


def _believe(engine: ProcessEngine, unit: UnitOfWork, package: Package, contact: Contact) -> PackageVerdict:
    """Return the verdict on a package that may be taken.

    Raises:
        PolicyRefusal: it is unsigned and must not be, or its signature is not the sender's.
    """
    resources = engine.resources.handler_resources
    with reading():
        verdict = verify_package(
            package.root,
            package.files,
            senders=frozenset({contact.organ_id, contact.contact_point} - {""}),
            pinned=contact.pinned_certificate,
            trust_dir=resources.trust_dir,
            moment=unit.now,
        )
    if verdict.integrity == "none":
        check_unsigned(unit, contact, signature=verdict.as_json())
    elif not verdict.is_valid:
        raise not_believed("signature", signature=verdict.as_json())
    return verdict


def _exchange_id(message: Letter | StatusLetter) -> str:
    """Return the identifier of the document that a message is about, as long as the house keeps it."""
    if is_recall(message):
        return named_document(message)
    told = message.about.document_id if isinstance(message, StatusLetter) else message.document_id
    return told[:DOCUMENT_ID_LENGTH]


def _key_of(message: Letter | StatusLetter) -> str:
    """Return what names a message at its sender: the same document again is the same message."""
    asking = asking_of(message)
    if asking:
        return asking
    if isinstance(message, Letter):
        return f"edoc:{message.business.kind}:{_exchange_id(message)}"
    at = message.at.isoformat() if message.at else ""
    told = f"{message.about.document_id}|{message.about.code}|{message.code}|{at}|{message.description}"
    return f"status:{hashlib.sha256(told.encode()).hexdigest()}"


def internal_key(message: Letter | StatusLetter) -> str:
    """Return the same for a message that comes from an office of this installation."""
    return _key_of(message)


def _note_of(incoming: Incoming, parties: Parties, own: str) -> PacketNote:
    """Return the line of the log; the same letter for another of our bodies is another message."""
    message = incoming.message
    addressed = [organ.organ_id for organ in parties.addressed]
    others = [organ_id for organ_id in addressed if organ_id != own]
    key = incoming.dedupe_key
    if is_recall(message):
        key += f":{','.join(addressed)}"
    elif others and isinstance(message, Letter):
        key += f":{','.join(others)}"
    note = PacketNote(
        "in",
        "status" if isinstance(message, StatusLetter) else "edoc",
        incoming.via,
        incoming.sender.organ_id,
        key,
        "taken",
        organ_name=incoming.sender.name,
        exchange_id=_exchange_id(message),
        sha256=incoming.sha256,
        size_bytes=incoming.size_bytes,
        signature=dict(incoming.signature) if incoming.signature else None,
        own_organ_id=addressed[0] or None,
    )
    if isinstance(message, StatusLetter):
        return replace(
            note,
            status_code=message.code,
            description=message.description,
            document_code=message.about.code,
            stated_at=stated_at(message),
        )
    code = document_code(message.code_number, message.code_notation)
    return replace(
        note,
        business_type=message.business.kind,
        description=message.business.reason,
        document_code=code,
        stated_at=stated_at(message),
    )


def _take_letter(
    engine: ProcessEngine, unit: UnitOfWork, incoming: Incoming, parties: Parties
) -> tuple[str, Received]:
    message = incoming.message
    if isinstance(message, StatusLetter) or is_recall(message):
        received = take_asking(engine, unit, parties, message)
        return received.outcome, received
    received = take_document(engine, unit, parties, _document(message, incoming), incoming.files)
    if message.business.kind == REPLACE and received.outcome == "started":
        take_replaced(engine, unit, parties, message)
        return "replaced", received
    return received.outcome, received


def _document(letter: Letter, incoming: Incoming) -> dict[str, Any]:
    """Return the metadata of a letter under our names; what the letter lacks the clerk sees as a finding."""
    business = letter.business
    intake: dict[str, Any] = {"via": incoming.via, "business_type": business.kind or None}
    if business.kind == UPDATE:
        intake["updates"] = business.document_id or None
    if business.kind == REPLACE:
        intake["replaces"] = [one.document_id for one in business.replaced]
    if incoming.signature and incoming.signature.get("signer"):
        intake["package_signer"] = incoming.signature["signer"]
    return {
        "type_name": letter.type_name or letter.type_detail or _UNNAMED_TYPE,
        "code_number": letter.code_number[:11],
        "code_notation": letter.code_notation[:30],
        "issued_on": letter.promulgated_on.isoformat() if letter.promulgated_on else None,
        "organ_name": (letter.sender.name or incoming.sender.name)[:200],
        "subject": (letter.subject or letter.content or "(Không có trích yếu)")[:500],
        "description": letter.content[:500] if letter.subject else "",
        "signer_position": letter.signer_position[:100],
        "signer_name": letter.signer_name[:50],
        "to_places": "; ".join(letter.to_places)[:1000],
        "urgency": PRIORITIES[letter.priority] if letter.priority in range(len(PRIORITIES)) else "normal",
        "due_on": letter.due_on.isoformat() if letter.due_on else None,
        "page_amount": letter.pages if letter.pages and letter.pages < 1000 else None,  # noqa: PLR2004 - three digits (NĐ30 Phụ lục VI)
        "exchange_id": letter.document_id[:DOCUMENT_ID_LENGTH],
        "intake": intake,
    }


def local_sender(unit: UnitOfWork, organ: Organ) -> Sender:
    """Return an office of this installation as a sender, whether or not the directory holds it.

    Raises:
        Forbidden: exchange with it is locked.
    """
    if find_contact(unit, organ.organ_id) is None:
        return Sender(organ.organ_id, organ.name)
    contact = known_contact(unit, organ.organ_id)
    return Sender(contact.organ_id, contact.name)


__all__ = [
    "NEW",
    "Incoming",
    "Taken",
    "internal_key",
    "local_sender",
    "peer_organ",
    "receive_package",
    "take_message",
]
