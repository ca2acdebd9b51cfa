"""Whether a certificate is trusted and whose it is: asked when it is registered and before each signature."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from asn1crypto import x509 as asn1_x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, RevokedError, ValidationError

from handlers.signing.keys import TEST_MARK, SigningCertificate
from handlers.signing.levels import TrustMaterial
from service.domain.errors import Conflict


def names_bearer(certificate: SigningCertificate, name: str) -> bool:
    """Say whether the certificate's subject is of that name, the mark of tests apart."""
    return is_same_name(certificate.subject, name)


def names_organisation(certificate: SigningCertificate, organisations: Iterable[str]) -> bool:
    """Say whether the subject is of one of these organisations, by organisation or by its unit."""
    told = {_plain(one) for one in (certificate.organisation or "", *certificate.units)} - {""}
    return not told.isdisjoint(_plain(one) for one in organisations)


def is_same_name(one: str, other: str) -> bool:
    """Say whether two names are written the same, capitals and spaces apart."""
    return _plain(one) == _plain(other) != ""


def check_trusted(certificate: SigningCertificate, trust_dir: Path | None, at: datetime) -> None:
    """Refuse a certificate that no anchor of the deployment vouches for, or that is revoked.

    Nothing is fetched: without a list in force a certificate is taken as long as it is trusted, as the
    verifier of files does; the signature's level then stays where lists are not needed.

    Raises:
        Conflict: ``certificate.untrusted`` or ``certificate.revoked``, or outside its time.
    """
    certificate.check_at(at)
    trust = TrustMaterial.load(trust_dir) if trust_dir is not None else TrustMaterial([])
    try:
        _validate(certificate, trust.context(at))
    except RevokedError:
        vi, en = "Chứng thư số đã bị thu hồi.", "The certificate is revoked."
        raise Conflict("certificate.revoked", vi, en) from None
    except (PathError, ValidationError):
        _check_without_lists(certificate, trust.context(at, "soft-fail"))


def _check_without_lists(certificate: SigningCertificate, context: ValidationContext) -> None:
    """Refuse a certificate that is not trusted even where no list in force tells of revocation."""
    try:
        _validate(certificate, context)
    except (PathError, ValidationError):
        vi = "Chứng thư số không do tổ chức được tin cậy cấp."
        raise Conflict(
            "certificate.untrusted", vi, "No trusted authority vouches for this certificate."
        ) from None


def _validate(certificate: SigningCertificate, context: ValidationContext) -> None:
    validator = CertificateValidator(
        asn1_x509.Certificate.load(certificate.der),
        intermediate_certs=[asn1_x509.Certificate.load(one) for one in certificate.chain],
        validation_context=context,
    )
    asyncio.run(validator.async_validate_path())


def _plain(name: str) -> str:
    words = unicodedata.normalize("NFC", name).replace(f"({TEST_MARK})", " ").casefold().split()
    return " ".join(words)
