"""What the certificate of a package is worth: the way to an anchor of the trust folder, and revocation.

The folder is the one that PDF signatures are judged by: ``roots/``, ``intermediates/``, ``crls/``. What is
not there is not trusted, nothing is fetched, and without a valid list revocation stays unknown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID
from pyhanko_certvalidator import CertificateValidator
from pyhanko_certvalidator.errors import PathError, RevokedError, ValidationError

from handlers.signing.levels import TrustMaterial


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """A certificate, judged.

    Attributes:
        trust: ``trusted`` or ``untrusted``.
        revocation: ``good``, ``revoked`` or ``unknown``.
        signer: its common name.
        organ_id: the organisation's identifier in it (OID 2.5.4.97), or "".
        fingerprint: SHA-256, hexadecimal.
        reasons: what is wrong, in words for programs.
    """

    trust: str
    revocation: str
    signer: str
    organ_id: str
    fingerprint: str
    reasons: tuple[str, ...] = ()


def judge_certificate(
    certificate: x509.Certificate,
    chain: Sequence[x509.Certificate],
    trust_dir: Path | None,
    moment: datetime,
) -> CertificateFacts:
    """Return the facts of a certificate as of ``moment`` (aware).

    Args:
        certificate: of the signer.
        chain: further certificates that came with it; they help to build the way, they are no anchors.
        trust_dir: the trust folder, or None: nothing is trusted.
        moment: as of when.
    """
    trust, revocation = _judge(certificate, chain, trust_dir, moment)
    reasons = []
    if trust != "trusted":
        reasons.append("untrusted")
    if revocation != "good":
        reasons.append("revoked" if revocation == "revoked" else "revocation_unknown")
    return CertificateFacts(
        trust,
        revocation,
        _part(certificate, NameOID.COMMON_NAME) or certificate.subject.rfc4514_string(),
        _part(certificate, NameOID.ORGANIZATION_IDENTIFIER),
        certificate.fingerprint(hashes.SHA256()).hex(),
        tuple(reasons),
    )


def _judge(
    certificate: x509.Certificate,
    chain: Sequence[x509.Certificate],
    trust_dir: Path | None,
    moment: datetime,
) -> tuple[str, str]:
    if trust_dir is None:
        return "untrusted", "unknown"
    for mode in ("require", "soft-fail"):
        try:
            asyncio.run(_validate(certificate, chain, trust_dir, moment, mode))
        except RevokedError:
            return "trusted", "revoked"
        except (PathError, ValidationError, ValueError):
            continue
        return "trusted", "good" if mode == "require" else "unknown"
    return "untrusted", "unknown"


async def _validate(
    certificate: x509.Certificate,
    chain: Sequence[x509.Certificate],
    trust_dir: Path,
    moment: datetime,
    mode: str,
) -> None:
    """Build and check the way to an anchor.

    Raises:
        ValidationError: there is none, or revocation cannot be told under this mode.
        RevokedError: a certificate of the way is revoked.
    """
    context = TrustMaterial.load(trust_dir).context(moment, mode)
    others = [_as_asn1(one) for one in chain]
    validator: Any = CertificateValidator(_as_asn1(certificate), others, validation_context=context)
    await validator.async_validate_usage({"digital_signature"})


def _as_asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def _part(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    parts = certificate.subject.get_attributes_for_oid(oid)
    return str(parts[0].value) if parts else ""
