"""What a number depends on: the document, who issues it, of which type, under which scheme or term."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, cast
from uuid import UUID

from sqlalchemy import Row, or_, select

from handlers.records.signers import Body, Signer, cosigners_of, joint_bodies
from service.domain.clock import OFFICE_ZONE
from service.domain.document_profiles import profile_from
from service.domain.errors import Conflict
from service.domain.numbering import (
    Family,
    NumberingBody,
    OutgoingCode,
    SeriesKey,
    outgoing_code,
    outgoing_series,
)
from service.storage.models import Draft, IssuingBody, IssuingBodyTerm, NumberScheme, Unit, table_of
from service.storage.unit_of_work import UnitOfWork

DRAFT = table_of(Draft)
BODY = table_of(IssuingBody)
SCHEME = table_of(NumberScheme)
_TERM = table_of(IssuingBodyTerm)
_UNIT = table_of(Unit)
_FAMILIES: tuple[Family, ...] = ("normative", "congress")


@dataclass(frozen=True, slots=True)
class NumberSubject:
    """An outgoing document on its way to a number.

    Attributes:
        document: its row.
        body_id: of the issuing body.
        body_name: of the issuing body.
        body: as far as numbers depend on it.
        type_code: of the document's type; it names the series.
        symbol: of the type as the number's notation writes it, "" where it does not.
        is_numbered: whether documents of this type get a number.
        unit_notation: of the unit that drafted it.
        family: administrative, normative or of a congress.
        cosigners: who sign after the draft's own signer, in order.
    """

    document: Row[Any]
    body_id: UUID
    body_name: str
    body: NumberingBody
    type_code: str
    symbol: str
    is_numbered: bool
    unit_notation: str
    family: Family
    cosigners: tuple[Signer, ...] = ()

    @property
    def joint(self) -> tuple[Body, ...]:
        """Return the bodies that issue it too, in the order of their seals; the number is not theirs."""
        return joint_bodies(self.cosigners, self.body_id)

    def series(self, on: date) -> SeriesKey:
        """Return the counter for a number given on a day.

        Raises:
            Conflict: ``numbering.no_term``, or ``number.not_numbered``.
        """
        if not self.is_numbered:
            vi = "Loại văn bản này không cấp số."
            raise Conflict("number.not_numbered", vi, "Documents of this type get no number.")
        return outgoing_series(
            self.body, self.type_code, on=on, secrecy=self.document.secrecy, family=self.family
        )

    def code(self, number: int, on: date) -> OutgoingCode:
        """Return number and symbol as written on the document; joint bodies follow the own in the symbol."""
        notation = "-".join((self.body.notation, *(one.notation for one in self.joint)))
        body = replace(self.body, notation=notation)
        return outgoing_code(
            body, self.symbol, number, on=on, unit_notation=self.unit_notation, family=self.family
        )


def read_subject(unit: UnitOfWork, document: Row[Any]) -> NumberSubject:
    """Return what the number of an outgoing document depends on today.

    Raises:
        Conflict: ``document.not_drafted``, it is not one that a body of this agency issues; or
            ``issuing_body.closed``.
        InvalidInput: its form or type is not on record.
    """
    today = office_day(unit)
    row = unit.session.execute(
        select(
            DRAFT,
            BODY.c.code.label("body_code"),
            BODY.c.name.label("body_name"),
            BODY.c.notation,
            BODY.c.side,
            BODY.c.term,
            BODY.c.closed_at,
            SCHEME.c.is_per_type,
            _UNIT.c.code.label("unit_code"),
        )
        .join(BODY, BODY.c.id == DRAFT.c.issuing_body_id)
        .outerjoin(SCHEME, SCHEME.c.issuing_body_id == BODY.c.id)
        .outerjoin(_UNIT, _UNIT.c.id == DRAFT.c.drafting_unit_id)
        .where(DRAFT.c.document_id == document.id),
    ).one_or_none()
    if row is None:
        vi = "Văn bản này không phải văn bản đi được soạn trong hệ thống."
        raise Conflict("document.not_drafted", vi, "This is no outgoing document drafted here.")
    if row.closed_at is not None:
        vi, en = "Cơ quan ban hành đã ngừng hoạt động.", "The issuing body is closed."
        raise Conflict("issuing_body.closed", vi, en)
    side = cast("Literal['state', 'party']", row.side)
    term = _term_on(unit, row.issuing_body_id, today) or row.term
    body = NumberingBody(row.body_code, row.notation, side, term, is_per_type=bool(row.is_per_type))
    family = row.fields.get("number_family")
    kind = profile_from(row.profile, row.profile_from).type_of(row.type_code)
    return NumberSubject(
        document=document,
        body_id=row.issuing_body_id,
        body_name=row.body_name,
        body=body,
        type_code=row.type_code,
        symbol=kind.code if kind.in_notation else "",
        is_numbered=kind.is_numbered,
        unit_notation=str(row.fields.get("unit_notation") or _initials(row.unit_code)),
        family=family if family in _FAMILIES else "administrative",
        cosigners=cosigners_of(unit, document.id),
    )


def office_day(unit: UnitOfWork) -> date:
    """Return today at the office."""
    return unit.now.astimezone(OFFICE_ZONE).date()


def _term_on(unit: UnitOfWork, body_id: UUID, on: date) -> str | None:
    statement = select(_TERM.c.term).where(
        _TERM.c.body_id == body_id,
        _TERM.c.from_on <= on,
        or_(_TERM.c.to_on.is_(None), _TERM.c.to_on >= on),
    )
    return unit.session.execute(statement.order_by(_TERM.c.from_on.desc()).limit(1)).scalar()


def _initials(unit_code: str | None) -> str:
    """Return a unit's notation where none is given: ``tong_hop`` gives ``TH``."""
    return "".join(part[0] for part in (unit_code or "").split("_") if part).upper()
