"""``record.register``: the arrival number, in the transaction that registers (S0-6.2, S0-6.3)."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import Row, select

from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.parameters import DOCUMENT_ID
from handlers.records.description import document_code
from handlers.records.document_row import change_document, lock_document, trace_line
from service.domain.clock import OFFICE_ZONE
from service.domain.errors import InvalidInput
from service.domain.numbering import arrival_code, arrival_series
from service.domain.records import check_metadata, clean_metadata, read_date
from service.storage.models import Agency, table_of
from service.storage.register import enter
from service.storage.unit_of_work import UnitOfWork

_AGENCY = table_of(Agency)
_CONFIRMED = (
    "type_name",
    "code_number",
    "code_notation",
    "organ_name",
    "organ_id",
    "subject",
    "signer_position",
    "signer_name",
    "to_places",
    "description",
    "page_amount",
    "urgency",
)
_NULLABLE = frozenset({"organ_id", "page_amount"})


class RegisterDocument:
    """Takes the confirmed metadata over, allots the next arrival number and writes the register's line."""

    operation: ClassVar[str] = "record.register"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (
        DOCUMENT_ID,
        Parameter("metadata", False, "Thông tin đã xác nhận.", "The confirmed metadata."),
        Parameter("legal_value", False, "original hoặc reference_only.", "original or reference_only."),
        Parameter("issuing_body", False, "Cơ quan có sổ đến.", "Whose register; default the agency's code."),
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{arrival_number, arrival_code, arrival_on}``; the same again if registered.

        Raises:
            InvalidInput: the metadata breaks a length or lacks a field.
            Conflict: the register is closed, or the document may not be registered any more.
        """
        document = lock_document(context.unit, params["document_id"])
        if document.arrival_number is not None:
            return _answer(document.arrival_number, document.arrival_on)
        metadata = _checked(params.get("metadata") or {}, document)
        legal_value = params.get("legal_value") or "reference_only"
        today = context.unit.now.astimezone(OFFICE_ZONE).date()
        body = params.get("issuing_body") or context.unit.actor.agency_code
        key = arrival_series(body, document.secrecy, context.unit.now)
        allotted = enter(context.unit, key, document.id, _columns(document, metadata, today.isoformat()))
        line = trace_line(context, "registered", number=allotted.number, legal_value=legal_value)
        change_document(
            context,
            document,
            line,
            **metadata,
            arrival_number=allotted.number,
            arrival_on=today,
            legal_value=legal_value,
        )
        return _answer(allotted.number, today)


def agency_name(unit: UnitOfWork) -> str:
    """Return the name of the actor's agency."""
    statement = select(_AGENCY.c.name).where(_AGENCY.c.id == unit.actor.agency_id)
    return str(unit.session.execute(statement).scalar_one())


def _checked(given: Json, document: Row[Any]) -> Json:
    values = {name: getattr(document, name) for name in (*_CONFIRMED, "secrecy", "category")}
    values |= {name: given[name] for name in _CONFIRMED if given.get(name) is not None}
    values["issued_on"] = given.get("issued_on") or document.issued_on
    cleaned = clean_metadata(values)
    findings = check_metadata(cleaned)
    if findings:
        vi, en = "Thông tin đăng ký chưa đúng.", "The metadata to be registered is not right."
        raise InvalidInput("document.metadata", vi, en, findings)
    confirmed = {name: cleaned[name] for name in _CONFIRMED}
    for name in _CONFIRMED:
        if confirmed[name] is None and name not in _NULLABLE:
            confirmed[name] = ""
    return confirmed | {"issued_on": read_date(cleaned["issued_on"])}


def _columns(document: Row[Any], metadata: Json, arrived_on: str) -> Json:
    """Return the columns of the register of incoming documents (NĐ30 Phụ lục IV); no secret abstracts."""
    issued_on = metadata["issued_on"]
    is_secret = document.secrecy != "none"
    return {
        "arrival_on": arrived_on,
        "author": metadata["organ_name"],
        "code": document_code(metadata["code_number"], metadata["code_notation"]),
        "issued_on": issued_on.isoformat() if issued_on else None,
        "type_name": metadata["type_name"],
        "subject": None if is_secret else metadata["subject"],
        "recipient": None,
        "transferred_on": None,
        "receipt": None,
        "note": metadata["description"] or None,
    }


def _answer(number: int, on: Any) -> Json:
    return {"arrival_number": number, "arrival_code": arrival_code(number), "arrival_on": on.isoformat()}
