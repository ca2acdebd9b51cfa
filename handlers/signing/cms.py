"""The signature value of PAdES: a CMS SignedData, built directly as DER (RFC 5652; ETSI EN 319 142-1 §6.3).

The structure is small and, but for a digest and a signature, the same for every document of one certificate;
encoding it through an object model costs more than the RSA operation. There is no signing-time attribute:
PAdES keeps the claimed time in the PDF dictionary, and the proven one in the time-stamp.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from asn1crypto import cms as asn1_cms
from asn1crypto import core
from asn1crypto import x509 as asn1_x509

from handlers.signing.keys import SigningCertificate

_INTEGER, _OCTETS, _NULL, _SEQUENCE, _SET = 0x02, 0x04, 0x05, 0x30, 0x31
_FIRST, _SECOND, _FIFTH = 0xA0, 0xA1, 0xA4
"""Context tags [0], [1] and [4], constructed."""

_SHORT_LENGTH: Final = 0x80


def _encode(tag: int, *parts: bytes) -> bytes:
    """Return one DER value made of ``parts``."""
    body = b"".join(parts)
    size = len(body)
    if size < _SHORT_LENGTH:
        return bytes((tag, size)) + body
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, _SHORT_LENGTH | len(octets))) + octets + body


def _oid(dotted: str) -> bytes:
    return bytes(core.ObjectIdentifier(dotted).dump())


_DATA: Final = _oid("1.2.840.113549.1.7.1")
_SIGNED_DATA: Final = _oid("1.2.840.113549.1.7.2")
_CONTENT_TYPE: Final = _oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST: Final = _oid("1.2.840.113549.1.9.4")
_SIGNING_CERTIFICATE_V2: Final = _oid("1.2.840.113549.1.9.16.2.47")
_ALGORITHM_PROTECTION: Final = _oid("1.2.840.113549.1.9.52")
_TIME_STAMP_TOKEN: Final = _oid("1.2.840.113549.1.9.16.2.14")
_SHA256: Final = _encode(_SEQUENCE, _oid("2.16.840.1.101.3.4.2.1"))
_ALGORITHMS: Final = {
    "rsa_sha256": (_oid("1.2.840.113549.1.1.11"), _encode(_NULL)),
    "ecdsa_sha256": (_oid("1.2.840.10045.4.3.2"),),
}
_ONE: Final = _encode(_INTEGER, b"\x01")


def signed_attributes(certificate: SigningCertificate, document_digest: bytes) -> bytes:
    """Return the attributes that the key signs, as a DER SET.

    They hold the content type, the document's SHA-256, the certificate's identity (ESS, RFC 5035) and the
    algorithms (RFC 6211), so that none of these can be exchanged afterwards.
    """
    digest = _attribute(_MESSAGE_DIGEST, _encode(_OCTETS, document_digest))
    return _encode(_SET, *sorted([*_constant_attributes(certificate), digest]))


def signed_data(
    certificate: SigningCertificate, attributes: bytes, signature: bytes, token: bytes | None = None
) -> bytes:
    """Return the CMS ContentInfo as DER.

    Args:
        certificate: of the signer; it and its chain are embedded.
        attributes: what :func:`signed_attributes` returned and the key signed.
        signature: over ``attributes``.
        token: RFC 3161 time-stamp token over ``signature`` (DER ContentInfo), which makes it B-T.
    """
    signer, certificates, algorithm = _constant_parts(certificate)
    unsigned = b""
    if token is not None:
        unsigned = _encode(_SECOND, _attribute(_TIME_STAMP_TOKEN, token))
    info = _encode(
        _SEQUENCE,
        _ONE,
        signer,
        _SHA256,
        bytes((_FIRST,)) + attributes[1:],
        algorithm,
        _encode(_OCTETS, signature),
        unsigned,
    )
    body = _encode(
        _SEQUENCE,
        _ONE,
        _encode(_SET, _SHA256),
        _encode(_SEQUENCE, _DATA),
        certificates,
        _encode(_SET, info),
    )
    return _encode(_SEQUENCE, _SIGNED_DATA, _encode(_FIRST, body))


def longest_signed_data_bytes(certificate: SigningCertificate, token_bytes: int = 0) -> int:
    """Return how long the ContentInfo of this certificate can get with a token of ``token_bytes``."""
    attributes = signed_attributes(certificate, bytes(32))
    whole = signed_data(certificate, attributes, bytes(certificate.longest_signature_bytes))
    return len(whole) + (token_bytes + 64 if token_bytes else 0)


def read_signed_data(
    data: bytes, certificate: SigningCertificate, document_digest: bytes
) -> tuple[bytes, bytes] | None:
    """Return attributes (DER SET) and signature of a foreign CMS, or None if it is not one we can take over.

    It must be by exactly this certificate, over exactly this digest with SHA-256, and its attributes must say
    so. Whether the signature holds is for the caller to check.
    """
    try:
        content = asn1_cms.ContentInfo.load(data, strict=True)
        (info,) = content["content"]["signer_infos"]
        values = {one["type"].native: one["values"] for one in info["signed_attrs"]}
        (digest,) = values["message_digest"]
        (identity,) = values["signing_certificate_v2"]
        said = identity["certs"][0]["cert_hash"].native
        is_sha256 = info["digest_algorithm"]["algorithm"].native == "sha256"
    except (ValueError, KeyError, TypeError, IndexError):
        return None
    is_ours = said == hashlib.sha256(certificate.der).digest() and digest.native == document_digest
    if not is_ours or not is_sha256:
        return None
    attributes = bytes((_SET,)) + bytes(info["signed_attrs"].dump())[1:]
    return attributes, bytes(info["signature"].native)


def _attribute(oid: bytes, value: bytes) -> bytes:
    return _encode(_SEQUENCE, oid, _encode(_SET, value))


@lru_cache(maxsize=256)
def _constant_attributes(certificate: SigningCertificate) -> Sequence[bytes]:
    parsed = asn1_x509.Certificate.load(certificate.der)
    names = _encode(_SEQUENCE, _encode(_FIFTH, parsed.issuer.dump()))
    serial = parsed["tbs_certificate"]["serial_number"].dump()
    digest = _encode(_OCTETS, hashlib.sha256(certificate.der).digest())
    identity = _encode(_SEQUENCE, digest, _encode(_SEQUENCE, names, serial))
    ess = _encode(_SEQUENCE, _encode(_SEQUENCE, identity))
    protection = _encode(_SEQUENCE, _SHA256, _encode(_SECOND, *_ALGORITHMS[certificate.algorithm]))
    return (
        _attribute(_CONTENT_TYPE, _DATA),
        _attribute(_SIGNING_CERTIFICATE_V2, ess),
        _attribute(_ALGORITHM_PROTECTION, protection),
    )


@lru_cache(maxsize=256)
def _constant_parts(certificate: SigningCertificate) -> tuple[bytes, bytes, bytes]:
    """Return the signer's identifier, the set of certificates and the algorithm of the signature."""
    parsed = asn1_x509.Certificate.load(certificate.der)
    signer = _encode(_SEQUENCE, parsed.issuer.dump(), parsed["tbs_certificate"]["serial_number"].dump())
    certificates = _encode(_FIRST, *sorted({certificate.der, *certificate.chain}))
    return signer, certificates, _encode(_SEQUENCE, *_ALGORITHMS[certificate.algorithm])
