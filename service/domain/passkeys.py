"""Passkeys: what is asked of an authenticator and when its answer is right (W3C Web Authentication level 3).

The person must be verified by the device itself (PIN, finger, face), and the answer must come from a page of
this house, not from a frame within another. Who made the authenticator does not matter here, so attestation
is not asked for; what comes as ``packed`` all the same must at least be signed rightly.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    parse_attestation_object,
    parse_client_data_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationFormat,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

CHALLENGE_BYTES: Final = 32
TIMEOUT_MILLISECONDS: Final = 120_000

_FORMATS: Final = frozenset({AttestationFormat.NONE, AttestationFormat.PACKED})
_TRANSPORTS: Final = frozenset(transport.value for transport in AuthenticatorTransport)
_NAME: Final = "Công Văn"
_MALFORMED: Final = (WebAuthnException, InvalidSignature, ValueError, TypeError, LookupError, AttributeError)
"""What the library raises for answers that no honest authenticator gives."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """This house as authenticators know it.

    Attributes:
        id: the host name; a passkey made for it works nowhere else.
        origin: scheme, host and port of its pages.
    """

    id: str
    origin: str

    @classmethod
    def at(cls, url: str) -> RelyingParty:
        """Return the house at the address that people type."""
        parts = urlsplit(url)
        return cls(parts.hostname or "localhost", f"{parts.scheme}://{parts.netloc}")


@dataclass(frozen=True, slots=True)
class PasskeyOwner:
    """Who registers a passkey.

    Attributes:
        handle: opaque, at most 64 bytes: no name, no address.
        login: shown by the device.
        full_name: shown by the device.
    """

    handle: bytes
    login: str
    full_name: str


@dataclass(frozen=True, slots=True)
class KnownPasskey:
    """A passkey as it is kept: the id and COSE public key of the credential, its counter and transports."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What a right registration gives."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: list[str]
    aaguid: str
    is_backed_up: bool


@dataclass(frozen=True, slots=True)
class Assertion:
    """A right answer; ``is_copied`` when its counter went back: then somewhere there is a copy of the key."""

    sign_count: int
    is_backed_up: bool
    is_copied: bool


def registration_options(
    party: RelyingParty,
    owner: PasskeyOwner,
    challenge: bytes,
    known: Sequence[KnownPasskey],
) -> dict[str, Any]:
    """Return what ``navigator.credentials.create`` is given, as JSON; known passkeys are not made again.

    Args:
        party: this house.
        owner: who registers.
        challenge: random bytes, taken once.
        known: the account's passkeys.
    """
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=_NAME,
        user_id=owner.handle,
        user_name=owner.login,
        user_display_name=owner.full_name,
        challenge=challenge,
        timeout=TIMEOUT_MILLISECONDS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[_descriptor(passkey) for passkey in known],
    )
    return _as_json(options_to_json(options))


def authentication_options(
    party: RelyingParty, challenge: bytes, known: Sequence[KnownPasskey]
) -> dict[str, Any]:
    """Return what ``navigator.credentials.get`` is given, as JSON: one of the known passkeys must answer."""
    options = generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=TIMEOUT_MILLISECONDS,
        allow_credentials=[_descriptor(passkey) for passkey in known],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _as_json(options_to_json(options))


def check_registration(
    party: RelyingParty, challenge: bytes, response: Mapping[str, Any]
) -> NewPasskey | None:
    """Return the new passkey of a registration response; None = it is not right."""
    try:
        if not _is_ours(response) or _format_of(response) not in _FORMATS:
            return None
        made = verify_registration_response(
            credential=dict(response),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except _MALFORMED:
        return None
    told = response["response"].get("transports")
    transports = sorted(_TRANSPORTS.intersection(filter(_is_text, told))) if isinstance(told, list) else []
    return NewPasskey(
        made.credential_id,
        made.credential_public_key,
        made.sign_count,
        transports,
        made.aaguid,
        made.credential_backed_up,
    )


def check_assertion(
    party: RelyingParty, challenge: bytes, response: Mapping[str, Any], known: KnownPasskey
) -> Assertion | None:
    """Return the answer of a known passkey; None = it is not right.

    The counter is judged here and not by the library, because one that went back must be told apart.
    """
    try:
        if not _is_ours(response):
            return None
        answer = verify_authentication_response(
            credential=dict(response),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=known.public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except _MALFORMED:
        return None
    counts = answer.new_sign_count > 0 or known.sign_count > 0
    is_copied = counts and answer.new_sign_count <= known.sign_count
    return Assertion(answer.new_sign_count, answer.credential_backed_up, is_copied)


def credential_id_of(response: Mapping[str, Any]) -> bytes:
    """Return the id of the credential that answers; empty = none is told."""
    told = response.get("rawId")
    try:
        return base64url_to_bytes(told) if isinstance(told, str) else b""
    except ValueError:
        return b""


def _is_ours(response: Mapping[str, Any]) -> bool:
    """Whether the answer was made on a page that stood by itself, not in a frame of another site."""
    told = parse_client_data_json(base64url_to_bytes(response["response"]["clientDataJSON"]))
    return not told.cross_origin


def _format_of(response: Mapping[str, Any]) -> str:
    return parse_attestation_object(base64url_to_bytes(response["response"]["attestationObject"])).fmt


def _descriptor(passkey: KnownPasskey) -> PublicKeyCredentialDescriptor:
    transports = [AuthenticatorTransport(name) for name in passkey.transports]
    return PublicKeyCredentialDescriptor(id=passkey.credential_id, transports=transports or None)


def _as_json(text: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def _is_text(value: object) -> bool:
    return isinstance(value, str)
