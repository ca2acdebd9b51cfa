"""A signed package is the sender's, whole, or it is refused: whatever is moved, added or changed."""

from __future__ import annotations

import copy
import io
from dataclasses import replace
from datetime import timedelta

import pytest
from lxml import etree

from handlers.exchange.edxml_reader import read_message
from handlers.exchange.edxml_writer import DSIG, write_package
from handlers.exchange.package_intake import opened_package
from handlers.exchange.package_signing import package_key, sign_envelope, verify_package
from handlers.signing.demo_authority import DemoAuthority
from handlers.signing.keys import Pkcs12Key
from service.domain.edxml import NAMESPACE
from service.domain.signing_places import SigningPlaces
from tests.demo_ca import DemoCA
from tests.handlers.exchange.letters import AT, LETTER, envelope_of, file_content, package

SENDER = "A01.02.00"
NS = {"e": NAMESPACE, "ds": DSIG}


@pytest.fixture(scope="module")
def authority():
    return DemoAuthority.create(AT)


@pytest.fixture(scope="module")
def holder(authority):
    return authority.issue_agency("Ban Tổ chức Tỉnh ủy (mẫu)", SENDER)


@pytest.fixture(scope="module")
def key(authority, holder):
    return Pkcs12Key.open(authority.pack(holder, "x"), "x")


@pytest.fixture
def trust(authority, tmp_path):
    authority.save_trust(tmp_path, AT)
    return tmp_path


def signed(key, files=None, **changes):
    packed = [file_content()] if files is None else files
    return package(packed, sign_envelope(envelope_of(packed, **changes), key), **changes)


def verdict(content, trust, *, sender=SENDER, pinned=None, moment=AT):
    with opened_package(io.BytesIO(content)) as opened:
        return verify_package(
            opened.root, opened.files, senders={sender}, pinned=pinned, trust_dir=trust, moment=moment
        )


def changed(content, change):
    root = etree.fromstring(content)
    change(root)
    return etree.tostring(root)


@pytest.mark.clause("S3-18.1a")
def test_a_signed_package_is_valid_and_says_what_was_signed(key, trust):
    found = verdict(signed(key), trust)
    assert found.is_valid, found
    assert (found.integrity, found.trust, found.revocation) == ("intact", "trusted", "good")
    assert found.organ_id == SENDER
    assert found.signed is not None
    message = read_message(found.signed).message
    assert message == replace(LETTER, attachments=(file_content().note,))


def test_an_elliptic_key_signs_as_well(trust):
    authority = DemoAuthority.create(AT)
    ca = DemoCA(AT)
    identity = ca.issue("Ban Tổ chức")
    from cryptography.hazmat.primitives import serialization

    from handlers.signing.keys import read_certificate

    der = identity.certificate.public_bytes(serialization.Encoding.DER)
    ec_key = Pkcs12Key(identity.key, read_certificate(der))
    ca.write_trust(trust)
    found = verdict(signed(ec_key), trust, pinned=ec_key.certificate.fingerprint)
    assert found.integrity == "intact", found.reasons
    assert found.is_senders
    assert authority


def test_an_unsigned_package_says_so(trust):
    found = verdict(package(), trust)
    assert (found.integrity, found.reasons) == ("none", ("unsigned",))
    assert not found.is_valid


def _new_subject(root):
    root.find(".//e:Subject", NS).text = "Khác"


def _new_receiver(root):
    root.find(".//e:To/e:OrganId", NS).text = "A09"


def _new_digest(root):
    root.find(".//ds:Manifest//ds:DigestValue", NS).text = "A" * 43 + "="


def _new_file(root):
    root.find(".//e:Attachment/e:ContentTransferEncoded", NS).text = "QUJDRA=="


def _second_file(root):
    attachments = root.find("e:AttachmentEncoded", NS)
    twin = copy.deepcopy(attachments[0])
    twin.find("e:ContentId", NS).text = "cid:f2"
    attachments.append(twin)


def _twin_of_file(root):
    attachments = root.find("e:AttachmentEncoded", NS)
    attachments.insert(0, copy.deepcopy(attachments[0]))


def _new_name(root):
    root.find(".//e:Attachment/e:AttachmentName", NS).text = "quyet-dinh.pdf"


def _no_file(root):
    attachments = root.find("e:AttachmentEncoded", NS)
    attachments.remove(attachments[0])


def _no_signature_value(root):
    root.find(".//ds:SignatureValue", NS).text = ""


def _no_certificate(root):
    root.find(".//ds:X509Data", NS).clear()


CHANGES = {
    "subject": (_new_subject, "signature_wrong"),
    "receiver": (_new_receiver, "signature_wrong"),
    "digest": (_new_digest, "signature_wrong"),
    "file": (_new_file, "file_changed"),
    "second file": (_second_file, "other_files"),
    "twin of the file": (_twin_of_file, "ambiguous_file"),
    "file gone": (_no_file, "other_files"),
    "file renamed": (_new_name, "file_renamed"),
    "no value": (_no_signature_value, "signature_wrong"),
    "no certificate": (_no_certificate, "no_certificate"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_whatever_is_changed_breaks_it(key, trust, name):
    change, reason = CHANGES[name]
    found = verdict(changed(signed(key), change), trust)
    assert (found.integrity, found.reasons) == ("broken", (reason,))
    assert found.signed is None


def _evil(root):
    evil = copy.deepcopy(root.find("e:edXMLEnvelope", NS))
    evil.find(".//e:Subject", NS).text = "Giả mạo"
    return evil


def _wrap_beside(root):
    """The forged envelope first, the signed one behind it."""
    evil = _evil(root)
    evil.find(".//ds:Signature", NS).getparent().remove(evil.find(".//ds:Signature", NS))
    evil.set("Id", "other")
    root.insert(0, evil)


def _wrap_beside_same_id(root):
    evil = _evil(root)
    evil.find(".//ds:Signature", NS).getparent().remove(evil.find(".//ds:Signature", NS))
    root.insert(0, evil)


def _wrap_inside(root):
    """The signed envelope hidden in the forged one, which takes the signature over."""
    real = root.find("e:edXMLEnvelope", NS)
    evil = _evil(root)
    evil.set("Id", "other")
    root.replace(real, evil)
    evil.append(real)


def _wrap_signature_moved(root):
    """The signature in the forged envelope, the signed one elsewhere under its id."""
    real = root.find("e:edXMLEnvelope", NS)
    signature = real.find(".//ds:Signature", NS)
    signature.getparent().remove(signature)
    evil = copy.deepcopy(real)
    evil.set("Id", "other")
    evil.find(".//e:Subject", NS).text = "Giả mạo"
    evil[0].append(signature)
    root.insert(0, evil)


def _two_signatures(root):
    header = root.find(".//e:edXMLHeader", NS)
    header.append(copy.deepcopy(header.find("ds:Signature", NS)))


def _signature_at_root(root):
    root.append(root.find(".//ds:Signature", NS))


WRAPPINGS = {
    "beside": _wrap_beside,
    "beside under the same id": _wrap_beside_same_id,
    "inside": _wrap_inside,
    "signature moved": _wrap_signature_moved,
    "two signatures": _two_signatures,
    "signature at the root": _signature_at_root,
}


@pytest.mark.parametrize("name", WRAPPINGS)
def test_a_wrapped_signature_never_vouches_for_what_was_forged(key, trust, name):
    found = verdict(changed(signed(key), WRAPPINGS[name]), trust)
    if found.integrity == "intact":
        assert read_message(found.signed).message.subject == LETTER.subject
    else:
        assert found.signed is None


def test_an_unknown_authority_is_not_trusted(trust):
    stranger = DemoAuthority.create(AT)
    foreign = Pkcs12Key.open(stranger.pack(stranger.issue_agency("Giả", SENDER), "x"), "x")
    found = verdict(signed(foreign), trust)
    assert (found.integrity, found.trust, found.is_valid) == ("intact", "untrusted", False)


def test_a_revoked_certificate_is_refused(tmp_path):
    authority = DemoAuthority.create(AT)
    holder = authority.issue_agency("Ban", SENDER)
    key = Pkcs12Key.open(authority.pack(holder, "x"), "x")
    content = signed(key)
    authority.save_trust(tmp_path, AT)
    assert verdict(content, tmp_path).is_valid
    authority.revoke(holder, AT)
    authority.save_trust(tmp_path, AT + timedelta(hours=1))
    found = verdict(content, tmp_path, moment=AT + timedelta(hours=2))
    assert (found.revocation, found.is_valid) == ("revoked", False)


def test_without_a_list_revocation_is_unknown_and_the_package_not_valid(key, authority, tmp_path):
    authority.save_trust(tmp_path, AT)
    for path in (tmp_path / "crls").iterdir():
        path.unlink()
    found = verdict(signed(key), tmp_path)
    assert (found.trust, found.revocation, found.is_valid) == ("trusted", "unknown", False)


def test_an_expired_certificate_is_not_trusted(key, trust):
    assert not verdict(signed(key), trust, moment=AT + timedelta(days=4000)).is_valid


def test_another_organs_certificate_does_not_speak_for_the_sender(key, trust):
    found = verdict(signed(key), trust, sender="H01.01.00")
    assert found.integrity == "intact"
    assert found.reasons == ("not_the_senders",)
    assert not found.is_valid


def test_without_a_trust_folder_nothing_is_trusted(key):
    assert verdict(signed(key), None).trust == "untrusted"


def test_keys_are_found_by_organ(authority, holder, tmp_path):
    (tmp_path / f"exchange-{SENDER}.p12").write_bytes(authority.pack(holder, "mật khẩu"))
    (tmp_path / f"exchange-{SENDER}.passphrase").write_text("mật khẩu\n", encoding="utf-8")
    places = SigningPlaces(key_dir=tmp_path)
    assert package_key(places, SENDER) is package_key(places, SENDER)
    assert package_key(places, "A09") is None
    assert package_key(places, "../A09") is None
    assert package_key(SigningPlaces(), SENDER) is None
    assert b"".join(write_package(sign_envelope(envelope_of(), package_key(places, SENDER))))


def test_files_that_change_places_make_another_package(key, trust):
    """Neither names nor order of the files stand in what is signed but by the manifest: the first is the document."""

    def swap(root):
        attachments = root.find("e:AttachmentEncoded", NS)
        attachments.append(attachments[0])

    content = signed(key, [file_content(), file_content("phụ lục.pdf", b"%PDF-1.7 hai", "f2")])
    assert verdict(content, trust).is_valid
    found = verdict(changed(content, swap), trust)
    assert (found.integrity, found.reasons) == ("broken", ("file_renamed",))
