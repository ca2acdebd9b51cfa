"""Numbers taken ahead of issue, voided, and a body's scheme of numbering (NĐ 30/2020 Điều 15; S4-5.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert

from handlers.numbering.allotment import NumberGiven, reserve_number
from handlers.numbering.subject import BODY, SCHEME, office_day, read_subject
from handlers.records.document_row import lock_document
from handlers.signing.acts import SIGNATURE
from service.actions.registers import add_addendum, hold_line
from service.domain.errors import Conflict
from service.domain.permissions import require
from service.queries.document_access import standing_of
from service.queries.numbers import SchemeView, read_scheme
from service.storage import register
from service.storage.models import RegistryEntry, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

_ENTRY = table_of(RegistryEntry)
_VOIDED_NOTE: Final = "Số này đã hủy"


@dataclass(frozen=True, slots=True)
class VoidedNumber:
    """A register's line whose number stays taken, with why."""

    entry_id: UUID
    number: int
    state: str
    void_reason: str


def reserve(unit: UnitOfWork, document_id: UUID) -> NumberGiven:
    """Take the next number for an outgoing document before it is issued; asked again, the same is given.

    Raises:
        NotFound: no such document, or not the actor's to see.
        Forbidden: the actor is no clerk or head of office.
        Conflict: it is no outgoing document, its series is closed or its Party body has no term.
    """
    require(unit.actor, "register.reserve")
    standing_of(unit, document_id)
    subject = read_subject(unit, lock_document(unit, document_id))
    return reserve_number(unit, subject, office_day(unit))


def void(unit: UnitOfWork, entry_id: UUID, reason: str) -> VoidedNumber:
    """Void a number with a reason: it stays taken and stands in the register as voided.

    A line that is printed already gets an addendum, so that later prints tell when it was voided.

    Raises:
        NotFound: the agency has no such line.
        Forbidden: the actor is no clerk or head of office.
        InvalidInput: no reason.
        Conflict: it is voided already, or stands on a sealed document: recall or replace that.
    """
    require(unit.actor, "register.void")
    document_id = unit.session.execute(
        select(_ENTRY.c.document_id).where(_ENTRY.c.id == entry_id)
    ).scalar_one_or_none()
    if document_id is not None:
        lock_document(unit, document_id)
        _refuse_if_sealed(unit, document_id, entry_id)
    is_printed = hold_line(unit, entry_id)
    register.void(unit, entry_id, reason)
    if is_printed:
        add_addendum(unit, entry_id, {"note": _VOIDED_NOTE}, reason)
    row = unit.session.execute(select(_ENTRY).where(_ENTRY.c.id == entry_id)).one()
    return VoidedNumber(row.id, row.number, row.state, row.void_reason)


def _refuse_if_sealed(unit: UnitOfWork, document_id: UUID, entry_id: UUID) -> None:
    entry = register.outgoing_entry(unit, document_id)
    if entry is None or entry.id != entry_id or entry.state != "registered":
        return
    sealed = exists().where(
        SIGNATURE.c.document_id == document_id, SIGNATURE.c.act == "seal", SIGNATURE.c.voided_at.is_(None)
    )
    if unit.session.execute(select(sealed)).scalar_one():
        vi = "Số này đã ghi trên văn bản đã đóng dấu; hãy thu hồi hoặc thay thế văn bản."
        en = "This number stands on a sealed document; recall or replace the document instead."
        raise Conflict("number.issued", vi, en)


def choose_scheme(unit: UnitOfWork, body_code: str, *, is_per_type: bool, basis: str) -> SchemeView:
    """Let a State body number each type of administrative document apart, or all in one series.

    Series that have begun keep their numbers; the next number comes from the series chosen.

    Raises:
        Forbidden: the actor may not decide it.
        NotFound: the agency has no such body.
        Conflict: a Party body, whose documents are always numbered by type.
    """
    require(unit.actor, "number_scheme.keep")
    view = read_scheme(unit, body_code)
    if view.side == "party":
        vi = "Văn bản của Đảng luôn đánh số theo từng tên loại trong nhiệm kỳ."
        raise Conflict("number_scheme.party", vi, "Party documents are always numbered by type in a term.")
    body_id = unit.session.execute(select(BODY.c.id).where(BODY.c.code == body_code)).scalar_one()
    chosen = {
        "is_per_type": is_per_type,
        "basis": basis.strip(),
        "changed_at": unit.now,
        "changed_by_id": unit.actor.account_id,
    }
    statement = insert(SCHEME).values(issuing_body_id=body_id, agency_id=unit.actor.agency_id, **chosen)
    unit.session.execute(statement.on_conflict_do_update(index_elements=["issuing_body_id"], set_=chosen))
    details = {"body": body_code, "is_per_type": is_per_type, "basis": basis.strip()}
    unit.audit(AuditRecord("number_scheme.choose", "issuing_body", body_id, details))
    return read_scheme(unit, body_code)
