"""Who signs an outgoing document, in order, and which bodies issue it (NĐ 30/2020 Điều 13; HD 36-HD/VPTW).

The draft names the first signer itself; a document that several sign has rows for those after them. Whoever
signs as the second signs into the field ``leader_2``; the second body seals into ``seal_2``. The body of the
draft leads: number, date and register are its.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, literal, select

from service.domain.signatures import SlotKind, numbered
from service.storage.models import (
    Account,
    Document,
    DocumentSignature,
    Draft,
    DraftCosigner,
    IssuingBody,
    table_of,
)
from service.storage.unit_of_work import UnitOfWork

COSIGNER: Final = table_of(DraftCosigner)
_DRAFT = table_of(Draft)
_DOCUMENT = table_of(Document)
_ACCOUNT = table_of(Account)
_BODY = table_of(IssuingBody)
_SIGNATURE = table_of(DocumentSignature)


@dataclass(frozen=True, slots=True)
class Body:
    """A body that issues a document, alone or with others.

    Attributes:
        id: of its row.
        code: unique in the agency.
        name: as the heading names it.
        notation: what stands for it in a symbol.
        superior_name: of the body above it, or empty.
    """

    id: UUID
    code: str
    name: str
    notation: str
    superior_name: str


@dataclass(frozen=True, slots=True)
class Signer:
    """One who signs as a person in authority.

    Attributes:
        ordinal: place in the order of signing, from 1.
        account_id: of the person.
        login: of the person.
        name: as printed.
        position: as printed.
        capacity: code of the capacity, ``''`` for the head.
        words: ``{collective, principal, deputy_of}``, for whom or in whose place they sign.
        body: that they sign for; its seal stands over the signature of its first signer.
    """

    ordinal: int
    account_id: UUID
    login: str
    name: str
    position: str
    capacity: str
    words: Mapping[str, str]
    body: Body

    @property
    def field(self) -> str:
        """Return the field of the file that they sign into."""
        return numbered(SlotKind.LEADER, self.ordinal)


def signers_of(unit: UnitOfWork, document_id: UUID) -> tuple[Signer, ...]:
    """Return everyone who signs, in order; a draft whose own signer is not named yet begins at the second."""
    return (*_own_signer(unit, document_id), *cosigners_of(unit, document_id))


def cosigners_of(unit: UnitOfWork, document_id: UUID) -> tuple[Signer, ...]:
    """Return those who sign after the draft's own signer, in order."""
    columns = (COSIGNER.c.ordinal, COSIGNER.c.name, COSIGNER.c.position, COSIGNER.c.capacity)
    statement = _with_people(*columns, COSIGNER.c.words, who=COSIGNER.c.account_id, where=COSIGNER)
    found = statement.where(COSIGNER.c.document_id == document_id).order_by(COSIGNER.c.ordinal)
    return tuple(_signer(row) for row in unit.session.execute(found))


def _own_signer(unit: UnitOfWork, document_id: UUID) -> tuple[Signer, ...]:
    columns: tuple[Any, ...] = (
        literal(1, Integer).label("ordinal"),
        _DOCUMENT.c.signer_name.label("name"),
        _DRAFT.c.signer_position.label("position"),
        _DRAFT.c.capacity,
        _DRAFT.c.fields["signing"].label("words"),
    )
    statement = _with_people(*columns, who=_DRAFT.c.signer_id, where=_DRAFT)
    found = statement.join(_DOCUMENT, _DOCUMENT.c.id == _DRAFT.c.document_id)
    rows = unit.session.execute(found.where(_DRAFT.c.document_id == document_id))
    return tuple(_signer(row) for row in rows)


def _with_people(*columns: Any, who: ColumnElement[Any], where: Any) -> Select[Any]:
    bodies = (_BODY.c.code, _BODY.c.name.label("body_name"), _BODY.c.notation, _BODY.c.superior_name)
    people = (_ACCOUNT.c.id.label("account_id"), _ACCOUNT.c.login)
    return (
        select(*columns, *people, _BODY.c.id.label("body_id"), *bodies)
        .select_from(where)
        .join(_ACCOUNT, _ACCOUNT.c.id == who)
        .join(_BODY, _BODY.c.id == where.c.issuing_body_id)
    )


def _signer(row: Any) -> Signer:
    return Signer(
        ordinal=row.ordinal,
        account_id=row.account_id,
        login=row.login,
        name=row.name,
        position=row.position,
        capacity=row.capacity,
        words=row.words or {},
        body=Body(row.body_id, row.code, row.body_name, row.notation, row.superior_name),
    )


def joint_bodies(cosigners: Iterable[Signer], lead_id: UUID) -> tuple[Body, ...]:
    """Return the bodies that issue a document beside the one that leads, each once, in order."""
    found = {one.body.id: one.body for one in cosigners if one.body.id != lead_id}
    return tuple(found.values())


def signed_by(unit: UnitOfWork, document_id: UUID) -> frozenset[UUID]:
    """Return the accounts whose signature as a person in authority stands on the document."""
    found = _standing(document_id, "leader", _SIGNATURE.c.account_id)
    return frozenset(unit.session.execute(found).scalars())


def sealed_by(unit: UnitOfWork, document_id: UUID) -> frozenset[UUID]:
    """Return the bodies whose seal stands on the document."""
    of_bodies = _standing(document_id, "seal", _SIGNATURE.c.issuing_body_id)
    joint = _standing(document_id, "joint_seal", _SIGNATURE.c.issuing_body_id)
    return frozenset(unit.session.execute(of_bodies.union(joint)).scalars())


def _standing(document_id: UUID, act: str, column: ColumnElement[Any]) -> Select[Any]:
    of_document = (_SIGNATURE.c.document_id == document_id, _SIGNATURE.c.act == act)
    return select(column).where(*of_document, _SIGNATURE.c.voided_at.is_(None), column.is_not(None))


def unsealed_bodies(unit: UnitOfWork, document_id: UUID) -> tuple[str, ...]:
    """Return the names of the joint bodies whose seal is still missing, in the order in which they seal."""
    lead = select(_DRAFT.c.issuing_body_id).where(_DRAFT.c.document_id == document_id)
    lead_id = unit.session.execute(lead).scalar_one_or_none()
    joint = joint_bodies(cosigners_of(unit, document_id), lead_id) if lead_id is not None else ()
    done = sealed_by(unit, document_id) if joint else frozenset()
    return tuple(one.name for one in joint if one.id not in done)
