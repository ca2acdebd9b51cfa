"""Recalls that come in from the exchange: a package of type 1, or a status 13, or both of one asking (D8b).

Senders say in three ways which document they mean: below ``Bussiness``, as the package's own identifier, or,
in a package that is a letter of its own, by ``ResponseFor``. What counts is what this house got from them.
"""

from __future__ import annotations

from datetime import datetime, time

from handlers.records.description import document_code
from service.actions.correspondents import Parties
from service.actions.intake import Received, take_recall
from service.domain.clock import OFFICE_ZONE
from service.domain.edxml import DOCUMENT_ID_LENGTH, RECALL, RECALL_ASKED, Letter, StatusLetter
from service.domain.errors import Conflict, NotFound
from service.engine.engine import ProcessEngine
from service.storage.unit_of_work import AuditRecord, UnitOfWork


def is_recall(message: Letter | StatusLetter) -> bool:
    """Say whether a message asks for a document back, in either form."""
    if isinstance(message, StatusLetter):
        return message.code == RECALL_ASKED
    return message.business.kind == RECALL


def asking_of(message: Letter | StatusLetter) -> str:
    """Return what names one asking in both its forms, so that the second has no effect; "" if nothing does.

    After a refusal the sender may ask again, at another time. Programs that tell the day only, by midnight,
    are taken at the state of the document alone.
    """
    at = stated_at(message)
    if not is_recall(message) or at is None or at.astimezone(OFFICE_ZONE).time() == time():
        return ""
    return f"recall:{named_document(message)}:{at.isoformat()}"


def stated_at(message: Letter | StatusLetter) -> datetime | None:
    """Return when the sender says that it spoke, if it does."""
    if isinstance(message, StatusLetter):
        return message.at
    return max((line.at for line in message.trace), default=None)


def named_document(message: Letter | StatusLetter) -> str:
    """Return how the log calls the document that is meant."""
    return next((group[0] for group in _meant(message) if group), "")


def take_replaced(engine: ProcessEngine, unit: UnitOfWork, parties: Parties, letter: Letter) -> None:
    """Take back what a new document replaces; what never came, or was returned, needs no recall.

    The new document is taken in any case. Where no process takes the old one back, the clerks are told.
    """
    code = document_code(letter.code_number, letter.code_notation)
    for one in letter.business.replaced:
        meant = [organ for organ in parties.addressed if not one.organ_ids or organ.organ_id in one.organ_ids]
        whose = Parties(parties.sender, meant)
        name = one.document_id[:DOCUMENT_ID_LENGTH]
        try:
            with unit.nested():
                take_recall(engine, unit, whose, name, f"Được thay thế bằng văn bản {code}")
        except NotFound:
            continue
        except Conflict as error:
            if error.code != "document.refused":
                _tell_left_open(unit, name, code, error)


def _tell_left_open(unit: UnitOfWork, document_id: str, code: str, error: Conflict) -> None:
    details = {"document_id": document_id, "by": code, "fault": error.code}
    unit.audit(AuditRecord("packet.replaced_left_open", "document", None, details))
    payload = {"kind": "replaced_left_open", "name": document_id, "note": f"{code}: {error.vi}"}
    unit.send("notice", "role:clerk", payload, f"notice:replaced_left_open:{document_id}:{code}")


def take_asking(
    engine: ProcessEngine, unit: UnitOfWork, parties: Parties, message: Letter | StatusLetter
) -> Received:
    """Let a sender have its document back.

    Raises:
        NotFound: none of the documents that are meant ever arrived.
        Conflict: it was returned before, or no deployed process takes the recall.
    """
    reason = _reason(message)
    for group in _meant(message):
        found = [_try(engine, unit, parties, exchange_id, reason) for exchange_id in group]
        taken = [one for one in found if one is not None]
        if taken:
            return next((one for one in taken if one.outcome != "repeated"), taken[0])
    raise NotFound("packet.unknown_document", "Chưa nhận văn bản này.", "This document never arrived.")


def _meant(message: Letter | StatusLetter) -> list[list[str]]:
    """Return the identifiers of what is meant, in groups; the first group that is known counts."""
    if isinstance(message, StatusLetter):
        groups = [[message.about.document_id]]
    else:
        letter = [one.document_id for one in message.responses]
        groups = [[message.business.document_id], [message.document_id], letter]
    return [[one[:DOCUMENT_ID_LENGTH] for one in dict.fromkeys(group) if one] for group in groups]


def _reason(message: Letter | StatusLetter) -> str:
    if isinstance(message, StatusLetter):
        return message.description or "Bên gửi yêu cầu lấy lại"
    return message.business.reason or "Bên gửi thu hồi văn bản"


def _try(
    engine: ProcessEngine, unit: UnitOfWork, parties: Parties, exchange_id: str, reason: str
) -> Received | None:
    try:
        with unit.nested():
            return take_recall(engine, unit, parties, exchange_id, reason)
    except NotFound as error:
        if error.code != "packet.unknown_document":
            raise
        return None
