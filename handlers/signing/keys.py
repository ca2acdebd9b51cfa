"""Keys that sign: what the rest of the house knows of a key is its certificate and that it signs bytes.

Private material stays inside a key object: it shows in no ``repr``, is not copied or pickled, and no error
carries text of a library. Where the key lives (a file, a token, a remote service) is its own affair.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, NoReturn, Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from service.domain.errors import Conflict, InvalidInput

SMALLEST_RSA_BITS: Final = 2048
TEST_MARK: Final = "TEST"
"""Stands in the names of every certificate of the demonstration authority."""


@dataclass(frozen=True, slots=True)
class SigningCertificate:
    """A certificate with its chain, read once.

    Attributes:
        der: of the signer's certificate.
        chain: DER of the intermediate certificates, signer's issuer first, without the root.
        subject: the signer's common name.
        organisation: of the subject, or None.
        units: organisational units of the subject.
        subject_id: what the authority tells namesakes apart by: the subject's UID, else its serial number (of
            the person, not of the certificate); "" without either.
        issuer: common name of the issuer.
        serial: hexadecimal, small letters.
        fingerprint: SHA-256 of ``der``, hexadecimal: what a user's registered certificate is compared by.
        not_before: aware, UTC.
        not_after: aware, UTC.
        algorithm: of its signatures.
        longest_signature_bytes: how long one signature can get.
        is_test: whether it comes from the demonstration authority, and has no legal value.
    """

    der: bytes = field(repr=False)
    chain: tuple[bytes, ...] = field(repr=False)
    subject: str
    organisation: str | None
    units: tuple[str, ...]
    subject_id: str
    issuer: str
    serial: str
    fingerprint: str
    not_before: datetime
    not_after: datetime
    algorithm: str
    longest_signature_bytes: int
    is_test: bool

    def check_at(self, moment: datetime) -> None:
        """Refuse a certificate outside its time or not meant for signatures (RFC 5280 §4.2.1.3).

        Raises:
            Conflict: ``certificate.expired``, ``certificate.not_yet_valid`` or ``certificate.key_usage``.
        """
        if moment < self.not_before:
            vi, en = "Chứng thư số chưa có hiệu lực.", "The certificate is not valid yet."
            raise Conflict("certificate.not_yet_valid", vi, en)
        if moment > self.not_after:
            vi, en = "Chứng thư số đã hết hạn.", "The certificate has expired."
            raise Conflict("certificate.expired", vi, en)
        if not _may_sign(x509.load_der_x509_certificate(self.der)):
            vi, en = "Chứng thư số không dùng để ký được.", "The certificate is not meant for signatures."
            raise Conflict("certificate.key_usage", vi, en)

    def check_signature(self, signature: bytes, data: bytes) -> None:
        """Refuse a signature that this certificate's key did not make over ``data`` with SHA-256.

        Raises:
            InvalidInput: ``signature.wrong``.
        """
        key = x509.load_der_x509_certificate(self.der).public_key()
        try:
            if isinstance(key, rsa.RSAPublicKey):
                key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
            elif isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            vi, en = "Chữ ký không khớp với chứng thư số.", "The signature does not match the certificate."
            raise InvalidInput("signature.wrong", vi, en) from None


class SigningKey(Protocol):
    """A private key at work, wherever it lives."""

    @property
    def certificate(self) -> SigningCertificate:
        """Return the certificate of the key."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Return the signature over ``data``: SHA-256 with RSA PKCS #1 v1.5, or ECDSA as a DER sequence.

        Raises:
            Unavailable: the key cannot be reached now.
        """
        ...


class Pkcs12Key:
    """A key from a PKCS #12 file, unlocked once and kept in memory.

    Unlocking costs some 50 ms and the library's own check of an RSA key as much again for each load, so a
    process keeps the object.

    Args:
        key: RSA of at least 2048 bits or an elliptic curve.
        certificate: that belongs to it.
    """

    __slots__ = ("_certificate", "_key")

    def __init__(self, key: PrivateKeyTypes, certificate: SigningCertificate) -> None:
        if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise _unusable_key()
        spki = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        of_certificate = x509.load_der_x509_certificate(certificate.der).public_key()
        if key.public_key().public_bytes(*spki) != of_certificate.public_bytes(*spki):
            vi, en = "Khóa không thuộc chứng thư số.", "The key does not belong to the certificate."
            raise InvalidInput("key.mismatch", vi, en)
        self._key = key
        self._certificate = certificate

    @classmethod
    def open(cls, data: bytes, passphrase: str) -> Pkcs12Key:
        """Return the key of a PKCS #12 container.

        Raises:
            InvalidInput: ``key.unreadable`` for a wrong passphrase or a broken file, ``key.unusable`` for one
                without a key and certificate that we can sign with.
        """
        try:
            key, certificate, others = pkcs12.load_key_and_certificates(data, passphrase.encode() or None)
        except ValueError:
            vi, en = (
                "Không mở được tệp khóa: sai mật khẩu hoặc tệp hỏng.",
                "Wrong passphrase or broken key file.",
            )
            raise InvalidInput("key.unreadable", vi, en) from None
        if key is None or certificate is None:
            raise _unusable_key()
        chain = [one.public_bytes(serialization.Encoding.DER) for one in others if one.issuer != one.subject]
        return cls(key, read_certificate(certificate.public_bytes(serialization.Encoding.DER), chain))

    @classmethod
    def load(cls, path: Path, passphrase: str) -> Pkcs12Key:
        """Return the key in the file at ``path``; errors as of :meth:`open`."""
        return cls.open(path.read_bytes(), passphrase)

    @property
    def certificate(self) -> SigningCertificate:
        """Return the certificate of the key."""
        return self._certificate

    def sign(self, data: bytes) -> bytes:
        """Return the signature over ``data``."""
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return self._key.sign(data, ec.ECDSA(hashes.SHA256()))

    def __repr__(self) -> str:
        return f"Pkcs12Key({self._certificate.subject!r}, {self._certificate.serial})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a private key is not copied or pickled")


def read_certificate(der: bytes, chain: list[bytes] | tuple[bytes, ...] = ()) -> SigningCertificate:
    """Return the facts of a DER certificate; ``chain`` holds the intermediates that go into signatures.

    Raises:
        InvalidInput: ``certificate.unreadable``, or ``key.unusable`` for a kind of key we do not use.
    """
    try:
        found = x509.load_der_x509_certificate(der)
        key = found.public_key()
    except ValueError:
        vi, en = "Không đọc được chứng thư số.", "The certificate cannot be read."
        raise InvalidInput("certificate.unreadable", vi, en) from None
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= SMALLEST_RSA_BITS:
        algorithm, longest = "rsa_sha256", key.key_size // 8
    elif isinstance(key, ec.EllipticCurvePublicKey):
        algorithm, longest = "ecdsa_sha256", 2 * ((key.key_size + 7) // 8) + 16
    else:
        raise _unusable_key()
    issuer = _name_part(found.issuer, NameOID.COMMON_NAME) or found.issuer.rfc4514_string()
    return SigningCertificate(
        der=der,
        chain=tuple(chain),
        subject=_name_part(found.subject, NameOID.COMMON_NAME) or found.subject.rfc4514_string(),
        organisation=_name_part(found.subject, NameOID.ORGANIZATION_NAME),
        units=tuple(_name_parts(found.subject, NameOID.ORGANIZATIONAL_UNIT_NAME)),
        subject_id=_name_part(found.subject, NameOID.USER_ID)
        or _name_part(found.subject, NameOID.SERIAL_NUMBER)
        or "",
        issuer=issuer,
        serial=f"{found.serial_number:x}",
        fingerprint=found.fingerprint(hashes.SHA256()).hex(),
        not_before=found.not_valid_before_utc,
        not_after=found.not_valid_after_utc,
        algorithm=algorithm,
        longest_signature_bytes=longest,
        is_test=TEST_MARK in issuer,
    )


def _may_sign(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return usage.digital_signature or usage.content_commitment


def _name_part(name: x509.Name, oid: x509.ObjectIdentifier) -> str | None:
    return next(iter(_name_parts(name, oid)), None)


def _name_parts(name: x509.Name, oid: x509.ObjectIdentifier) -> list[str]:
    return [str(part.value) for part in name.get_attributes_for_oid(oid)]


def _unusable_key() -> InvalidInput:
    vi = f"Cần khóa RSA từ {SMALLEST_RSA_BITS} bit hoặc khóa đường cong elliptic, kèm chứng thư số."
    en = f"Needed: an RSA key of {SMALLEST_RSA_BITS} bits or more, or an elliptic curve, with certificate."
    return InvalidInput("key.unusable", vi, en)
