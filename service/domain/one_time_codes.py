"""One-time codes: of a generator (TOTP, RFC 6238) and for recovery (OWASP ASVS 5.0, 6.5).

SHA-1, six digits and thirty seconds, because that is what every authenticator app can do; RFC 6238 rests on
HMAC, which SHA-1's collisions do not touch.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime
from io import BytesIO
from typing import Final

import pyotp
import segno

STEP_SECONDS: Final = 30
DRIFT_STEPS: Final = 1
"""Clocks of telephones drift: the step before and the step after count as well."""

DIGITS: Final = 6
RECOVERY_CODES: Final = 10

_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS: Final = 6
_GROUP_CHARACTERS: Final = 4


def new_secret() -> str:
    """Return a new secret of 160 bits in base32, as RFC 4226 recommends."""
    return pyotp.random_base32()


def enrolment_uri(secret: str, login: str, issuer: str) -> str:
    """Return the ``otpauth://`` address that authenticator apps read."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS).provisioning_uri(
        name=login, issuer_name=issuer
    )


def qr_svg(text: str) -> str:
    """Return a QR code of a text as an SVG document without script or style sheet."""
    picture = BytesIO()
    segno.make(text, error="m", micro=False).save(picture, kind="svg", scale=5, xmldecl=False, nl=False)
    return picture.getvalue().decode()


def code_at(secret: str, at: datetime) -> str:
    """Return the code of an instant (aware)."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS).generate_otp(_step(at))


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step that a code belongs to, at most one step from now; None = none of them.

    Every step is compared, in constant time each.
    """
    generator = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS)
    typed = "".join(code.split()).encode("utf-8", "surrogatepass")
    current, found = _step(now), None
    for step in range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1):
        if hmac.compare_digest(generator.generate_otp(step).encode(), typed):
            found = step
    return found


def new_recovery_codes() -> list[str]:
    """Return ten codes of about 119 bits each, in groups that can be read out."""
    return [
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_CHARACTERS)) for _ in range(_GROUPS))
        for _ in range(RECOVERY_CODES)
    ]


def recovery_hash(code: str) -> bytes:
    """Return the SHA-256 of a code, however it was spaced: it cannot be guessed, so a fast hash is enough."""
    plain = "".join(character for character in code.casefold() if character.isalnum())
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).digest()


def _step(at: datetime) -> int:
    return int(at.timestamp()) // STEP_SECONDS
