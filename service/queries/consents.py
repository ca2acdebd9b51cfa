"""A consent as the signer sees it: exactly what is signed, and what a device must sign."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from handlers.numbering.subject import office_day
from handlers.signing.preparation import Seen
from handlers.signing.two_phase import PreparedSignature
from service.domain.consents import ACT_NAMES
from service.queries.documents import DOCUMENT_FILE
from service.queries.signing_keys import KEY
from service.storage.models import Document, table_of
from service.storage.unit_of_work import UnitOfWork

_DOCUMENT = table_of(Document)


@dataclass(frozen=True, slots=True)
class SignedThing:
    """Exactly what is signed.

    Attributes:
        act: of the consent.
        act_vi: its name.
        act_en: the same in English.
        document_id: of the document.
        type_name: of the document.
        subject: its abstract.
        file_name: of the file.
        file_sha256: hexadecimal.
        version: of the file.
        page_amount: None once it was shown.
        field: of the file that is signed.
        signer: common name of the certificate.
        certificate_fingerprint: SHA-256, hexadecimal.
        certificate_until: when the certificate ends.
        is_test: whether it has no legal value.
        number: number and symbol, of a seal.
        number_state: previewed (kept for nobody), reserved or registered.
        issued_on: the date of a seal.
    """

    act: str
    act_vi: str
    act_en: str
    document_id: UUID
    type_name: str
    subject: str
    file_name: str
    file_sha256: str
    version: int
    page_amount: int | None
    field: str
    signer: str
    certificate_fingerprint: str
    certificate_until: datetime
    is_test: bool
    number: str | None
    number_state: str | None
    issued_on: date | None


@dataclass(frozen=True, slots=True)
class ConsentView:
    """A consent; ``attributes`` or ``digest`` (base64) is what a device signs, ``document_digest`` a CMS."""

    id: UUID
    expires_at: datetime
    is_ready: bool
    method: str
    what: SignedThing
    attributes: str | None
    digest: str | None
    document_digest: str | None


def consent_view(
    unit: UnitOfWork, consent: Row[Any], state: PreparedSignature | None = None, seen: Seen | None = None
) -> ConsentView:
    """Return a consent as its signer sees it.

    Args:
        unit: the open unit of work.
        consent: its row.
        state: of a signature made elsewhere, to be signed now.
        seen: what was found while it was given.
    """
    return ConsentView(
        id=consent.id,
        expires_at=consent.expires_at,
        is_ready=consent.method == "stored_key" or consent.completed_sha256 is not None,
        method=consent.method,
        what=_what(unit, consent, seen),
        attributes=_text(state.attributes) if state else None,
        digest=_text(state.digest) if state else None,
        document_digest=_text(state.started.digest) if state else None,
    )


def _what(unit: UnitOfWork, consent: Row[Any], seen: Seen | None) -> SignedThing:
    document = unit.session.execute(
        select(_DOCUMENT.c.type_name, _DOCUMENT.c.subject).where(_DOCUMENT.c.id == consent.document_id)
    ).one()
    file = unit.session.execute(select(DOCUMENT_FILE).where(DOCUMENT_FILE.c.id == consent.file_id)).one()
    key = unit.session.execute(select(KEY).where(KEY.c.id == consent.key_id)).one()
    vi, en = ACT_NAMES[consent.act]
    number = seen.number if seen else None
    state = number.state if number else None
    if consent.registry_entry_id is not None and state == "previewed":
        state = "reserved"
    return SignedThing(
        act=consent.act,
        act_vi=vi,
        act_en=en,
        document_id=consent.document_id,
        type_name=document.type_name,
        subject=document.subject,
        file_name=file.file_name,
        file_sha256=bytes(file.sha256).hex(),
        version=file.version,
        page_amount=seen.page_amount if seen else None,
        field=consent.field,
        signer=key.subject,
        certificate_fingerprint=key.fingerprint,
        certificate_until=key.not_after,
        is_test=key.is_test,
        number=number.code.text if number else None,
        number_state=state,
        issued_on=office_day(unit) if number else None,
    )


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
