"""Keys on a cryptographic device, over PKCS #11: the private key never leaves it.

A session is opened once for each process and kept; when the device drops it, it is opened anew and the
signature tried once more. The library for devices is optional: an installation without one does not need it.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from asn1crypto.algos import DSASignature

from handlers.signing.keys import SigningCertificate, read_certificate
from service.domain.errors import InvalidInput, Unavailable


@dataclass(frozen=True, slots=True)
class TokenAddress:
    """Where a key is found.

    Attributes:
        module: shared library of the device's maker.
        token: label of the token.
        key: label of the private key and of its certificate.
        pin: of the user; never shown.
    """

    module: Path
    token: str
    key: str
    pin: str = field(repr=False)


class TokenKey:
    """A private key on a device.

    A process logs in once: while another session on the same token is open, the PIN is not asked again, so a
    key that opens does not prove that its PIN is right.

    Args:
        address: of the key.
        chain: DER of the intermediate certificates, which devices seldom hold.
    """

    def __init__(self, address: TokenAddress, chain: tuple[bytes, ...] = ()) -> None:
        if find_spec("pkcs11") is None:
            vi = "Chưa cài thư viện cho thiết bị PKCS #11 (python-pkcs11)."
            raise Unavailable("token.no_library", vi, "The library for PKCS #11 devices is not installed.")
        self._address = address
        self._lock = threading.Lock()
        self._session: Any = None
        self._key: Any = None
        with self._lock:
            self._open()
            self._certificate = read_certificate(self._read_certificate(), chain)

    @property
    def certificate(self) -> SigningCertificate:
        """Return the certificate that lies beside the key."""
        return self._certificate

    def sign(self, data: bytes) -> bytes:
        """Return the signature over ``data``.

        Raises:
            Unavailable: ``token.unavailable``, the device is gone or refuses.
        """
        pkcs11 = _library()

        with self._lock:
            try:
                return self._sign(data)
            except (pkcs11.SessionHandleInvalid, pkcs11.SessionClosed, pkcs11.UserNotLoggedIn):
                self._open()
            except pkcs11.PKCS11Error:
                raise _unavailable() from None
            try:
                return self._sign(data)
            except pkcs11.PKCS11Error:
                raise _unavailable() from None

    def close(self) -> None:
        """Give the session back to the device."""
        with self._lock:
            if self._session is not None:
                self._session.close()

    def _sign(self, data: bytes) -> bytes:
        pkcs11 = _library()

        if self._certificate.algorithm == "rsa_sha256":
            return bytes(self._key.sign(data, mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS))
        # Not every device hashes for elliptic curves, and all give the two numbers without a frame.
        plain = self._key.sign(hashlib.sha256(data).digest(), mechanism=pkcs11.Mechanism.ECDSA)
        return bytes(DSASignature.from_p1363(plain).dump())

    def _open(self) -> None:
        pkcs11 = _library()

        try:
            token = pkcs11.lib(str(self._address.module)).get_token(token_label=self._address.token)
            try:
                self._session = token.open(user_pin=self._address.pin)
            except pkcs11.UserAlreadyLoggedIn:
                self._session = token.open()
            self._key = self._find_key()
        except pkcs11.NoSuchToken:
            raise _missing() from None
        except (pkcs11.PKCS11Error, RuntimeError):
            raise _unavailable() from None

    def _find_key(self) -> Any:
        pkcs11 = _library()
        try:
            return self._session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=self._address.key)
        except (pkcs11.NoSuchKey, pkcs11.MultipleObjectsReturned):
            self._session.close()
            raise _missing() from None

    def _read_certificate(self) -> bytes:
        pkcs11 = _library()

        wanted = {
            pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE,
            pkcs11.Attribute.LABEL: self._address.key,
        }
        found = [bytes(one[pkcs11.Attribute.VALUE]) for one in self._session.get_objects(wanted)]
        if len(found) != 1:
            self._session.close()
            raise _missing()
        return found[0]

    def __repr__(self) -> str:
        return f"TokenKey({self._address.token!r}, {self._address.key!r})"


def _library() -> Any:
    return import_module("pkcs11")


def _missing() -> InvalidInput:
    vi = "Thiết bị không có khóa hoặc chứng thư số với nhãn đã cấu hình."
    return InvalidInput("token.no_key", vi, "The device has no key or certificate of the configured label.")


def _unavailable() -> Unavailable:
    vi = "Thiết bị ký số không sẵn sàng hoặc mã PIN không đúng."
    return Unavailable("token.unavailable", vi, "The signing device is not ready, or the PIN is wrong.")
