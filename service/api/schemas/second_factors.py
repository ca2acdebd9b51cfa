"""Second factors: enrolled, proved, removed."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import ValidationError, fields, validates_schema

from service.api.schemas.base import Instant, Words
from service.api.schemas.shared import Length, Output, Schema, Values, note

_ONE_PROOF: Final = Words(
    "proof.one",
    "Cần đúng một trong: totp, recovery_code, passkey.",
    "Exactly one of totp, recovery_code, passkey is needed.",
)


class Proof(Schema):
    """A second factor, exactly one of the three."""

    totp = fields.String(validate=Length(min=6, max=10), metadata=note("six digits"))
    recovery_code = fields.String(validate=Length(min=1, max=60), metadata=note("one of the ten, used up"))
    passkey = Values("WebAuthn authentication response (`PublicKeyCredential.toJSON()`)")

    @validates_schema
    def _hold_one(self, data: dict[str, Any], **_options: Any) -> None:
        if len(data.keys() & {"totp", "recovery_code", "passkey"}) != 1:
            raise ValidationError([_ONE_PROOF])


class LoginProof(Proof):
    """The second factor of a login that is under way."""

    login_token = fields.String(
        validate=Length(min=1, max=200),
        load_only=True,
        metadata=note("from the answer to the password; without it the cookie `__Host-congvan-login` counts"),
    )


class LoginToken(Schema):
    """A login that is under way."""

    login_token = fields.String(validate=Length(min=1, max=200), load_only=True)


class FactorWanted(Output):
    """The password was right; the login goes on with a second factor."""

    login_token = fields.String(metadata=note("opens nothing but `POST /sessions/second-factor`"))
    methods = fields.List(fields.String(), metadata=note("`passkey`, `totp`, `recovery_code`; best first"))
    expires_at = Instant()


class StepUp(Output):
    """A second factor that now counts for this session."""

    method = fields.String()
    stepped_up_at = Instant()
    valid_until = Instant()


class Factors(Output):
    """What a person can prove themselves with."""

    methods = fields.List(fields.String())
    totp_confirmed_at = Instant(allow_none=True)
    passkeys = fields.Integer()
    recovery_codes_left = fields.Integer()
    stepped_up_at = Instant(allow_none=True)


class Password(Schema):
    """The current password: needed for the first factor; later ones need the step-up instead."""

    password = fields.String(load_default=None, validate=Length(min=1, max=1000), load_only=True)


class Enrolment(Output):
    """A code generator's secret, shown once."""

    secret = fields.String(metadata=note("base32, for typing it in"))
    uri = fields.String(metadata=note("`otpauth://`, what the QR code says"))
    qr_svg = fields.String(metadata=note("the QR code as SVG"))


class Code(Schema):
    """A code of the generator."""

    code = fields.String(required=True, validate=Length(min=6, max=10), load_only=True)


class RecoveryCodes(Output):
    """Recovery codes, shown once; empty where unused ones are left."""

    recovery_codes = fields.List(fields.String())
