"""A draft as it lies in the database, with its document, issuing body, signer and recipients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, insert, select, update

from handlers.documents.drafting import DraftPage, Recipient
from handlers.documents.signatories import Signatory
from handlers.numbering.subject import office_day, read_subject
from handlers.records.document_row import DOCUMENT, DOCUMENT_FILE, document_not_found
from handlers.records.signers import Signer, cosigners_of
from service.domain.document_profiles import DocumentProfile, DocumentType, profile_from
from service.domain.draft_content import clean_content
from service.domain.errors import Conflict
from service.domain.ids import new_id
from service.storage.blobs import StoredBlob
from service.storage.models import Account, Agency, DocumentRecipient, Draft, IssuingBody, table_of
from service.storage.unit_of_work import UnitOfWork

DRAFT: Final = table_of(Draft)
RECIPIENT: Final = table_of(DocumentRecipient)
_BODY = table_of(IssuingBody)
_ACCOUNT = table_of(Account)
_AGENCY = table_of(Agency)

MAIN: Final = 0
"""Ordinal of the document itself among its files; annexes follow from 1."""

SOURCE: Final = 900
"""Ordinal of what a version was converted from; its version is that of the PDF."""


@dataclass(frozen=True, slots=True)
class DraftState:
    """Everything that a draft consists of, its files apart.

    Attributes:
        document: row of ``document``.
        draft: row of ``draft``.
        body: row of ``issuing_body``.
        signer: row of ``account``, or None.
        recipients: rows of ``document_recipient``, in order.
        form: the profile that it was begun under.
        kind: its type.
        cosigners: who sign after the signer, in order.
    """

    document: Row[Any]
    draft: Row[Any]
    body: Row[Any]
    signer: Row[Any] | None
    recipients: Sequence[Row[Any]]
    form: DocumentProfile
    kind: DocumentType
    cosigners: Sequence[Signer]


def load_draft(unit: UnitOfWork, document_id: UUID, *, is_locked: bool = False) -> DraftState:
    """Return a draft; with ``is_locked`` its document stays locked until the transaction ends.

    Raises:
        NotFound: the agency has no such document.
        Conflict: ``document.not_drafted``, it was not drafted here.
    """
    statement = select(DOCUMENT).where(DOCUMENT.c.id == document_id)
    found = unit.session.execute(statement.with_for_update() if is_locked else statement).one_or_none()
    if found is None:
        raise document_not_found()
    draft = unit.session.execute(select(DRAFT).where(DRAFT.c.document_id == document_id)).one_or_none()
    if draft is None:
        vi = "Văn bản này không phải văn bản đi được soạn trong hệ thống."
        raise Conflict("document.not_drafted", vi, "This is no outgoing document drafted here.")
    body = unit.session.execute(select(_BODY).where(_BODY.c.id == draft.issuing_body_id)).one()
    signer = None
    if draft.signer_id is not None:
        signer = unit.session.execute(select(_ACCOUNT).where(_ACCOUNT.c.id == draft.signer_id)).one()
    form = profile_from(draft.profile, draft.profile_from)
    kind = form.type_of(draft.type_code)
    recipients, cosigners = recipients_of(unit, document_id), cosigners_of(unit, document_id)
    return DraftState(found, draft, body, signer, recipients, form, kind, cosigners)


def recipients_of(unit: UnitOfWork, document_id: UUID) -> Sequence[Row[Any]]:
    """Return a document's recipients in order."""
    statement = select(RECIPIENT).where(RECIPIENT.c.document_id == document_id)
    return unit.session.execute(statement.order_by(RECIPIENT.c.ordinal)).all()


def page_of(unit: UnitOfWork, state: DraftState) -> DraftPage:
    """Return what is laid out on the draft's pages.

    Raises:
        Conflict: ``issuing_body.closed``.
    """
    code = read_subject(unit, state.document).code(1, office_day(unit))
    agency = unit.session.execute(
        select(_AGENCY.c.name).where(_AGENCY.c.id == unit.actor.agency_id)
    ).scalar_one()
    return DraftPage(
        form=state.form,
        kind=state.kind,
        notation=code.text.removeprefix(code.number),
        body_name=state.body.name,
        superior_name=state.body.superior_name,
        place=state.body.place,
        subject=state.document.subject,
        capacity=state.draft.capacity,
        position=state.draft.signer_position,
        signer_name=state.document.signer_name,
        urgency=state.document.urgency,
        recipients=[Recipient(one.name, one.purpose) for one in state.recipients],
        content=clean_content(state.draft.fields),
        author=agency,
        cosigners=[_signatory(one) for one in state.cosigners],
    )


def _signatory(one: Signer) -> Signatory:
    return Signatory(
        name=one.name,
        position=one.position,
        capacity=one.capacity,
        words=one.words,
        body_name=one.body.name,
        body_notation=one.body.notation,
        superior_name=one.body.superior_name,
    )


def main_versions(unit: UnitOfWork, document_id: UUID) -> list[Row[Any]]:
    """Return every version of the document itself, oldest first."""
    statement = select(DOCUMENT_FILE).where(
        DOCUMENT_FILE.c.document_id == document_id, DOCUMENT_FILE.c.ordinal == MAIN
    )
    return list(unit.session.execute(statement.order_by(DOCUMENT_FILE.c.version)))


def add_file(
    unit: UnitOfWork,
    document_id: UUID,
    stored: StoredBlob,
    *,
    ordinal: int,
    version: int,
    role: str,
    kind: str,
    file_name: str,
    reason: str,
    note: str = "",
) -> None:
    """Write the row of a version of a file of a document."""
    row = {
        "id": new_id(unit.now),
        "agency_id": unit.actor.agency_id,
        "document_id": document_id,
        "ordinal": ordinal,
        "version": version,
        "role": role,
        "file_name": file_name,
        "sha256": stored.sha256,
        "size_bytes": stored.size_bytes,
        "media_type": stored.media_type,
        "signature_report": None,
        "added_by_id": unit.actor.account_id,
        "added_at": unit.now,
        "reason": reason,
        "kind": kind,
        "note": note,
    }
    unit.session.execute(insert(DOCUMENT_FILE).values(row))


def add_main_version(
    unit: UnitOfWork, state: DraftState, stored: StoredBlob, *, kind: str, pages: int | None, reason: str
) -> int:
    """Add the next version of the document itself, with its number of pages, and return its number."""
    document_id = state.document.id
    versions = main_versions(unit, document_id)
    version = versions[-1].version + 1 if versions else 1
    name = f"{state.kind.name} - {version}.pdf"
    add_file(
        unit,
        document_id,
        stored,
        ordinal=MAIN,
        version=version,
        role="main",
        kind=kind,
        file_name=name,
        reason=reason,
    )
    unit.session.execute(
        update(DRAFT).where(DRAFT.c.document_id == document_id).values(current_version=version)
    )
    unit.session.execute(update(DOCUMENT).where(DOCUMENT.c.id == document_id).values(page_amount=pages))
    return version
