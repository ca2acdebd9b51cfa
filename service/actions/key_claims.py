"""Whose a certificate is: when a person's word is enough, and when somebody who keeps keys answers for it.

A name alone shows little: namesakes work in one office, and a certificate of another organisation was given
for other work. What a person may register alone must name them and the organisation, and, where it could be
another's, carry the authority's own identifier of them that stands on record already (S3-18.3, S4-8.1). A key
that was disabled is not its owner's to bring back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Row, select

from handlers.signing.belonging import is_same_name, names_bearer, names_organisation
from handlers.signing.keys import SigningCertificate, read_certificate
from service.domain.errors import Conflict
from service.domain.permissions import is_allowed
from service.queries.organisation import ACCOUNT, AGENCY
from service.queries.signing_keys import KEY
from service.storage.models import IssuingBody, table_of
from service.storage.unit_of_work import UnitOfWork

_BODY = table_of(IssuingBody)


@dataclass(frozen=True, slots=True)
class KeyOwner:
    """Whose key it is: a person, or an issuing body; ``name`` is what the certificate should name."""

    account_id: UUID | None
    issuing_body_id: UUID | None
    name: str


def check_claim(unit: UnitOfWork, owner: KeyOwner, certificate: SigningCertificate) -> None:
    """Refuse a certificate that the actor's word is not enough for.

    Those who keep keys answer for what they register for others; nobody answers for themselves.

    Raises:
        Conflict: ``certificate.not_yours``, another name; ``certificate.other_organisation``;
            ``certificate.namesake`` or ``certificate.other_person``, the identifier does not show that it is
            this person's; ``signing_key.was_disabled``.
    """
    if is_allowed(unit.actor, "signing_key.keep") and owner.account_id != unit.actor.account_id:
        return
    on_record = unit.session.execute(select(KEY)).all()
    _refuse_disabled(certificate, on_record)
    if not names_bearer(certificate, owner.name):
        vi = f"Chứng thư số cấp cho “{certificate.subject}”, không phải “{owner.name}”."
        en = f'The certificate is of "{certificate.subject}", not of "{owner.name}".'
        raise Conflict("certificate.not_yours", vi, en)
    if owner.account_id is not None:
        _check_organisation(unit, certificate)
        _check_person(unit, owner.account_id, owner.name, certificate, on_record)


def _refuse_disabled(certificate: SigningCertificate, on_record: Sequence[Row[Any]]) -> None:
    """Refuse a key that was disabled, whatever certificate it comes with: its owner does not judge why."""
    disabled = {_public_key(bytes(row.certificate)) for row in on_record if row.disabled_at is not None}
    if _public_key(certificate.der) in disabled:
        raise Conflict(
            "signing_key.was_disabled",
            "Khóa này đã ngừng dùng; chỉ người quản lý khóa mới đăng ký lại được cho người khác.",
            "This key was disabled; only somebody else who keeps keys can register it again.",
        )


def _check_organisation(unit: UnitOfWork, certificate: SigningCertificate) -> None:
    names = [*unit.session.execute(select(AGENCY.c.name)).scalars()]
    names += unit.session.execute(select(_BODY.c.name)).scalars()
    if not names_organisation(certificate, names):
        vi = f"Chứng thư số cấp cho người của “{certificate.organisation or ''}”, không phải cơ quan này."
        en = f'The certificate is of somebody of "{certificate.organisation or ""}", not of this agency.'
        raise Conflict("certificate.other_organisation", vi, en)


def _check_person(
    unit: UnitOfWork,
    account_id: UUID,
    name: str,
    certificate: SigningCertificate,
    on_record: Sequence[Row[Any]],
) -> None:
    """Refuse what may be a namesake's: two of one name here, or an identifier other than on record."""
    identifiers: dict[bool, set[str]] = {True: set(), False: set()}
    for row in on_record:
        identifiers[row.account_id == account_id].add(read_certificate(bytes(row.certificate)).subject_id)
    own, others = (identifiers[whose] - {""} for whose in (True, False))
    is_known = certificate.subject_id in own
    if certificate.subject_id in others or (own and not is_known):
        raise Conflict(
            "certificate.other_person",
            "Mã định danh trên chứng thư số không phải mã đã ghi nhận; nhờ người quản lý khóa đăng ký.",
            "The subject's identifier is not this person's on record; somebody who keeps keys registers it.",
        )
    people = unit.session.execute(select(ACCOUNT.c.full_name).where(ACCOUNT.c.id != account_id)).scalars()
    if not is_known and any(is_same_name(one, name) for one in people):
        raise Conflict(
            "certificate.namesake",
            "Cơ quan có người trùng họ tên; nhờ người quản lý khóa đăng ký chứng thư số này.",
            "Another person here has the same name; somebody who keeps keys registers this certificate.",
        )


def _public_key(der: bytes) -> bytes:
    key = x509.load_der_x509_certificate(der).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
