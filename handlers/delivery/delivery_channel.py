"""The way out of documents: the outbox's row becomes a package and goes by the delivery's channel.

What the row holds is ids; the package is made when it leaves, from the files as they were issued.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select, update

from handlers.contract import RetryLater
from handlers.delivery.contacts import Contact, find_contact
from handlers.delivery.delivery_rows import (
    DOCUMENT_PACKAGE,
    GONE,
    RECALL_PACKAGE,
    RECALL_STATUS,
    RECALLS,
)
from handlers.delivery.letters import (
    business_of,
    letter_of,
    outgoing_files,
    pack_files,
    recall_letter,
    recall_status,
    sending_key,
    unknown_contact,
)
from handlers.delivery.packet_log import PacketNote, note_packet
from handlers.delivery.peers import refusal
from handlers.delivery.wires import Parcel, Wire
from handlers.exchange.edxml_writer import FileContent
from handlers.resources import HandlerResources
from handlers.scanning.release import check_released
from service.domain.delivery import ANSWERING_CHANNELS, SILENCE
from service.domain.dispatch_faults import fault_text
from service.domain.edxml import Letter, StatusLetter
from service.domain.errors import Conflict, Forbidden
from service.storage.blobs import BlobStore
from service.storage.models import Delivery, Document, Outbox, table_of
from service.storage.unit_of_work import UnitOfWork

DELIVERY = table_of(Delivery)
DOCUMENT = table_of(Document)
OUTBOX = table_of(Outbox)
_SCAN_PAUSE: Final = timedelta(seconds=30)


class DeliveryChannel:
    """Sends documents and recalls to their receivers.

    Args:
        wires: the ways out by the delivery's channel.
        resources: the file store and where keys are.
    """

    def __init__(self, wires: Mapping[str, Wire], resources: HandlerResources) -> None:
        self._wires = wires
        self._resources = resources

    def send(self, unit: UnitOfWork, destination: str, payload: Mapping[str, Any], dedupe_key: str) -> None:
        """Hand one document, or the recall of one, to its receiver; what was cancelled meanwhile stays.

        Raises:
            RetryLater: the receiver does not take it now, or an earlier message to it waits.
            PolicyRefusal: it cannot be reached or refuses.
        """
        del destination
        kind = payload["kind"]
        found = select(DELIVERY).where(DELIVERY.c.id == UUID(payload["delivery_id"]))
        delivery = unit.session.execute(found).one()
        is_recall = kind in RECALLS
        if not is_recall and delivery.state not in {"pending", "failed"}:
            return
        if kind == RECALL_STATUS and delivery.recall_state != "asked":
            return  # the package was answered before
        document = unit.session.execute(select(DOCUMENT).where(DOCUMENT.c.id == delivery.document_id)).one()
        if not is_recall and document.status in GONE:
            raise refusal("document.recalled")
        _keep_order(unit, payload, dedupe_key)
        contact = _contact(unit, delivery)
        message, files = self._message(unit, document, delivery, kind)
        signing_key = sending_key(unit, self._resources.signing, message.sender)
        parcel = Parcel(contact, message, dedupe_key, files, signing_key)
        wire = self._wires.get(delivery.channel)
        if wire is None:
            raise refusal("partner.no_channel", delivery.channel)
        wire.carry(unit, parcel)
        _mark_sent(unit, delivery, is_recall=is_recall)
        _note(unit, delivery, document, parcel)

    def _message(
        self, unit: UnitOfWork, document: Row[Any], delivery: Row[Any], kind: str
    ) -> tuple[Letter | StatusLetter, tuple[FileContent, ...]]:
        if kind == RECALL_PACKAGE:
            return recall_letter(unit, document, delivery), ()
        if kind == RECALL_STATUS:
            return recall_status(unit, document, delivery), ()
        rows = outgoing_files(unit, document)
        _require_released(unit, self._resources.blobs, rows)
        files = pack_files(unit, self._resources.blobs, rows)
        return letter_of(unit, document, delivery, files, business_of(delivery)), files


def _require_released(unit: UnitOfWork, blobs: BlobStore, files: Sequence[Row[Any]]) -> None:
    """Let nothing leave that a person here would not be given either (S1-3.3, S3-19.3).

    Raises:
        RetryLater: a file waits for its scan.
        PolicyRefusal: a file is locked.
    """
    for file in files:
        try:
            check_released(unit, blobs, bytes(file.sha256))
        except Conflict:
            raise RetryLater(fault_text("dispatch.waits_for_scan"), _SCAN_PAUSE) from None
        except Forbidden:
            raise refusal("dispatch.locked_file") from None


def _contact(unit: UnitOfWork, delivery: Row[Any]) -> Contact:
    """Return the receiver as the directory has it now.

    Raises:
        PolicyRefusal: it is not there, locked, or has no way to be reached.
    """
    contact = find_contact(unit, delivery.organ_id) if delivery.organ_id else None
    if contact is None:
        if delivery.channel == "internal" and delivery.organ_id:
            return unknown_contact(delivery.organ_id, delivery.receiver_name)
        raise refusal("partner.unknown", delivery.organ_id or delivery.receiver_name)
    if contact.is_locked:
        raise refusal("partner.locked", contact.organ_id)
    return replace(contact, channel=delivery.channel)


def _keep_order(unit: UnitOfWork, payload: Mapping[str, Any], dedupe_key: str) -> None:
    """Let a recall wait until the document itself has left, and its status until its package has.

    Raises:
        RetryLater: until when the document is due.
    """
    before = {RECALL_PACKAGE: [DOCUMENT_PACKAGE], RECALL_STATUS: [DOCUMENT_PACKAGE, RECALL_PACKAGE]}
    kinds = before.get(payload["kind"], [])
    if not kinds:
        return
    earlier = unit.session.execute(
        select(OUTBOX.c.due_at).where(
            OUTBOX.c.channel == "delivery",
            OUTBOX.c.state == "pending",
            OUTBOX.c.dedupe_key != dedupe_key,
            OUTBOX.c.payload["delivery_id"].astext == payload["delivery_id"],
            OUTBOX.c.payload["kind"].astext.in_(kinds),
        )
    ).first()
    if earlier is not None:
        wait = max(timedelta(seconds=1), earlier.due_at - unit.now + timedelta(seconds=1))
        raise RetryLater(fault_text("dispatch.waits"), wait)


def _mark_sent(unit: UnitOfWork, delivery: Row[Any], *, is_recall: bool) -> None:
    answers = delivery.channel in ANSWERING_CHANNELS
    values: dict[str, Any] = {
        "error": None,
        "attempts": delivery.attempts + 1,
        "silent_from": unit.now + SILENCE[delivery.urgency] if answers else None,
        "alerted_at": None,
    }
    if not is_recall:
        values["sent_at"] = unit.now
    this = DELIVERY.c.id == delivery.id
    unit.session.execute(update(DELIVERY).where(this).values(**values))
    if not is_recall:  # the receiver's answer may have come before: it is not overwritten
        waiting = DELIVERY.c.state.in_(("pending", "failed"))
        unit.session.execute(update(DELIVERY).where(this, waiting).values(state="sent"))


def _note(unit: UnitOfWork, delivery: Row[Any], document: Row[Any], parcel: Parcel) -> None:
    message = parcel.message
    note_packet(
        unit,
        PacketNote(
            direction="out",
            kind=parcel.kind,
            via=delivery.channel,
            organ_id=delivery.organ_id or "",
            organ_name=delivery.receiver_name,
            exchange_id=delivery.exchange_id,
            document_code=f"{document.code_number} {document.code_notation}",
            business_type=message.business.kind if isinstance(message, Letter) else None,
            status_code=message.code if isinstance(message, StatusLetter) else None,
            dedupe_key=f"{parcel.dedupe_key}:{delivery.attempts}",
            outcome="sent",
            document_id=document.id,
            delivery_id=delivery.id,
            own_organ_id=message.sender.organ_id or None,
        ),
    )
