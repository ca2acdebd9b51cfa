"""``signature.raise``: the proof that a signature is good goes into the file, and is renewed for the archive.

A certificate expires after some years, the document does not (ETSI EN 319 142-1). Without a revocation list
in force nothing can be proved today; the file then keeps its level, and the house tries again every day.
An annex in a file of its own carries a signature of its own, so it is raised like the main file.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from handlers.contract import HandlerContext, Json, Parameter, RetryLater, Runs
from handlers.parameters import DOCUMENT_ID
from handlers.records.document_row import DOCUMENT_FILE, lock_document, newest_files, read_id
from handlers.resources import HandlerResources, resources_of
from handlers.signing.acts import SIGNATURE
from handlers.signing.files import add_version, working_copy
from handlers.signing.key_ring import timestamps_at
from handlers.signing.levels import TrustMaterial, archive_ends_at, raise_level
from service.domain.errors import Conflict, CongVanError, InvalidInput, Unavailable
from service.domain.signatures import Level
from service.storage.models import SignatureArchive, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

ARCHIVE = table_of(SignatureArchive)
NEXT_TRY: Final = timedelta(days=1)
"""How long until it is tried again to prove what could not be proved."""

BEFORE_END: Final = timedelta(days=90)
"""So long before the certificate of the last time-stamp ends the archive is renewed."""

NO_STAMP_RENEWAL: Final = timedelta(days=30)
"""How long until a file without an archive time-stamp is looked at again."""

_REASON: Final = "Bổ sung bằng chứng dài hạn cho chữ ký số"


class RaiseSignature:
    """Raises the signatures of the document's files to B-LT, or to B-LTA with a time-stamping service."""

    operation: ClassVar[str] = "signature.raise"
    runs: ClassVar[Runs] = "job"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (DOCUMENT_ID,)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{level}``: what the document's main file has now; None where it has no signature of ours.

        An annex that cannot be raised today is tried again tomorrow and stops nothing else.

        Raises:
            NotFound: no such document.
            RetryLater: the time-stamping service does not answer.
        """
        unit, resources = context.unit, resources_of(context)
        document = lock_document(unit, read_id(params["document_id"]))
        signed = _newest_signed(unit, document.id)
        main = next((file for file in signed if file.role == "main"), None)
        try:
            level = None if main is None else _raise_once(unit, resources, main)
        except Unavailable as error:
            raise RetryLater(error.en) from None
        for annex in signed:
            if annex.role != "main":
                _raise_annex(unit, resources, annex)
        return {"level": level}


def raise_file(unit: UnitOfWork, resources: HandlerResources, file: Row[Any]) -> str:
    """Raise or renew the proof in a signed file, as a new version; return the level that it has then.

    The caller holds the document's row locked.

    Raises:
        Unavailable: the time-stamping service, or the file is not on this host.
        InvalidInput: the PDF is broken.
    """
    stamps = timestamps_at(resources.signing.timestamp_url)
    trust_dir = resources.signing.trust_dir
    trust = TrustMaterial.load(trust_dir) if trust_dir is not None else TrustMaterial([])
    with working_copy(resources.blobs, bytes(file.sha256)) as copy:
        try:
            level = raise_level(copy, trust, unit.now, stamps)
        except Conflict as refusal:
            return _note_fault(unit, file, refusal)
        ends_at = archive_ends_at(copy)
        kept = add_version(unit, resources.blobs, file, copy, kind=file.kind, reason=_REASON)
    unit.session.execute(delete(ARCHIVE).where(ARCHIVE.c.file_id == file.id))
    state = {"level": level.value, "renew_at": _renew_at(unit.now, ends_at), "fault": None}
    _note(unit, kept.id, file.document_id, state)
    unit.session.execute(
        update(SIGNATURE)
        .where(SIGNATURE.c.document_id == file.document_id, *_counts_in(file))
        .values(level=level.value),
    )
    details = {"level": level.value, "version": kept.version, "file": file.ordinal}
    unit.audit(AuditRecord("document.signatures_raised", "document", file.document_id, details))
    return level.value


def lowest_level(levels: Iterable[str]) -> str:
    """Return the level that proves least; B-B of none. Their order is not that of the alphabet."""
    return min((Level(one) for one in levels), key=tuple(Level).index, default=Level.B_B).value


def _raise_once(unit: UnitOfWork, resources: HandlerResources, file: Row[Any]) -> str:
    """Raise a file unless this very version was raised before; return its level."""
    known = unit.session.execute(select(ARCHIVE).where(ARCHIVE.c.file_id == file.id)).one_or_none()
    if known is not None and known.fault is None:
        return str(known.level)
    return raise_file(unit, resources, file)


def _raise_annex(unit: UnitOfWork, resources: HandlerResources, annex: Row[Any]) -> None:
    """Raise an annex; whatever is wrong with it is noted and tried again tomorrow."""
    try:
        _raise_once(unit, resources, annex)
    except (Unavailable, InvalidInput) as fault:  # nothing of this annex is written before its proof is whole
        _note_fault(unit, annex, fault)


def _newest_signed(unit: UnitOfWork, document_id: UUID) -> list[Row[Any]]:
    """Return the newest versions of the document's files that carry a signature that counts."""
    return [file for file in newest_files(unit, document_id) if _levels(unit, file)]


def _levels(unit: UnitOfWork, file: Row[Any]) -> list[str]:
    statement = select(SIGNATURE.c.level).where(
        SIGNATURE.c.document_id == file.document_id, *_counts_in(file)
    )
    return list(unit.session.execute(statement).scalars())


def _counts_in(file: Row[Any]) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of the signatures, not voided, in any version of a file."""
    versions = select(DOCUMENT_FILE.c.id).where(
        DOCUMENT_FILE.c.document_id == file.document_id, DOCUMENT_FILE.c.ordinal == file.ordinal
    )
    return SIGNATURE.c.voided_at.is_(None), SIGNATURE.c.file_id.in_(versions)


def _note_fault(unit: UnitOfWork, file: Row[Any], refusal: CongVanError) -> str:
    level = lowest_level(_levels(unit, file))
    values = {"level": level, "renew_at": unit.now + NEXT_TRY, "fault": refusal.code}
    _note(unit, file.id, file.document_id, values)
    details = {"code": refusal.code, "file": file.ordinal}
    unit.audit(AuditRecord("document.signatures_not_raised", "document", file.document_id, details))
    return level


def _note(unit: UnitOfWork, file_id: UUID, document_id: UUID, state: Json) -> None:
    values = {"raised_at": unit.now, **state}
    row = {"file_id": file_id, "document_id": document_id, "agency_id": unit.actor.agency_id, **values}
    statement = insert(ARCHIVE).values(row)
    unit.session.execute(statement.on_conflict_do_update(index_elements=["file_id"], set_=values))


def _renew_at(now: datetime, ends_at: datetime | None) -> datetime:
    if ends_at is None:
        return now + NO_STAMP_RENEWAL
    return max(ends_at - BEFORE_END, now + NEXT_TRY)
