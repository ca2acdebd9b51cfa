"""Who has signed a document and who is still to sign, seal by seal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from handlers.records.signers import Signer, signers_of
from handlers.signing.acts import SIGNATURE
from service.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class SignerTurnView:
    """One who signs, in order; ``signed_at`` None = still to sign; ``seals``: a seal stands over it."""

    ordinal: int
    signer: str
    name: str
    position: str
    capacity: str
    issuing_body: str
    issuing_body_name: str
    field: str
    signed_at: datetime | None
    is_next: bool
    seals: bool
    sealed_at: datetime | None


def turns_of(unit: UnitOfWork, document_id: UUID) -> Sequence[SignerTurnView]:
    """Return everyone whom a draft names as a signer; none of a document that was not drafted here."""
    signers = signers_of(unit, document_id)
    signed, sealed = _standing(unit, document_id)
    waiting = [one.ordinal for one in signers if one.account_id not in signed]
    firsts: dict[UUID, int] = {}
    for one in signers:
        firsts.setdefault(one.body.id, one.ordinal)
    return [
        _view(
            one,
            signed.get(one.account_id),
            is_next=waiting[:1] == [one.ordinal],
            seals=firsts[one.body.id] == one.ordinal,
            sealed_at=sealed.get(one.body.id),
        )
        for one in signers
    ]


def _standing(
    unit: UnitOfWork, document_id: UUID
) -> tuple[dict[UUID | None, datetime], dict[UUID | None, datetime]]:
    """Return when people signed in authority and bodies sealed, by account and by body."""
    row = SIGNATURE.c
    acts = ("leader", "seal", "joint_seal")
    statement = select(row.act, row.account_id, row.issuing_body_id, row.signed_at).where(
        row.document_id == document_id, row.voided_at.is_(None), row.act.in_(acts)
    )
    found = unit.session.execute(statement).all()
    signed = {one.account_id: one.signed_at for one in found if one.act == "leader"}
    return signed, {one.issuing_body_id: one.signed_at for one in found if one.act != "leader"}


def _view(
    one: Signer, signed_at: datetime | None, *, is_next: bool, seals: bool, sealed_at: datetime | None
) -> SignerTurnView:
    return SignerTurnView(
        ordinal=one.ordinal,
        signer=one.login,
        name=one.name,
        position=one.position,
        capacity=one.capacity,
        issuing_body=one.body.code,
        issuing_body_name=one.body.name,
        field=one.field,
        signed_at=signed_at,
        is_next=is_next,
        seals=seals,
        sealed_at=sealed_at if seals else None,
    )
