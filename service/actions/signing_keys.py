"""Signing keys: registered once their certificate is shown to be the person's or the body's, and disabled.

The house keeps the certificate and where the key is, never the key. Whose a certificate is, and who must
answer for one that does not show it, says :mod:`service.actions.key_claims` (S3-7.2d1, S3-18.3).
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from io import BytesIO
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import insert, select, update

from handlers.resources import HandlerResources
from handlers.signing.belonging import check_trusted
from handlers.signing.images import StampImage
from handlers.signing.key_ring import STORED_KINDS, open_key
from handlers.signing.keys import SigningCertificate, read_certificate
from service.actions.key_claims import KeyOwner, check_claim
from service.domain.errors import Conflict, Finding, Forbidden, InvalidInput, NotFound
from service.domain.ids import new_id
from service.domain.permissions import require
from service.domain.signatures import SEAL_DIAMETER_MM, SIGNATURE_WIDTH_MM
from service.domain.step_up import require_step_up
from service.queries.organisation import ACCOUNT, enabled_account
from service.queries.signing_keys import KEY, SigningKeyView, read_signing_key
from service.storage.models import IssuingBody, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

_BODY = table_of(IssuingBody)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key to be registered.

    Attributes:
        kind: ``pkcs12`` or ``pkcs11`` on this machine, ``csc`` at the remote service, ``client_token``.
        owner: login; "" = the actor, unless ``issuing_body`` is given.
        issuing_body: code of the body whose seal it is.
        reference: where the key is; see :mod:`handlers.signing.key_ring`, or the credential's id.
        certificate: PEM or base64 of DER; "" for a key of this machine that holds its own.
        chain: the intermediates, likewise.
        image: PNG of the signature or the seal, base64; "" = none.
    """

    kind: str
    owner: str = ""
    issuing_body: str = ""
    reference: str = ""
    certificate: str = ""
    chain: tuple[str, ...] = ()
    image: str = ""


def register_key(unit: UnitOfWork, resources: HandlerResources, new: NewKey) -> SigningKeyView:
    """Register a key for the actor, for another person or for a body's seal.

    Raises:
        Forbidden: another's key, or a seal, and the actor does not keep those; or no second factor.
        NotFound: no such person or body.
        InvalidInput: a certificate, key or image that cannot be used.
        Conflict: ``certificate.untrusted``, ``.revoked``, outside its time; what
            :func:`service.actions.key_claims.check_claim` refuses; ``signing_key.registered``.
    """
    require_step_up(unit.actor, unit.now)
    owner = _owner(unit, new)
    certificate = _certificate(resources, new)
    check_trusted(certificate, resources.signing.trust_dir, unit.now)
    check_claim(unit, owner, certificate)
    image_sha256 = _keep_image(unit, resources, new.image, owner) if new.image else None
    key_id = insert_key(unit, owner, new, certificate, image_sha256)
    return read_signing_key(unit, key_id)


def insert_key(
    unit: UnitOfWork,
    owner: KeyOwner,
    new: NewKey,
    certificate: SigningCertificate,
    image_sha256: bytes | None,
) -> UUID:
    """Write the row of a key whose certificate was checked; returns its id.

    Raises:
        Conflict: ``signing_key.registered``, the certificate is registered already.
    """
    taken = select(KEY.c.id).where(KEY.c.fingerprint == certificate.fingerprint, KEY.c.disabled_at.is_(None))
    if unit.session.execute(taken).first() is not None:
        vi, en = "Chứng thư số này đã được đăng ký.", "This certificate is registered already."
        raise Conflict("signing_key.registered", vi, en)
    key_id = new_id(unit.now)
    row = {
        "id": key_id,
        "agency_id": unit.actor.agency_id,
        "account_id": owner.account_id,
        "issuing_body_id": owner.issuing_body_id,
        "kind": new.kind,
        "reference": new.reference,
        "certificate": certificate.der,
        "chain": [base64.b64encode(one).decode() for one in certificate.chain],
        "fingerprint": certificate.fingerprint,
        "subject": certificate.subject,
        "issuer": certificate.issuer,
        "not_before": certificate.not_before,
        "not_after": certificate.not_after,
        "is_test": certificate.is_test,
        "image_sha256": image_sha256,
        "created_at": unit.now,
        "created_by_id": unit.actor.account_id,
    }
    unit.session.execute(insert(KEY), [row])
    details = {
        "kind": new.kind,
        "subject": certificate.subject,
        "fingerprint": certificate.fingerprint,
        "owner": owner.name,
        "is_test": certificate.is_test,
    }
    unit.audit(AuditRecord("signing_key.register", "signing_key", key_id, details))
    return key_id


def disable_key(unit: UnitOfWork, key_id: UUID, reason: str) -> SigningKeyView:
    """Disable a key: nothing is signed with it any more; what it signed stays.

    No second factor is asked: a lost device must be disabled at once.

    Raises:
        NotFound: no such key, or not the actor's to know.
        Conflict: it is disabled already.
    """
    view = read_signing_key(unit, key_id)
    if view.state == "disabled":
        vi, en = "Khóa này đã ngừng dùng.", "This key is disabled already."
        raise Conflict("signing_key.disabled", vi, en)
    changes = {"disabled_at": unit.now, "disabled_by_id": unit.actor.account_id, "disable_reason": reason}
    unit.session.execute(update(KEY).where(KEY.c.id == key_id).values(**changes))
    unit.audit(AuditRecord("signing_key.disable", "signing_key", key_id, {"reason": reason}))
    return read_signing_key(unit, key_id)


def change_image(unit: UnitOfWork, resources: HandlerResources, key_id: UUID, image: str) -> SigningKeyView:
    """Give a key another image: the blue signature of a person, the red seal of a body.

    Raises:
        NotFound: no such key, or not the actor's to know.
        Forbidden: no second factor.
        InvalidInput: the image cannot be used.
    """
    require_step_up(unit.actor, unit.now)
    view = read_signing_key(unit, key_id)
    row = unit.session.execute(select(KEY).where(KEY.c.id == key_id)).one()
    owner = KeyOwner(row.account_id, row.issuing_body_id, view.owner_name or view.issuing_body_name or "")
    sha256 = _keep_image(unit, resources, image, owner)
    unit.session.execute(update(KEY).where(KEY.c.id == key_id).values(image_sha256=sha256))
    unit.audit(AuditRecord("signing_key.image", "signing_key", key_id, {"image_sha256": sha256.hex()}))
    return read_signing_key(unit, key_id)


def _owner(unit: UnitOfWork, new: NewKey) -> KeyOwner:
    if new.issuing_body:
        require(unit.actor, "signing_key.keep_seal")
        row = unit.session.execute(select(_BODY).where(_BODY.c.code == new.issuing_body)).one_or_none()
        if row is None:
            vi, en = "Không có cơ quan ban hành này.", "There is no such issuing body."
            raise NotFound("issuing_body.not_found", vi, en)
        return KeyOwner(None, row.id, row.name)
    account_id = unit.actor.account_id
    if new.owner and new.owner.casefold() != unit.actor.login.casefold():
        require(unit.actor, "signing_key.keep")
        account_id = enabled_account(unit, new.owner)
        if account_id is None:
            raise NotFound("account.not_found", "Không có người này.", "There is no such person.")
    if account_id is None:
        vi, en = "Khóa ký số phải thuộc một người hoặc một cơ quan.", "A key belongs to a person or a body."
        raise Forbidden("signing_key.no_owner", vi, en)
    name = unit.session.execute(select(ACCOUNT.c.full_name).where(ACCOUNT.c.id == account_id)).scalar_one()
    return KeyOwner(account_id, None, name)


def _certificate(resources: HandlerResources, new: NewKey) -> SigningCertificate:
    """Return the certificate: from the key itself where it lies on this machine, else as given."""
    chain = tuple(_der(one, f"/chain/{index}") for index, one in enumerate(new.chain))
    if new.kind in STORED_KINDS:
        return open_key(resources.signing, new.kind, new.reference, chain).certificate
    if new.kind == "csc" and not new.reference:
        vi, en = "Cần mã chứng thư ở dịch vụ ký số từ xa.", "Name the credential at the remote service."
        raise _refused("signing_key.reference", vi, en, "/reference")
    if not new.certificate:
        raise _refused("field.required", "Cần chứng thư số.", "The certificate is needed.", "/certificate")
    return read_certificate(_der(new.certificate, "/certificate"), chain)


def _der(text: str, pointer: str) -> bytes:
    """Return the DER of a certificate given as PEM or as base64 of DER."""
    try:
        if "-----BEGIN" in text:
            return x509.load_pem_x509_certificate(text.encode()).public_bytes(Encoding.DER)
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        vi, en = "Không đọc được chứng thư số.", "The certificate cannot be read."
        raise _refused("certificate.unreadable", vi, en, pointer) from None


def _keep_image(unit: UnitOfWork, resources: HandlerResources, image: str, owner: KeyOwner) -> bytes:
    """Store an image that can be drawn, and return its address."""
    try:
        png = base64.b64decode(image, validate=True)
    except (ValueError, binascii.Error):
        vi, en = "Ảnh phải là PNG mã hóa base64.", "The image must be a PNG in base64."
        raise _refused("image.not_png", vi, en, "/image") from None
    StampImage.read(png, SEAL_DIAMETER_MM if owner.issuing_body_id else SIGNATURE_WIDTH_MM)
    return resources.blobs.put(unit, BytesIO(png)).sha256


def _refused(code: str, vi: str, en: str, pointer: str) -> InvalidInput:
    return InvalidInput(code, vi, en, [Finding(code, vi, en, pointer)])
