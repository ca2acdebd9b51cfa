"""A key on a PKCS #11 device: SoftHSM stands in for one."""

from __future__ import annotations

import base64
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from handlers.signing.approve import approve
from handlers.signing.demo_authority import Holder
from handlers.signing.token_key import TokenAddress, TokenKey
from service.actions.signing_keys import NewKey, disable_key
from service.domain.errors import InvalidInput, Unavailable
from service.queries.signing_keys import KEY
from tests.handlers.signing.desk import AT, Desk, draw_seal, pdfsig
from tests.handlers.signing.office import BODY, BODY_TOKEN, CLERK, SigningOffice, authority, png
from tests.handlers.signing.test_keys import self_made

MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
MODULE = next((Path(path) for path in MODULES if Path(path).exists()), None)
PIN = "482915"

pytestmark = pytest.mark.skipif(
    MODULE is None or shutil.which("softhsm2-util") is None,
    reason="SoftHSM is not installed (package softhsm2), so no PKCS #11 device can be shown",
)
pkcs11 = pytest.importorskip("pkcs11", reason="python-pkcs11 is not installed")


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory, desk: Desk) -> Iterator[Path]:
    """A SoftHSM with the agency's key and one of an elliptic curve."""
    assert MODULE is not None
    folder = tmp_path_factory.mktemp("softhsm")
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder}\nobjectstore.backend = file\nlog.level = ERROR\n")
    patch = pytest.MonkeyPatch()
    patch.setenv("SOFTHSM2_CONF", str(settings))
    command = ["softhsm2-util", "--init-token", "--free", "--label", "desk", "--pin", PIN, "--so-pin", PIN]
    subprocess.run(command, check=True, capture_output=True)
    curve = ec.generate_private_key(ec.SECP256R1())
    for number, (label, holder) in enumerate(
        {
            "agency": desk.holders["agency"],
            "curve": Holder(self_made(curve), curve),
            "seal": authority()[1][BODY_TOKEN],
        }.items(),
        1,
    ):
        put_on_token(folder, label, f"0{number}", holder)
    yield MODULE
    patch.undo()


def put_on_token(folder: Path, label: str, number: str, holder: Holder) -> None:
    path = folder / f"{label}.pem"
    path.write_bytes(holder.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    command = ["softhsm2-util", "--import", str(path), "--token", "desk", "--label", label, "--id", number]
    subprocess.run([*command, "--pin", PIN], check=True, capture_output=True)
    path.unlink()
    put_certificate(label, number, holder.certificate)


def put_certificate(label: str, number: str, certificate: x509.Certificate) -> None:
    token = pkcs11.lib(str(MODULE)).get_token(token_label="desk")
    with token.open(user_pin=PIN, rw=True) as session:
        session.create_object(
            {
                pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE,
                pkcs11.Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                pkcs11.Attribute.TOKEN: True,
                pkcs11.Attribute.LABEL: label,
                pkcs11.Attribute.ID: bytes.fromhex(number),
                pkcs11.Attribute.SUBJECT: certificate.subject.public_bytes(),
                pkcs11.Attribute.VALUE: certificate.public_bytes(Encoding.DER),
            }
        )


@pytest.mark.parametrize("label", ["agency", "curve"])
def test_a_device_signs_documents(desk: Desk, module: Path, label: str, tmp_path: Path) -> None:
    key = TokenKey(TokenAddress(module, "desk", label, PIN), (desk.authority.issuer.der(),))
    stream = desk.prepared()

    approve(stream, "leader", key, image=desk.blue, at=AT)

    key.close()
    report = desk.inspect(stream.getvalue(), tmp_path)
    assert report["integrity"] == "intact"
    assert report["trust"] == ("trusted" if label == "agency" else "untrusted")
    assert pdfsig(stream.getvalue(), tmp_path) == {"leader": "Signature is Valid. Total document signed"}


def test_a_dropped_session_is_opened_again(module: Path) -> None:
    key = TokenKey(TokenAddress(module, "desk", "agency", PIN))
    key.close()

    signature = key.sign(b"data")

    key.certificate.check_signature(signature, b"data")
    key.close()


def test_the_pin_is_never_shown(module: Path) -> None:
    address = TokenAddress(module, "desk", "agency", PIN)
    key = TokenKey(address)

    assert PIN not in repr(address) + repr(key)
    key.close()


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"token": "none"}, InvalidInput),
        ({"key": "none"}, InvalidInput),
        ({"pin": "000000"}, Unavailable),
        ({"module": Path("/nonexistent.so")}, Unavailable),
    ],
)
def test_a_wrong_address_is_told_without_the_librarys_words(
    module: Path, changes: dict[str, object], kind: type[Exception]
) -> None:
    values = {"module": module, "token": "desk", "key": "agency", "pin": PIN} | changes

    with pytest.raises(kind) as caught:
        TokenKey(TokenAddress(**values))  # type: ignore[arg-type]

    assert str(values["pin"]) not in str(caught.value)


def test_a_bodys_seal_on_a_device_seals_what_its_clerk_consented_to(
    signing_office: SigningOffice, module: Path, tmp_path: Path
) -> None:
    house = signing_office
    assert house.resources.signing.key_dir is not None
    (house.resources.signing.key_dir / "desk.pin").write_text(PIN + "\n")
    house.with_signing(device_module=module)
    (row,) = house.rows(KEY, KEY.c.issuing_body_id == house.office.bodies[BODY])
    house.do(CLERK, lambda unit: disable_key(unit, row.id, "chuyển sang thiết bị"))
    chain = (base64.b64encode(authority()[0].issuer.der()).decode(),)
    new = NewKey("pkcs11", issuing_body=BODY, reference="desk/seal", chain=chain, image=png(draw_seal()))
    assert house.register(CLERK, new).kind == "pkcs11"

    house.sealed()

    assert [one.act for one in house.signatures()] == ["initials", "leader", "seal"]
    assert pdfsig(house.content(), tmp_path)["seal"].startswith("Signature is Valid.")
