"""An authenticator in software: makes passkeys and answers challenges as a real device does (WebAuthn level 3)."""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

USER_PRESENT, USER_VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class SoftwareAuthenticator:
    """One credential of one device.

    Attributes:
        origin: of the page that the browser says it is on.
        is_edwards: Ed25519 instead of P-256.
        verifies_user: whether the device asks for a PIN or a finger.
        is_framed: whether the page stands in a frame of another site.
        sign_count: of the credential; a device that does not count stays at 0.
        counts: whether the device counts.
    """

    origin: str = "http://localhost:8080"
    is_edwards: bool = False
    verifies_user: bool = True
    is_framed: bool = False
    attestation: str = "none"
    counts: bool = True
    sign_count: int = 0
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def __post_init__(self) -> None:
        self.key: Any = (
            ed25519.Ed25519PrivateKey.generate()
            if self.is_edwards
            else ec.generate_private_key(ec.SECP256R1())
        )

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer ``navigator.credentials.create``."""
        client_data = self._client_data("webauthn.create", options["challenge"])
        cose = cbor2.dumps(self._cose_key())
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cose
        data = self._authenticator_data(options["rp"]["id"], ATTESTED) + attested
        statement = {}
        if self.attestation == "packed":
            signature = self._sign(data + hashlib.sha256(client_data).digest())
            statement = {"alg": -8 if self.is_edwards else -7, "sig": signature}
        attestation = {"fmt": self.attestation, "attStmt": statement, "authData": data}
        return self._response(
            clientDataJSON=encode(client_data),
            attestationObject=encode(cbor2.dumps(attestation)),
            transports=["internal", "hybrid"],
        )

    def answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer ``navigator.credentials.get``."""
        self.sign_count += self.counts
        client_data = self._client_data("webauthn.get", options["challenge"])
        data = self._authenticator_data(options["rpId"])
        return self._response(
            clientDataJSON=encode(client_data),
            authenticatorData=encode(data),
            signature=encode(self._sign(data + hashlib.sha256(client_data).digest())),
            userHandle=None,
        )

    def _response(self, **members: Any) -> dict[str, Any]:
        told = encode(self.credential_id)
        return {"id": told, "rawId": told, "type": "public-key", "response": members}

    def _client_data(self, kind: str, challenge: str) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": self.is_framed}
        return json.dumps(told).encode()

    def _authenticator_data(self, party_id: str, flags: int = 0) -> bytes:
        flags |= USER_PRESENT | (USER_VERIFIED if self.verifies_user else 0)
        return (
            hashlib.sha256(party_id.encode()).digest() + bytes([flags]) + self.sign_count.to_bytes(4, "big")
        )

    def _cose_key(self) -> dict[int, Any]:
        if self.is_edwards:
            return {1: 1, 3: -8, -1: 6, -2: self.key.public_key().public_bytes_raw()}
        numbers = self.key.public_key().public_numbers()
        return {
            1: 2,
            3: -7,
            -1: 1,
            -2: numbers.x.to_bytes(32, "big"),
            -3: numbers.y.to_bytes(32, "big"),
        }

    def _sign(self, data: bytes) -> bytes:
        if self.is_edwards:
            return self.key.sign(data)
        return self.key.sign(data, ec.ECDSA(hashes.SHA256()))
