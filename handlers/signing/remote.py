"""Remote signing by the API of the Cloud Signature Consortium, versions 1 and 2: the key stays there.

The person's access token and PIN or one-time code come with the request in which they sign, go to the
configured service only, and are kept nowhere. The service is asked for one signature over one digest; what it
answers is believed only once it verifies against the registered certificate (CSC API 1.0.4.0 §11; 2.0 §11).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Final
from urllib.parse import urlsplit

from handlers.signing.keys import SigningCertificate
from handlers.signing.two_phase import PreparedSignature
from service.domain.errors import Conflict, Forbidden, Unavailable

_SHA256: Final = "2.16.840.1.101.3.4.2.1"
_SIGN_ALGORITHMS: Final = {
    "rsa_sha256": "1.2.840.113549.1.1.11",
    "ecdsa_sha256": "1.2.840.10045.4.3.2",
}
_MOST_ANSWER_BYTES: Final = 256 * 1024
_DENIED: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


@dataclass(frozen=True, slots=True)
class RemoteProof:
    """What a person proves to the service with; never kept.

    Attributes:
        access_token: the bearer token of the service's own login (OAuth 2.0).
        pin: of the credential, "" where the service asks for none.
        code: a one-time code, "" where the service asks for none.
    """

    access_token: str = field(repr=False)
    pin: str = field(default="", repr=False)
    code: str = field(default="", repr=False)


class RemoteSigner:
    """One person's access to the configured service.

    Redirects are not followed and no proxy of the environment is used.

    Args:
        base_url: with the version: ``https://…/csc/v1``.
        proof: of the person.
        wait: for a connection and for each answer.
    """

    def __init__(self, base_url: str, proof: RemoteProof, wait: timedelta = timedelta(seconds=10)) -> None:
        if not base_url:
            vi, en = "Chưa cấu hình dịch vụ ký số từ xa.", "No remote signing service is configured."
            raise Unavailable("remote.no_service", vi, en)
        self._url = urlsplit(base_url)
        self._is_second = self._url.path.rstrip("/").endswith("v2")
        self._proof = proof
        self._wait = wait

    def sign(self, credential: str, prepared: PreparedSignature) -> bytes:
        """Return the service's signature over the prepared attributes.

        Raises:
            Forbidden: ``remote.denied``, the service does not accept token, PIN or code.
            Conflict: ``certificate.not_registered``, the credential has another certificate.
            Unavailable: ``remote.unavailable``; no answer in time, or one that makes no sense.
        """
        self._check_credential(credential, prepared.certificate)
        digest = base64.b64encode(prepared.digest).decode()
        name = "hashes" if self._is_second else "hash"
        hashed: dict[str, Any] = {name: [digest]}
        if self._is_second:
            hashed["hashAlgorithmOID"] = _SHA256
        authorised = self._ask(
            "credentials/authorize",
            {"credentialID": credential, "numSignatures": 1, **hashed, **self._secrets()},
        )
        signed = self._ask(
            "signatures/signHash",
            {
                "credentialID": credential,
                "SAD": _text_of(authorised, "SAD"),
                "signAlgo": _SIGN_ALGORITHMS[prepared.certificate.algorithm],
                **({} if self._is_second else {"hashAlgo": _SHA256}),
                **hashed,
            },
        )
        signatures = signed.get("signatures")
        if not isinstance(signatures, list) or len(signatures) != 1:
            raise _unavailable()
        return _bytes_of(signatures[0])

    def _check_credential(self, credential: str, certificate: SigningCertificate) -> None:
        """Refuse a credential whose certificate is not the registered one."""
        told = self._ask("credentials/info", {"credentialID": credential, "certificates": "single"})
        shown = told.get("cert")
        certificates = shown.get("certificates") if isinstance(shown, dict) else None
        if not isinstance(certificates, list) or not certificates:
            raise _unavailable()
        if _bytes_of(certificates[0]) != certificate.der:
            vi = "Chứng thư số ở dịch vụ không phải chứng thư đã đăng ký."
            raise Conflict("certificate.not_registered", vi, "The service has another certificate.")

    def _secrets(self) -> dict[str, str]:
        given = {"PIN": self._proof.pin, "OTP": self._proof.code}
        return {name: value for name, value in given.items() if value}

    def _ask(self, method: str, body: Mapping[str, Any]) -> dict[str, Any]:
        try:
            status, content = self._post(method, json.dumps(body).encode())
            answer = json.loads(content)
        except (OSError, HTTPException, ValueError, RecursionError):
            raise _unavailable() from None
        if status in _DENIED:
            vi = "Dịch vụ ký số từ xa từ chối: sai mã PIN, mã xác thực hoặc phiên đã hết hạn."
            en = "The remote signing service refuses: a wrong PIN or code, or its session has expired."
            raise Forbidden("remote.denied", vi, en)
        if status != HTTPStatus.OK or not isinstance(answer, dict):
            raise _unavailable()
        return answer

    def _post(self, method: str, body: bytes) -> tuple[int, bytes]:
        kind = HTTPSConnection if self._url.scheme == "https" else HTTPConnection
        connection = kind(str(self._url.hostname), self._url.port, timeout=self._wait.total_seconds())
        headers = {
            "Authorization": f"Bearer {self._proof.access_token}",
            "Content-Type": "application/json",
        }
        try:
            connection.request("POST", f"{self._url.path.rstrip('/')}/{method}", body, headers)
            answer = connection.getresponse()
            content = answer.read(_MOST_ANSWER_BYTES + 1)
        finally:
            connection.close()
        if len(content) > _MOST_ANSWER_BYTES:
            raise HTTPException
        return answer.status, content


def _text_of(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise _unavailable()
    return value


def _bytes_of(value: Any) -> bytes:
    if not isinstance(value, str):
        raise _unavailable()
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise _unavailable() from None


def _unavailable() -> Unavailable:
    vi = "Dịch vụ ký số từ xa không trả lời hoặc trả lời sai."
    return Unavailable("remote.unavailable", vi, "The remote signing service gives no or a wrong answer.")
