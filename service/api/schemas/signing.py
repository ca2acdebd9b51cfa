"""Consents and signatures of documents."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from service.api.schemas.base import Instant, Words
from service.api.schemas.shared import Length, OneOf, Output, Schema, note

ACTS = ("initials", "leader", "seal", "joint_seal", "copy", "annex")
METHODS = ("stored_key", "csc", "client_token")
_SHA256_HEX = 64


class ConsentInput(Schema):
    """What the caller agrees to sign."""

    act = fields.String(required=True, validate=OneOf(ACTS))
    file_sha256 = fields.String(
        required=True,
        validate=Length(equal=_SHA256_HEX),
        metadata=note("hexadecimal, of the file that the caller looked at"),
    )
    method = fields.String(required=True, validate=OneOf(METHODS))
    certificate = fields.String(
        load_default="",
        validate=Length(max=_SHA256_HEX),
        metadata=note("SHA-256 of the certificate, hexadecimal; empty = the newest registered one that fits"),
    )
    copy_form = fields.String(
        load_default="", validate=OneOf(("", "SY", "TrS", "SL")), metadata=note("for `copy`")
    )

    @validates_schema
    def _check_digest(self, data: dict[str, Any], **_options: Any) -> None:
        for name in ("file_sha256", "certificate"):
            text = data.get(name) or ""
            if any(character not in "0123456789abcdef" for character in text):
                words = Words(
                    "field.hex", "Phải là mã SHA-256 dạng hexa.", "Must be a SHA-256 in hexadecimal."
                )
                raise ValidationError({name: [words]})


class SignedThing(Output):
    """Exactly what is signed: show it before the second factor is asked for."""

    act = fields.String()
    act_vi = fields.String()
    act_en = fields.String()
    document_id = fields.UUID()
    type_name = fields.String()
    subject = fields.String()
    file_name = fields.String()
    file_sha256 = fields.String()
    version = fields.Integer()
    page_amount = fields.Integer(allow_none=True)
    field = fields.String(metadata=note("of the PDF"))
    signer = fields.String(metadata=note("as the certificate names them"))
    certificate_fingerprint = fields.String()
    certificate_until = Instant()
    is_test = fields.Boolean(metadata=note("no legal value"))
    number = fields.String(allow_none=True, metadata=note("number and symbol that the seal sets"))
    number_state = fields.String(
        allow_none=True, metadata=note("previewed (kept for nobody yet), reserved or registered")
    )
    issued_on = fields.Date(allow_none=True)


class Consent(Output):
    """A consent to one signature: one use, ten minutes."""

    id = fields.UUID()
    expires_at = Instant()
    is_ready = fields.Boolean(metadata=note("whether the process may go on with it"))
    method = fields.String()
    what = fields.Nested(SignedThing)
    attributes = fields.String(
        allow_none=True, metadata=note("base64: a device signs these bytes with SHA-256")
    )
    digest = fields.String(allow_none=True, metadata=note("base64: their SHA-256, for devices that take it"))
    document_digest = fields.String(
        allow_none=True, metadata=note("base64: for programs that make a whole CMS structure")
    )


class RemoteProof(Schema):
    """What the caller proves to the remote signing service with; kept nowhere."""

    access_token = fields.String(required=True, validate=Length(min=1, max=4000))
    pin = fields.String(load_default="", validate=Length(max=100))
    code = fields.String(load_default="", validate=Length(max=100))


class SignatureInput(Schema):
    """A signature that comes back, or the proof with which the remote service is asked for it."""

    signature = fields.String(load_default="", validate=Length(max=40_000), metadata=note("base64"))
    is_cms = fields.Boolean(load_default=False, metadata=note("a whole CMS structure, not a plain signature"))
    csc = fields.Nested(RemoteProof, load_default=None, allow_none=True)


class Answer(Output):
    """One of the four answers about a signature."""

    value = fields.String()
    is_good = fields.Boolean(allow_none=True, metadata=note("null = cannot be told"))
    vi = fields.String()
    en = fields.String()


class SignatureAnswer(Output):
    """One signature with its four answers."""

    field = fields.String()
    signer = fields.String()
    organisation = fields.String(allow_none=True)
    issuer = fields.String()
    fingerprint = fields.String()
    is_test = fields.Boolean()
    act = fields.String(allow_none=True, metadata=note("of a signature made here"))
    signed_at = Instant(allow_none=True)
    timestamp_at = Instant(allow_none=True, metadata=note("of a trusted time-stamping service"))
    proved_at = Instant(
        allow_none=True, metadata=note("when its certificate, ended or revoked since, was good")
    )
    revision = fields.Integer(metadata=note("of the file that it covers, from 1"))
    revision_amount = fields.Integer()
    covers_whole_file = fields.Boolean()
    changed_fields = fields.List(fields.String())
    integrity = fields.Nested(Answer)
    trust = fields.Nested(Answer)
    revocation = fields.Nested(Answer)
    later_changes = fields.Nested(Answer)


class FileSignatures(Output):
    """The signatures of one file."""

    file_id = fields.UUID()
    file_name = fields.String()
    role = fields.String()
    version = fields.Integer()
    sha256 = fields.String()
    verdict = fields.Nested(Answer)
    reasons = fields.List(fields.Nested(Answer))
    checked_at = Instant(allow_none=True)
    signatures = fields.List(fields.Nested(SignatureAnswer))


class MadeSignature(Output):
    """A signature that was made here, on record."""

    id = fields.UUID()
    act = fields.String()
    act_vi = fields.String()
    act_en = fields.String()
    field = fields.String()
    signer_name = fields.String()
    certificate_subject = fields.String()
    is_test = fields.Boolean()
    level = fields.String()
    version = fields.Integer()
    signed_at = Instant()
    voided_at = Instant(allow_none=True)
    void_reason = fields.String(allow_none=True)


class DocumentSignatures(Output):
    """What the signatures of a document's files are worth, and what was signed here."""

    document_id = fields.UUID()
    legal_value = fields.String(allow_none=True)
    files = fields.List(fields.Nested(FileSignatures))
    made = fields.List(fields.Nested(MadeSignature), metadata=note("voided ones too, oldest first"))
