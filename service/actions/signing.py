"""Consents to signatures: the person sees exactly what is signed and agrees once, or signs on a device.

Nothing is signed here with a key of this machine: the service task does that, with the consent that the
process hands on. A signature made elsewhere is prepared and taken back here, and waits for that task too.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, update

from handlers.contract import Json
from handlers.numbering.subject import NumberSubject, read_subject
from handlers.records.document_row import lock_document
from handlers.resources import HandlerResources
from handlers.scanning.release import check_released
from handlers.signing.annex_task import require_code
from handlers.signing.belonging import check_trusted
from handlers.signing.consents import CONSENT, check_usable, lock_consent, require_task
from handlers.signing.files import find_file, working_copy
from handlers.signing.inspection import inspect_pdf
from handlers.signing.key_ring import certificate_of, timestamps_at
from handlers.signing.preparation import Preparation, Prepared, Seen, look_at, prepare_elsewhere
from handlers.signing.remote import RemoteProof, RemoteSigner
from handlers.signing.turns import next_joint_seal, require_leaders, require_signer
from handlers.signing.two_phase import PreparedSignature, complete, complete_with_cms
from service.domain.consents import CONSENT_LIFE, METHODS, PERSONAL_ACTS, Act, Method
from service.domain.errors import Conflict, Finding, Forbidden, InvalidInput
from service.domain.ids import new_id
from service.domain.permissions import require
from service.domain.signatures import SlotKind
from service.domain.step_up import require_step_up
from service.queries.consents import ConsentView, consent_view
from service.queries.document_access import standing_of
from service.queries.signing_keys import KEY, usable_keys
from service.storage.unit_of_work import AuditRecord, UnitOfWork

_GOOD_ENOUGH = frozenset({"valid", "indeterminate"})


@dataclass(frozen=True, slots=True)
class NewConsent:
    """What a person agrees to.

    Attributes:
        act: see :data:`service.domain.consents.Act`.
        file_sha256: of the file that they looked at.
        method: how the signature will be made.
        fingerprint: of the certificate to sign with; "" = the newest that fits the method.
        copy_form: ``SY``, ``TrS`` or ``SL``, for a copy.
    """

    act: Act
    file_sha256: bytes
    method: Method
    fingerprint: str = ""
    copy_form: str = ""


@dataclass(frozen=True, slots=True)
class SignatureGiven:
    """A signature that comes back: made by the person's own device, or to be fetched from the service.

    Attributes:
        signature: over the attributes, or a CMS structure; b"" = ask the remote service.
        is_cms: which of the two it is.
        proof: for the remote service.
    """

    signature: bytes = field(default=b"", repr=False)
    is_cms: bool = False
    proof: RemoteProof | None = None


def give_consent(
    unit: UnitOfWork, resources: HandlerResources, document_id: UUID, new: NewConsent
) -> ConsentView:
    """Note a person's consent to one signature of one exact file, for ten minutes and one use.

    Raises:
        NotFound: no such document, or not the actor's to see.
        Forbidden: no second factor; no task of the document; not its signer; no clerk.
        Conflict: another file is the newest, no usable key or field, the order of acts, an invalid signature;
            ``file.waiting_for_scan``, nobody could have looked at it yet.
        Unavailable: the file is not on this host, or no font is installed.
    """
    require(unit.actor, "signing_consent.give")
    require_step_up(unit.actor, unit.now)
    standing = standing_of(unit, document_id)
    if not standing.may_read or unit.actor.account_id is None:
        vi, en = "Bạn không đọc được văn bản này nên không ký được.", "You may not read this document."
        raise Forbidden("signature.not_reader", vi, en)
    document = lock_document(unit, document_id)
    before = find_file(unit, document.id, new.file_sha256, is_annex=new.act == "annex")
    check_released(unit, resources.blobs, new.file_sha256)
    subject = read_subject(unit, document)
    field, body_id = _require_right(unit, resources, new, subject, before)
    key = _choose_key(unit, new, body_id)
    certificate = certificate_of(key)
    check_trusted(certificate, resources.signing.trust_dir, unit.now)
    preparation = Preparation(
        unit, resources, subject, before, key, new.act, new.method, new.copy_form, field
    )
    seen = look_at(preparation)
    prepared = None if new.method == "stored_key" else prepare_elsewhere(preparation, seen, certificate)
    row = _insert(preparation, seen, prepared)
    return consent_view(unit, row, prepared.state if prepared else None, seen=seen)


def give_signature(
    unit: UnitOfWork, resources: HandlerResources, document_id: UUID, consent_id: UUID, given: SignatureGiven
) -> ConsentView:
    """Take a signature back that was made elsewhere; the signed file then waits for the service task.

    Raises:
        NotFound: no such consent of this document.
        Forbidden: another person's consent; or the remote service refuses.
        Conflict: used, expired, signed already, made on this machine; the certificate is not registered any
            more; the file was changed.
        InvalidInput: ``signature.wrong``.
        Unavailable: the remote or the time-stamping service.
    """
    require(unit.actor, "signing_consent.give")
    standing_of(unit, document_id)
    consent = lock_consent(unit, consent_id, document_id)
    check_usable(unit, consent)
    if consent.prepared is None or "state" not in consent.prepared or consent.completed_sha256 is not None:
        vi, en = "Không có chữ ký nào đang chờ gửi về.", "No signature is waited for."
        raise Conflict("consent.not_waiting", vi, en)
    key = unit.session.execute(select(KEY).where(KEY.c.id == consent.key_id)).one()
    if key.disabled_at is not None:
        vi, en = "Khóa ký số này đã ngừng dùng.", "This signing key is disabled."
        raise Conflict("signing_key.disabled", vi, en)
    state = PreparedSignature.from_json(consent.prepared["state"])
    signature = given.signature or _ask_service(resources, consent, key, state, given.proof)
    finish = complete_with_cms if given.is_cms else complete
    with working_copy(resources.blobs, bytes.fromhex(consent.prepared["file_sha256"])) as copy:
        stamps = timestamps_at(resources.signing.timestamp_url)
        made = finish(copy, state, signature, registered=key.fingerprint, at=unit.now, timestamps=stamps)
        copy.seek(0)
        completed = resources.blobs.write(copy).sha256
    changes = {"signature": signature, "completed_sha256": completed, "level": made.level.value}
    unit.session.execute(update(CONSENT).where(CONSENT.c.id == consent.id).values(**changes))
    unit.audit(
        AuditRecord("signing_consent.signature", "document", document_id, {"consent": str(consent.id)})
    )
    return consent_view(unit, unit.session.execute(select(CONSENT).where(CONSENT.c.id == consent.id)).one())


def read_bytes(text: str, pointer: str) -> bytes:
    """Return bytes given as base64.

    Raises:
        InvalidInput: ``field.base64``.
    """
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        vi, en = "Phải là dữ liệu base64.", "Must be base64."
        raise InvalidInput("field.base64", vi, en, [Finding("field.base64", vi, en, pointer)]) from None


def _require_right(
    unit: UnitOfWork, resources: HandlerResources, new: NewConsent, subject: NumberSubject, before: Row[Any]
) -> tuple[str, UUID]:
    """Refuse whom the act is not for, and acts out of their order.

    Returns:
        The field that was made for who signs, empty where the next one will do; and the body whose key seals.
    """
    if new.act in PERSONAL_ACTS:
        assert unit.actor.account_id is not None
        require_task(unit, subject.document, unit.actor.account_id)
        if new.act != "leader":
            return "", subject.body_id
        signer = require_signer(unit, subject.document.id, unit.actor.account_id)
        return signer.field if subject.cosigners else "", subject.body_id
    require(unit.actor, "signature.seal")
    if new.act == "annex":
        require_code(subject.document)
        return "", subject.body_id
    require_leaders(unit, subject.document.id)
    _require_valid(unit, resources, before)
    if new.act == "joint_seal":
        body, field = next_joint_seal(unit, subject)
        return field, body.id
    return SlotKind.SEAL.value if new.act == "seal" and subject.joint else "", subject.body_id


def _require_valid(unit: UnitOfWork, resources: HandlerResources, before: Row[Any]) -> None:
    """Refuse to seal a file with a signature that does not hold."""
    report = inspect_pdf(
        resources.blobs.path_of(bytes(before.sha256)),
        resources.signing.trust_dir,
        unit.now,
        resources.inspection,
    )
    if report["verdict"] not in _GOOD_ENOUGH or report["trust"] != "trusted":
        vi = "Chữ ký của người có thẩm quyền trên tệp không hợp lệ nên chưa đóng dấu được."
        en = "A signature on the file is not valid, so the file cannot be sealed."
        raise Conflict("seal.invalid_signature", vi, en, extra={"reasons": report["reasons"]})


def _choose_key(unit: UnitOfWork, new: NewConsent, body_id: UUID) -> Row[Any]:
    is_personal = new.act in PERSONAL_ACTS
    keys = usable_keys(
        unit,
        account_id=unit.actor.account_id if is_personal else None,
        issuing_body_id=None if is_personal else body_id,
    )
    fitting = [key for key in keys if key.kind in METHODS[new.method]]
    if new.fingerprint:
        fitting = [key for key in fitting if key.fingerprint == new.fingerprint]
    if not fitting:
        if new.fingerprint:
            vi = "Chứng thư số không phải của người ký đã đăng ký."
            raise Conflict("certificate.not_registered", vi, "Not the certificate registered for the signer.")
        vi = "Chưa có khóa ký số đã đăng ký cho cách ký này."
        raise Conflict("signing_key.none", vi, "No key is registered for this way of signing.")
    return fitting[0]


def _insert(wanted: Preparation, seen: Seen, prepared: Prepared | None) -> Row[Any]:
    unit, before, document_id = wanted.unit, wanted.before, wanted.subject.document.id
    kept: Json | None = prepared.to_json() if prepared else None
    if wanted.copy_form:
        kept = {**(kept or {}), "copy_form": wanted.copy_form}
    consent_id = new_id(unit.now)
    row = {
        "id": consent_id,
        "agency_id": unit.actor.agency_id,
        "account_id": unit.actor.account_id,
        "document_id": document_id,
        "act": wanted.act,
        "field": seen.field,
        "file_id": before.id,
        "file_sha256": bytes(before.sha256),
        "key_id": wanted.key.id,
        "method": wanted.method,
        "prepared": kept,
        "registry_entry_id": prepared.registry_entry_id if prepared else None,
        "created_at": unit.now,
        "expires_at": unit.now + CONSENT_LIFE,
    }
    unit.session.execute(insert(CONSENT), [row])
    details = {
        "consent": str(consent_id),
        "act": wanted.act,
        "method": wanted.method,
        "file_sha256": bytes(before.sha256).hex(),
        "version": before.version,
        "fingerprint": wanted.key.fingerprint,
    }
    unit.audit(AuditRecord("signing_consent.give", "document", document_id, details))
    return unit.session.execute(select(CONSENT).where(CONSENT.c.id == consent_id)).one()


def _ask_service(
    resources: HandlerResources,
    consent: Row[Any],
    key: Row[Any],
    state: PreparedSignature,
    proof: RemoteProof | None,
) -> bytes:
    if consent.method != "csc" or proof is None:
        vi, en = "Thiếu chữ ký.", "The signature is missing."
        raise InvalidInput("signature.missing", vi, en, [Finding("signature.missing", vi, en, "/signature")])
    return RemoteSigner(resources.signing.remote_url, proof).sign(key.reference, state)
