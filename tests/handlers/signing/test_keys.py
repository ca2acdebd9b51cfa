"""Keys in files, and the authority that makes them for demonstrations."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from handlers.signing.approve import approve
from handlers.signing.demo_authority import DemoAuthority
from handlers.signing.keys import Pkcs12Key, read_certificate
from service.domain.errors import Conflict, InvalidInput
from tests.handlers.signing.desk import AT, Desk, pdfsig


def self_made(
    key: CertificateIssuerPrivateKeyTypes, *, usage: x509.KeyUsage | None = None
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tự ký")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(7)
    builder = (
        builder.public_key(key.public_key()).not_valid_before(AT).not_valid_after(AT + timedelta(days=9))
    )
    if usage is not None:
        builder = builder.add_extension(usage, critical=True)
    is_edwards = isinstance(key, ed25519.Ed25519PrivateKey)
    return builder.sign(key, None if is_edwards else hashes.SHA256())


def packed(key: CertificateIssuerPrivateKeyTypes, certificate: x509.Certificate) -> bytes:
    return pkcs12.serialize_key_and_certificates(None, key, certificate, None, BestAvailableEncryption(b"a"))  # type: ignore[arg-type]


def test_a_key_shows_who_it_belongs_to_and_nothing_secret(desk: Desk) -> None:
    shown = repr(desk.leader)

    assert shown == f"Pkcs12Key('Nguyễn Thị Ánh (TEST)', {desk.leader.certificate.serial})"
    assert "key=" not in repr(desk.holders["leader"])
    assert not hasattr(desk.leader, "__dict__")


@pytest.mark.parametrize("act", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_private_key_is_not_copied_or_pickled(desk: Desk, act: object) -> None:
    with pytest.raises(TypeError):
        act(desk.leader)  # type: ignore[operator]


@pytest.mark.parametrize(("content", "phrase"), [(None, "sai"), (b"garbage", "mật khẩu"), (b"", "")])
def test_a_wrong_passphrase_or_file_is_told_in_our_own_words(
    desk: Desk, content: bytes | None, phrase: str
) -> None:
    data = content if content is not None else desk.authority.pack(desk.holders["leader"], "mật khẩu")

    with pytest.raises(InvalidInput) as caught:
        Pkcs12Key.open(data, phrase)

    assert caught.value.code == "key.unreadable"


def test_a_key_that_belongs_to_another_certificate_is_refused(desk: Desk) -> None:
    with pytest.raises(InvalidInput) as caught:
        Pkcs12Key(desk.holders["leader"].key, desk.agency.certificate)

    assert caught.value.code == "key.mismatch"


@pytest.mark.parametrize(
    "key",
    [rsa.generate_private_key(65537, 1024), ed25519.Ed25519PrivateKey.generate()],
    ids=["short", "edwards"],
)
def test_keys_that_verifiers_would_not_take_are_refused(key: CertificateIssuerPrivateKeyTypes) -> None:
    with pytest.raises(InvalidInput) as caught:
        Pkcs12Key.open(packed(key, self_made(key)), "a")

    assert caught.value.code == "key.unusable"


def test_an_elliptic_curve_key_signs_too(desk: Desk, tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    curve = Pkcs12Key.open(packed(key, self_made(key)), "a")
    stream = desk.prepared()

    approve(stream, "leader", curve, image=desk.blue, at=AT)

    report = desk.inspect(stream.getvalue(), tmp_path)
    assert (report["integrity"], report["trust"]) == ("intact", "untrusted")
    assert pdfsig(stream.getvalue(), tmp_path) == {"leader": "Signature is Valid. Total document signed"}


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), "certificate.not_yet_valid"),
        (datetime(2036, 1, 1, tzinfo=UTC), "certificate.expired"),
    ],
)
def test_nothing_is_signed_outside_the_time_of_the_certificate(desk: Desk, at: datetime, code: str) -> None:
    stream = desk.prepared()
    before = stream.getvalue()

    with pytest.raises(Conflict) as caught:
        approve(stream, "leader", desk.leader, image=desk.blue, at=at)

    assert caught.value.code == code
    assert stream.getvalue() == before


def test_a_certificate_for_encryption_does_not_sign() -> None:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
    )
    flags = dict.fromkeys([*names, "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"], False)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = self_made(key, usage=x509.KeyUsage(**(flags | {"key_encipherment": True})))

    with pytest.raises(Conflict) as caught:
        read_certificate(certificate.public_bytes(Encoding.DER)).check_at(AT)

    assert caught.value.code == "certificate.key_usage"


def test_an_unreadable_certificate_is_refused() -> None:
    with pytest.raises(InvalidInput):
        read_certificate(b"0")


def test_every_certificate_of_the_demonstration_says_test(desk: Desk) -> None:
    issued = [desk.authority.root, desk.authority.issuer, *desk.holders.values()]

    assert all("TEST" in one.certificate.subject.rfc4514_string() for one in issued)
    assert desk.leader.certificate.is_test
    assert not read_certificate(
        self_made(key := ec.generate_private_key(ec.SECP256R1())).public_bytes(Encoding.DER)
    ).is_test
    assert key.curve.name == "secp256r1"


def test_certificates_carry_the_usages_of_their_holders(desk: Desk) -> None:
    def usage(name: str) -> x509.KeyUsage:
        return desk.holders[name].certificate.extensions.get_extension_for_class(x509.KeyUsage).value

    tsa = desk.holders["tsa"].certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    root = desk.authority.root.certificate.extensions
    assert usage("leader").content_commitment
    assert not usage("agency").key_cert_sign
    assert tsa.critical
    assert list(tsa.value) == [ExtendedKeyUsageOID.TIME_STAMPING]
    assert root.get_extension_for_class(x509.BasicConstraints).value.ca
    assert root.get_extension_for_class(x509.KeyUsage).value.crl_sign
    agency = desk.holders["agency"].certificate.subject
    assert agency.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER)[0].value == "000.00.01.T99"


def test_the_authority_is_kept_under_lock_and_goes_on_issuing(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "authority"
    stolen = desk.authority.issue_person("Người mất khóa", "A")
    desk.authority.revoke(stolen, AT)
    desk.authority.save(folder, "khóa", AT)

    again = DemoAuthority.load(folder, "khóa", AT)

    assert {path.stat().st_mode & 0o777 for path in folder.glob("*.p12")} == {0o600}
    person = again.issue_person("Người mới", "A")
    person.certificate.verify_directly_issued_by(desk.authority.issuer.certificate)
    listed = x509.load_der_x509_crl(again.revocation_lists(AT)["demo_issuing.crl"])
    assert listed.get_revoked_certificate_by_serial_number(stolen.certificate.serial_number) is not None


def test_a_key_can_be_read_from_its_file(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "leader.p12"
    path.write_bytes(desk.authority.pack(desk.holders["leader"], "a"))

    loaded = Pkcs12Key.load(path, "a")

    assert loaded.certificate == desk.leader.certificate
    loaded.certificate.check_signature(loaded.sign(b"data"), b"data")
    with pytest.raises(InvalidInput):
        loaded.certificate.check_signature(loaded.sign(b"data"), b"other")
    assert BytesIO(path.read_bytes()).getvalue().find(b"PRIVATE") == -1
