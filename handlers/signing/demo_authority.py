"""A certificate authority for demonstrations and tests, made by ourselves; every name says TEST.

Its signatures have no legal value, yet the rest of them is real: a root, an intermediate that issues,
the key usages of RFC 5280, revocation lists. It writes the folders that the verifier reads (``roots/``,
``intermediates/``, ``crls/``) and hands out keys as PKCS #12.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from handlers.signing.keys import TEST_MARK

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

_YEAR: Final = timedelta(days=365)
_LIST_LIFE: Final = timedelta(days=30)
DEMO_LIST: Final = "demo_issuing.crl"
"""The file of the issuing authority's list."""

_UNITS: Final = "Chỉ để thử nghiệm, không có giá trị pháp lý"


@dataclass(frozen=True, slots=True)
class Holder:
    """A certificate with its private key.

    Attributes:
        certificate: the public part.
        key: the private part; never shown.
    """

    certificate: x509.Certificate
    key: PrivateKey = field(repr=False)

    def der(self) -> bytes:
        """Return the certificate as DER."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def pem(self) -> bytes:
        """Return the certificate as PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)


class DemoAuthority:
    """Root, intermediate and what they issued.

    Args:
        at: aware; certificates are valid from an hour before.
        root: the anchor of trust.
        issuer: the intermediate that issues to people and agencies.
    """

    def __init__(self, at: datetime, root: Holder, issuer: Holder) -> None:
        self.at = at
        self.root = root
        self.issuer = issuer
        self._revoked: list[x509.RevokedCertificate] = []

    @classmethod
    def create(cls, at: datetime) -> DemoAuthority:
        """Return a new authority: a root for 20 years and an intermediate for 10."""
        root_key = rsa.generate_private_key(65537, 3072)
        root_name = _name(f"Công Văn {TEST_MARK} Root CA", "Công Văn", None)
        root = Holder(
            _authority(_builder(root_name, root_key, root_name, at, 20 * _YEAR), root_key, None), root_key
        )
        key = rsa.generate_private_key(65537, 2048)
        name = _name(f"Công Văn {TEST_MARK} Issuing CA", "Công Văn", None)
        builder = _builder(name, key, root_name, at, 10 * _YEAR)
        return cls(at, root, Holder(_authority(builder, root_key, 0), key))

    def issue_person(
        self, name: str, organisation: str, subject_id: str = "", *, life: timedelta = 3 * _YEAR
    ) -> Holder:
        """Return a person's key: digital signature and content commitment (ký số của người có thẩm quyền).

        ``subject_id`` is the subject's UID, by which authorities tell namesakes apart; "" = none.
        """
        subject = _name(f"{name} ({TEST_MARK})", organisation, _UNITS, subject_id=subject_id)
        return self._issue(subject, life, _signing_usage())

    def issue_agency(self, name: str, organ_id: str, *, life: timedelta = 3 * _YEAR) -> Holder:
        """Return an agency's key for its seal; the subject carries the agency's identifier."""
        subject = _name(f"{name} ({TEST_MARK})", name, _UNITS, organ_id)
        return self._issue(subject, life, _signing_usage())

    def issue_timestamper(self, name: str) -> Holder:
        """Return a key for a time-stamping service (RFC 3161 §2.3: this use alone, critical)."""
        stamping = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        subject = _name(f"{name} ({TEST_MARK})", "Công Văn", _UNITS)
        return self._issue(subject, 3 * _YEAR, _signing_usage(), stamping)

    def revoke(self, holder: Holder, at: datetime) -> None:
        """Put a certificate on the issuer's next list."""
        entry = x509.RevokedCertificateBuilder().serial_number(holder.certificate.serial_number)
        reason = x509.CRLReason(x509.ReasonFlags.key_compromise)
        self._revoked.append(entry.revocation_date(at).add_extension(reason, critical=False).build())

    def revocation_lists(self, at: datetime) -> dict[str, bytes]:
        """Return the lists of both authorities as of ``at``, DER by file name; good for 30 days."""
        return {
            "demo_root.crl": _revocation_list(self.root, [], at),
            DEMO_LIST: _revocation_list(self.issuer, self._revoked, at),
        }

    def save_trust(self, folder: Path, at: datetime) -> None:
        """Write the folders that the verifier trusts and reads."""
        files = {"roots/demo_root.pem": self.root.pem(), "intermediates/demo_issuing.pem": self.issuer.pem()}
        files |= {f"crls/{name}": data for name, data in self.revocation_lists(at).items()}
        for name, data in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def pack(self, holder: Holder, passphrase: str) -> bytes:
        """Return a holder's key, certificate and the intermediate as PKCS #12, locked with the passphrase."""
        lock = serialization.BestAvailableEncryption(passphrase.encode())
        name = holder.certificate.subject.rfc4514_string().encode()
        return pkcs12.serialize_key_and_certificates(
            name,
            holder.key,
            holder.certificate,
            [self.issuer.certificate],
            lock,
        )

    def save(self, folder: Path, passphrase: str, at: datetime) -> None:
        """Write both authorities' keys, locked, and their lists, so that certificates can be issued later."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = serialization.BestAvailableEncryption(passphrase.encode())
        for name, holder in (("root", self.root), ("issuing", self.issuer)):
            data = pkcs12.serialize_key_and_certificates(
                name.encode(), holder.key, holder.certificate, None, lock
            )
            write_secret(folder / f"demo_{name}.p12", data)
        for name, data in self.revocation_lists(at).items():
            (folder / name).write_bytes(data)

    @classmethod
    def load(cls, folder: Path, passphrase: str, at: datetime) -> DemoAuthority:
        """Return the authority that :meth:`save` wrote, with what it had revoked by then."""
        holders = []
        for name in ("root", "issuing"):
            data = (folder / f"demo_{name}.p12").read_bytes()
            key, certificate, _ = pkcs12.load_key_and_certificates(data, passphrase.encode())
            assert certificate is not None
            assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
            holders.append(Holder(certificate, key))
        authority = cls(at, *holders)
        authority._revoked = list(x509.load_der_x509_crl((folder / DEMO_LIST).read_bytes()))
        return authority

    def _issue(
        self,
        subject: x509.Name,
        life: timedelta,
        usage: x509.KeyUsage,
        extended: x509.ExtendedKeyUsage | None = None,
    ) -> Holder:
        key = rsa.generate_private_key(65537, 2048)
        issuer = self.issuer.certificate
        builder = _builder(subject, key, issuer.subject, self.at, life)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(usage, critical=True)
        builder = builder.add_extension(_issued_by(self.issuer.key), critical=False)
        if extended is not None:
            builder = builder.add_extension(extended, critical=True)
        return Holder(builder.sign(self.issuer.key, hashes.SHA256()), key)


def write_secret(path: Path, data: bytes) -> None:
    """Write a file that only this account can read."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_bytes(data)


def _name(
    common: str, organisation: str, unit: str | None, organ_id: str | None = None, subject_id: str = ""
) -> x509.Name:
    parts = [(NameOID.COUNTRY_NAME, "VN"), (NameOID.ORGANIZATION_NAME, organisation)]
    parts += [(NameOID.ORGANIZATIONAL_UNIT_NAME, unit)] if unit else []
    parts += [(NameOID.ORGANIZATION_IDENTIFIER, organ_id)] if organ_id else []
    parts += [(NameOID.USER_ID, subject_id)] if subject_id else []
    parts.append((NameOID.COMMON_NAME, common))
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


def _builder(
    subject: x509.Name, key: PrivateKey, issuer: x509.Name, at: datetime, life: timedelta
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(at - timedelta(hours=1)).not_valid_after(at + life)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)


def _authority(
    builder: x509.CertificateBuilder, issuer_key: PrivateKey, path_length: int | None
) -> x509.Certificate:
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
    builder = builder.add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
    builder = builder.add_extension(_issued_by(issuer_key), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _issued_by(key: PrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _signing_usage() -> x509.KeyUsage:
    return _usage("digital_signature", "content_commitment")


def _usage(*granted: str) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: name in granted for name in names})


def _revocation_list(issuer: Holder, revoked: list[x509.RevokedCertificate], at: datetime) -> bytes:
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer.certificate.subject)
    builder = builder.last_update(at).next_update(at + _LIST_LIFE)
    builder = builder.add_extension(x509.CRLNumber(int(at.timestamp())), critical=False)
    builder = builder.add_extension(_issued_by(issuer.key), critical=False)
    for entry in revoked:
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
