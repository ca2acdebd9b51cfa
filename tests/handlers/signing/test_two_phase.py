"""Signing with a key that only the client holds: digest out, signature back."""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import cms as asn1_cms
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from handlers.signing.approve import approval
from handlers.signing.cms import signed_attributes, signed_data
from handlers.signing.demo_authority import Holder
from handlers.signing.keys import SigningCertificate, read_certificate
from handlers.signing.revision import open_revision
from handlers.signing.seal import sealing
from handlers.signing.timestamps import TimestampAuthority
from handlers.signing.two_phase import TIME_TO_SIGN, PreparedSignature, begin, complete, complete_with_cms
from handlers.signing.typeface import find_typefaces
from service.domain.errors import Conflict, InvalidInput
from service.domain.signatures import Level
from tests.handlers.signing.desk import AT, NUMBERS, Desk, pdfsig


class Client:
    """A person with a token: only this object knows the private key."""

    def __init__(self, holder: Holder, chain: bytes) -> None:
        assert isinstance(holder.key, rsa.RSAPrivateKey)
        self._key = holder.key
        self.certificate: SigningCertificate = read_certificate(holder.der(), [chain])

    def sign(self, data: bytes) -> bytes:
        return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())

    def make_cms(self, document_digest: bytes) -> bytes:
        attributes = signed_attributes(self.certificate, document_digest)
        return signed_data(self.certificate, attributes, self.sign(attributes))


@pytest.fixture(scope="module")
def client(desk: Desk) -> Client:
    holder = desk.authority.issue_person("Trần Thị Mỹ", "Tỉnh ủy Thử Nghiệm")
    return Client(holder, desk.authority.issuer.der())


def begin_approval(
    desk: Desk, client: Client, *, has_timestamp: bool = False
) -> tuple[BytesIO, PreparedSignature]:
    """Return the prepared file and its state, both as another process would read them again."""
    stream = desk.prepared()
    act = approval("leader", desk.blue, AT)
    prepared = begin(open_revision(stream), act, client.certificate, has_timestamp=has_timestamp)
    kept = json.dumps(prepared.to_json())
    return BytesIO(stream.getvalue()), PreparedSignature.from_json(json.loads(kept))


def test_a_signature_made_by_the_client_is_valid_for_both_verifiers(
    desk: Desk, client: Client, tmp_path: Path
) -> None:
    stream, prepared = begin_approval(desk, client)

    made = complete(
        stream,
        prepared,
        client.sign(prepared.attributes),
        registered=client.certificate.fingerprint,
        at=AT,
    )

    report = desk.inspect(stream.getvalue(), tmp_path)
    assert (report["verdict"], made.level) == ("valid", Level.B_B)
    assert report["signatures"][0]["signer"] == "Trần Thị Mỹ (TEST)"
    assert pdfsig(stream.getvalue(), tmp_path) == {"leader": "Signature is Valid. Total document signed"}


def test_number_date_and_seal_can_be_signed_by_the_clerks_token(
    desk: Desk, client: Client, timestamps: TimestampAuthority, tmp_path: Path
) -> None:
    stream = desk.approved()
    writer = open_revision(stream)
    act = sealing(writer, texts=NUMBERS, image=desk.red, typefaces=find_typefaces(), at=AT)
    prepared = begin(writer, act, client.certificate, has_timestamp=True)

    made = complete(
        stream,
        prepared,
        client.sign(prepared.attributes),
        registered=client.certificate.fingerprint,
        at=AT,
        timestamps=timestamps,
    )

    report = desk.inspect(stream.getvalue(), tmp_path)
    assert (report["verdict"], made.level) == ("valid", Level.B_T)
    assert report["signatures"][1]["is_timestamp_trusted"]


def test_a_token_that_makes_whole_structures_is_served_too(
    desk: Desk, client: Client, tmp_path: Path
) -> None:
    stream, prepared = begin_approval(desk, client)

    complete_with_cms(
        stream,
        prepared,
        client.make_cms(prepared.started.digest),
        registered=client.certificate.fingerprint,
        at=AT,
    )

    assert desk.inspect(stream.getvalue(), tmp_path)["verdict"] == "valid"


def test_the_state_holds_nothing_but_public_data(desk: Desk, client: Client) -> None:
    _, prepared = begin_approval(desk, client)

    state = prepared.to_json()

    assert set(state) == {
        "field",
        "document_digest",
        "region",
        "certificate",
        "chain",
        "attributes",
        "expires_at",
    }
    assert len(prepared.digest) == 32


def refused(stream: BytesIO, prepared: PreparedSignature, signature: bytes, **changes: object) -> str:
    """Return the code with which the signature is refused; the file stays as it was."""
    before = stream.getvalue()
    options: dict[str, object] = {"registered": prepared.certificate.fingerprint, "at": AT}
    with pytest.raises((Conflict, InvalidInput)) as caught:
        complete(stream, prepared, signature, **(options | changes))  # type: ignore[arg-type]
    assert stream.getvalue() == before
    return caught.value.code


def test_a_signature_by_another_key_is_refused(desk: Desk, client: Client) -> None:
    stream, prepared = begin_approval(desk, client)

    assert refused(stream, prepared, desk.leader.sign(prepared.attributes)) == "signature.wrong"


def test_a_signature_for_another_document_is_refused(desk: Desk, client: Client) -> None:
    stream, prepared = begin_approval(desk, client)
    other = signed_attributes(client.certificate, bytes(32))

    assert refused(stream, prepared, client.sign(other)) == "signature.wrong"


def test_a_certificate_that_is_not_the_registered_one_is_refused(desk: Desk, client: Client) -> None:
    stream, prepared = begin_approval(desk, client)

    code = refused(
        stream, prepared, client.sign(prepared.attributes), registered=desk.leader.certificate.fingerprint
    )

    assert code == "certificate.not_registered"


def test_a_signature_that_comes_too_late_is_refused(desk: Desk, client: Client) -> None:
    stream, prepared = begin_approval(desk, client)
    late = AT + TIME_TO_SIGN + timedelta(seconds=1)

    assert refused(stream, prepared, client.sign(prepared.attributes), at=late) == "signature.expired"


def test_a_file_changed_while_it_waited_is_refused(desk: Desk, client: Client) -> None:
    stream, prepared = begin_approval(desk, client)
    changed = BytesIO(stream.getvalue().replace(b"thu nghiem", b"gia mao !!"))

    assert refused(changed, prepared, client.sign(prepared.attributes)) == "signature.file_changed"


def foreign_structures(desk: Desk, client: Client, digest: bytes) -> dict[str, bytes]:
    """Return structures that must not be taken over."""
    by_other = signed_attributes(desk.leader.certificate, digest)
    broken = asn1_cms.ContentInfo.load(client.make_cms(digest))
    broken["content"]["signer_infos"][0]["signature"] = bytes(256)
    return {
        "garbage": b"\x30\x03abc",
        "other digest": client.make_cms(bytes(32)),
        "other certificate": signed_data(desk.leader.certificate, by_other, desk.leader.sign(by_other)),
        "broken signature": broken.dump(force=True),
    }


@pytest.mark.parametrize("kind", ["garbage", "other digest", "other certificate", "broken signature"])
def test_a_foreign_structure_that_does_not_fit_is_refused(desk: Desk, client: Client, kind: str) -> None:
    stream, prepared = begin_approval(desk, client)
    structure = foreign_structures(desk, client, prepared.started.digest)[kind]

    with pytest.raises(InvalidInput) as caught:
        complete_with_cms(stream, prepared, structure, registered=client.certificate.fingerprint, at=AT)

    assert caught.value.code == "signature.wrong"
