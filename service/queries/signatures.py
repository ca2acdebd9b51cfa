"""What the signatures of a document's files are worth, as answers in words; and what was signed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from handlers.signing.acts import SIGNATURE
from handlers.signing.keys import TEST_MARK
from service.domain import signature_texts as texts
from service.domain.consents import ACT_NAMES
from service.domain.signature_texts import Answer
from service.queries.documents import DOCUMENT_FILE
from service.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class SignatureView:
    """One signature of a file with its four answers, and which revision of the file it covers."""

    field: str
    signer: str
    organisation: str | None
    issuer: str
    fingerprint: str
    is_test: bool
    act: str | None
    signed_at: datetime | None
    timestamp_at: datetime | None
    proved_at: datetime | None
    revision: int
    revision_amount: int
    covers_whole_file: bool
    changed_fields: Sequence[str]
    integrity: Answer
    trust: Answer
    revocation: Answer
    later_changes: Answer


@dataclass(frozen=True, slots=True)
class FileSignaturesView:
    """The signatures of the newest version of one file."""

    file_id: UUID
    file_name: str
    role: str
    version: int
    sha256: str
    verdict: Answer
    reasons: Sequence[Answer]
    checked_at: datetime | None
    signatures: Sequence[SignatureView]


@dataclass(frozen=True, slots=True)
class MadeSignatureView:
    """A signature that was made here; a voided one with when and why."""

    id: UUID
    act: str
    act_vi: str
    act_en: str
    field: str
    signer_name: str
    certificate_subject: str
    is_test: bool
    level: str
    version: int
    signed_at: datetime
    voided_at: datetime | None
    void_reason: str | None


@dataclass(frozen=True, slots=True)
class DocumentSignaturesView:
    """All of a document; ``legal_value`` is original or reference_only, None while undecided."""

    document_id: UUID
    legal_value: str | None
    files: Sequence[FileSignaturesView]
    made: Sequence[MadeSignatureView]


def made_signatures(unit: UnitOfWork, document_id: UUID) -> list[MadeSignatureView]:
    """Return the signatures made here on a document's files, oldest first, voided ones too."""
    statement = (
        select(SIGNATURE, DOCUMENT_FILE.c.version)
        .join(DOCUMENT_FILE, DOCUMENT_FILE.c.id == SIGNATURE.c.file_id)
        .where(SIGNATURE.c.document_id == document_id)
        .order_by(SIGNATURE.c.signed_at, SIGNATURE.c.id)
    )
    return [_made(row) for row in unit.session.execute(statement)]


def file_view(
    file: Row[Any], report: Mapping[str, Any] | None, made: Sequence[MadeSignatureView]
) -> FileSignaturesView:
    """Return what a report says of a file; without one it was not checked.

    Args:
        file: its row.
        report: of the inspector.
        made: the signatures made here, to name the acts of their fields.
    """
    found: Mapping[str, Any] = report or {"verdict": "not_checked", "reasons": [], "signatures": []}
    acts = {one.field: one.act for one in made if one.voided_at is None}
    at = found.get("checked_at")
    amount = int(found.get("revisions") or _last_revision(found))
    return FileSignaturesView(
        file_id=file.id,
        file_name=file.file_name,
        role=file.role,
        version=file.version,
        sha256=bytes(file.sha256).hex(),
        verdict=texts.verdict(found["verdict"]),
        reasons=[texts.reason(one) for one in found["reasons"]],
        checked_at=datetime.fromisoformat(at) if at else None,
        signatures=[_signature(one, amount, acts) for one in found["signatures"]],
    )


def _signature(found: Mapping[str, Any], amount: int, acts: Mapping[str, str]) -> SignatureView:
    return SignatureView(
        field=found["field"],
        signer=found["signer"],
        organisation=found.get("organisation"),
        issuer=found["issuer"],
        fingerprint=found["fingerprint"],
        is_test=TEST_MARK in found["issuer"],
        act=acts.get(found["field"]),
        signed_at=_instant(found.get("signed_at")),
        timestamp_at=_instant(found.get("timestamp_at")) if found.get("is_timestamp_trusted") else None,
        proved_at=_instant(found.get("proved_at")),
        revision=int(found["signed_revision"]) + 1,
        revision_amount=amount,
        covers_whole_file=found["coverage"] == "entire_file",
        changed_fields=found["changed_fields"],
        integrity=texts.integrity(found["integrity"]),
        trust=texts.trust(found["trust"]),
        revocation=texts.revocation(found["revocation"]),
        later_changes=texts.later_changes(found["later_changes"]),
    )


def _last_revision(found: Mapping[str, Any]) -> int:
    """Return how many revisions a report knows of that does not count them."""
    signed = [*found.get("signatures", ()), *found.get("timestamps", ())]
    return max((int(one["signed_revision"]) + 1 for one in signed), default=1)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _made(row: Row[Any]) -> MadeSignatureView:
    vi, en = ACT_NAMES[row.act]
    named = {"act_vi", "act_en"}
    names = [name for name in MadeSignatureView.__dataclass_fields__ if name not in named]
    return MadeSignatureView(**{name: getattr(row, name) for name in names}, act_vi=vi, act_en=en)
