"""A real PDF for demonstrations: a letter of an office, signed under an authority made for the occasion."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

AUTHORITY = "Tổ chức chứng thực mẫu"
_LINE = "BT /F1 12 Tf 72 {y} Td ({line}) Tj ET"
_YEAR = timedelta(days=365)
_DER = serialization.Encoding.DER


def draw_letter(lines: list[str]) -> bytes:
    """Return a one-page PDF 1.7 with these lines (Latin letters; the font is a standard one)."""
    content = "\n".join(_LINE.format(y=770 - 18 * row, line=_escaped(line)) for row, line in enumerate(lines))
    resources = "/Resources << /Font << /F1 5 0 R >> >>"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R {resources} >>",
        f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding /WinAnsiEncoding >>",
    ]
    body, places = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    for number, text in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{text}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    trailer = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return body + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{trailer}".encode("latin-1")


@dataclass
class Authority:
    """A certification authority that lives as long as the demonstration."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    now: datetime

    @classmethod
    def found(cls) -> Authority:
        """Return a new authority."""
        now = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - a script beside the house
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name(AUTHORITY, AUTHORITY)
        builder = _builder(name, name, key.public_key(), now)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
        return cls(key, builder.sign(key, hashes.SHA256()), now)

    def install(self, trust_dir: Path) -> None:
        """Let a house on this machine trust the authority, as its administrator would."""
        revoked = x509.CertificateRevocationListBuilder().issuer_name(self.certificate.subject)
        revoked = revoked.last_update(self.now - timedelta(hours=1)).next_update(
            self.now + timedelta(days=30)
        )
        files = {
            "roots/demo.crt": self.certificate.public_bytes(_DER),
            "crls/demo.crl": revoked.sign(self.key, hashes.SHA256()).public_bytes(_DER),
        }
        for name, content in files.items():
            path = trust_dir / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def sign(self, pdf: bytes, signer_name: str, organ_name: str) -> bytes:
        """Return the PDF signed by a new key whose certificate names the signer and the office."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        subject = _name(signer_name, organ_name)
        builder = _builder(subject, self.certificate.subject, key.public_key(), self.now)
        builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
        certificate = builder.sign(self.key, hashes.SHA256())
        secret = key.private_bytes(_DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        signer = signers.SimpleSigner(
            signing_cert=asn1_x509.Certificate.load(certificate.public_bytes(_DER)),
            signing_key=asn1_keys.PrivateKeyInfo.load(secret),
            cert_registry=SimpleCertificateStore(),
        )
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        metadata = signers.PdfSignatureMetadata(field_name="Signature1", name=signer_name)
        return bytes(signers.sign_pdf(writer, metadata, signer=signer).getbuffer())


def _name(common: str, organisation: str) -> x509.Name:
    parts = (
        (NameOID.COUNTRY_NAME, "VN"),
        (NameOID.ORGANIZATION_NAME, organisation),
        (NameOID.COMMON_NAME, common),
    )
    return x509.Name([x509.NameAttribute(kind, text) for kind, text in parts])


def _builder(subject: x509.Name, issuer: x509.Name, key: object, now: datetime) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)  # type: ignore[arg-type]
    builder = builder.serial_number(x509.random_serial_number())
    return builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + _YEAR)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=not signs_certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _escaped(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
