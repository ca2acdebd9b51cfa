"""A certificate authority for tests: root, signers, revocation list; everything is made when asked for."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

VALID_DAYS = 3650


@dataclass
class Identity:
    """A key with its certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def signer(self, others: list[x509.Certificate]) -> signers.SimpleSigner:
        """Return a pyHanko signer that embeds ``others``."""
        store = SimpleCertificateStore()
        store.register_multiple([_as_asn1(one) for one in others])
        der = self.key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return signers.SimpleSigner(
            signing_cert=_as_asn1(self.certificate),
            signing_key=asn1_keys.PrivateKeyInfo.load(der),
            cert_registry=store,
        )


@dataclass
class DemoCA:
    """A root that issues signing certificates.

    Attributes:
        name: of the root; two authorities may bear the same one.
        moment: aware; certificates are valid around it.
    """

    moment: datetime
    name: str = "CA thử nghiệm"
    root: Identity = field(init=False)
    revoked: list[x509.Certificate] = field(default_factory=list)

    def __post_init__(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(self.name, "Cơ quan chứng thực mẫu")
        self.root = Identity(key, self._issue(subject, key, subject, key, is_authority=True))

    def issue(self, common_name: str, organisation: str = "Tỉnh ủy (mẫu)") -> Identity:
        """Return a new signer."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(common_name, organisation)
        made = self._issue(subject, key, self.root.certificate.subject, self.root.key, is_authority=False)
        return Identity(key, made)

    def revoke(self, identity: Identity) -> None:
        """Put a certificate on the next revocation list."""
        self.revoked.append(identity.certificate)

    def write_trust(self, folder: Path, *, with_crl: bool = True) -> Path:
        """Write the trust folder of a deployment and return it."""
        for name in ("roots", "intermediates", "crls"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        pem = self.root.certificate.public_bytes(serialization.Encoding.PEM)
        (folder / "roots" / "root.pem").write_bytes(pem)
        if with_crl:
            (folder / "crls" / "root.crl").write_bytes(self._crl())
        return folder

    def sign(self, pdf: bytes, identity: Identity, field_name: str = "LeaderSig") -> bytes:
        """Return the PDF extended by a PAdES signature."""
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        metadata = signers.PdfSignatureMetadata(
            field_name=field_name, subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256"
        )
        signer = identity.signer([self.root.certificate])
        return bytes(signers.sign_pdf(writer, metadata, signer=signer).getbuffer())

    def _crl(self) -> bytes:
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.root.certificate.subject)
            .last_update(self.moment - timedelta(days=1))
            .next_update(self.moment + timedelta(days=30))
        )
        for one in self.revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(one.serial_number)
                .revocation_date(self.moment - timedelta(days=1))
                .build()
            )
        number = x509.CRLNumber(1)
        made = builder.add_extension(number, critical=False).sign(self.root.key, hashes.SHA256())
        return made.public_bytes(serialization.Encoding.DER)

    def _issue(self, subject, key, issuer, issuer_key, *, is_authority: bool) -> x509.Certificate:
        usage = x509.KeyUsage(
            digital_signature=not is_authority,
            content_commitment=not is_authority,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=is_authority,
            crl_sign=is_authority,
            encipher_only=False,
            decipher_only=False,
        )
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.moment - timedelta(days=VALID_DAYS))
            .not_valid_after(self.moment + timedelta(days=VALID_DAYS))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(authority, critical=False)
            .add_extension(usage, critical=True)
            .sign(issuer_key, hashes.SHA256())
        )


def _name(common_name: str, organisation: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ],
    )


def _as_asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
