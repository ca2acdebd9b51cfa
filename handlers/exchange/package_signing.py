"""Signed packages: XMLDSig over the envelope, whose manifest holds the digest of every file.

Signing takes any :class:`~handlers.signing.keys.SigningKey` (exclusive c14n, SHA-256); verifying is signxml's
work, on the one signature at the one place where the envelope has it. What is used afterwards is what the
verifier says was signed, never the tree that came (signature wrapping).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature as CryptoInvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from handlers.exchange.edxml_writer import DSIG, ENVELOPE_ID, SHA256_URI
from handlers.exchange.package_intake import Element, PackedFile, local_name
from handlers.exchange.package_trust import judge_certificate
from handlers.signing.key_ring import open_key
from handlers.signing.keys import SigningKey
from service.domain.edxml import is_organ_id
from service.domain.signing_places import SigningPlaces

EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
_ENVELOPED: Final = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_METHODS: Final = {
    "rsa_sha256": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "ecdsa_sha256": "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
}
_MOST_CERTIFICATES: Final = 8
_ACCEPTED: Final = frozenset(
    {
        SignatureMethod.RSA_SHA256,
        SignatureMethod.RSA_SHA384,
        SignatureMethod.RSA_SHA512,
        SignatureMethod.SHA256_RSA_MGF1,
        SignatureMethod.SHA384_RSA_MGF1,
        SignatureMethod.SHA512_RSA_MGF1,
        SignatureMethod.ECDSA_SHA256,
        SignatureMethod.ECDSA_SHA384,
        SignatureMethod.ECDSA_SHA512,
    },
)
_DIGESTS: Final = frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})

Answer = Literal["none", "intact", "broken"]


@dataclass(frozen=True, slots=True)
class PackageVerdict:
    """What a package's signature is worth: four answers, as for a PDF's.

    Attributes:
        integrity: ``none`` without a signature, ``intact``, ``broken``.
        trust: whether the certificate leads to an anchor of the trust folder.
        revocation: ``good``, ``revoked`` or ``unknown``.
        is_senders: whether the certificate is the sender's: it names the organ, or the contact point through
            which it speaks, or it is the pinned one.
        signer: the certificate's name.
        organ_id: that the certificate names, or "".
        fingerprint: SHA-256 of the certificate, hexadecimal.
        reasons: why it is not valid, in words for programs.
        signed: the tree that was signed; None unless intact.
    """

    integrity: Answer
    trust: str = "untrusted"
    revocation: str = "unknown"
    is_senders: bool = False
    signer: str = ""
    organ_id: str = ""
    fingerprint: str = ""
    reasons: tuple[str, ...] = ()
    signed: Element | None = None

    @property
    def is_valid(self) -> bool:
        """Whether the package is the sender's, whole and unrevoked."""
        return (
            self.integrity == "intact"
            and self.trust == "trusted"
            and self.revocation == "good"
            and self.is_senders
        )

    def as_json(self) -> dict[str, Any]:
        """Return what is kept of the verdict."""
        names = ("integrity", "trust", "revocation", "is_senders", "signer", "organ_id", "fingerprint")
        return {name: getattr(self, name) for name in names} | {"reasons": list(self.reasons)}


def package_key(places: SigningPlaces, organ_id: str) -> SigningKey | None:
    """Return the key that an organ's packages are signed with, ``exchange-<organ id>.p12``; None without one.

    Raises:
        InvalidInput: the file is no key that can sign.
        Unavailable: its passphrase is missing.
    """
    name = f"exchange-{organ_id}"
    if places.key_dir is None or not is_organ_id(organ_id) or not (places.key_dir / f"{name}.p12").is_file():
        return None
    return open_key(places, "pkcs12", name)


def sign_envelope(envelope: Element, key: SigningKey) -> Element:
    """Add the signature to an envelope that stands alone, as the last part of its header; return it."""
    header = envelope[0]
    signature = etree.SubElement(header, _ds("Signature"), nsmap={"ds": DSIG})
    header.remove(signature)
    digest = hashlib.sha256(_canonical(envelope)).digest()
    header.append(signature)
    info = etree.SubElement(signature, _ds("SignedInfo"))
    etree.SubElement(info, _ds("CanonicalizationMethod")).set("Algorithm", EXCLUSIVE)
    method = _METHODS[key.certificate.algorithm]
    etree.SubElement(info, _ds("SignatureMethod")).set("Algorithm", method)
    reference = etree.SubElement(info, _ds("Reference"))
    reference.set("URI", f"#{ENVELOPE_ID}")
    transforms = etree.SubElement(reference, _ds("Transforms"))
    for algorithm in (_ENVELOPED, EXCLUSIVE):
        etree.SubElement(transforms, _ds("Transform")).set("Algorithm", algorithm)
    etree.SubElement(reference, _ds("DigestMethod")).set("Algorithm", SHA256_URI)
    etree.SubElement(reference, _ds("DigestValue")).text = _base64(digest)
    value = etree.SubElement(signature, _ds("SignatureValue"))
    value.text = _base64(_sign(key, _canonical(info)))
    data = etree.SubElement(etree.SubElement(signature, _ds("KeyInfo")), _ds("X509Data"))
    for der in (key.certificate.der, *key.certificate.chain):
        etree.SubElement(data, _ds("X509Certificate")).text = _base64(der)
    return envelope


def verify_package(
    root: Element,
    files: Sequence[PackedFile],
    *,
    senders: Collection[str],
    pinned: str | None,
    trust_dir: Path | None,
    moment: datetime,
) -> PackageVerdict:
    """Return what the package's signature is worth.

    Args:
        root: of the whole package, without the files' contents.
        files: that came with it; each must be in the signed manifest, and nothing may be missing.
        senders: whose certificate it may be: the organ id that the package claims, and that of its contact
            point.
        pinned: fingerprint of the sender's certificate where it names no organ.
        trust_dir: folder of anchors, intermediates and revocation lists.
        moment: aware; as of when the certificate is judged.
    """
    signatures = list(root.iter(_ds("Signature")))
    if not signatures:
        return PackageVerdict("none", reasons=("unsigned",))
    place = _place_of(root, signatures)
    if isinstance(place, str):
        return PackageVerdict("broken", reasons=(place,))
    chain = _certificates(signatures[0])
    if not chain:
        return PackageVerdict("broken", reasons=("no_certificate",))
    signed = _verified(root, place, chain[0], moment)
    if signed is None:
        return PackageVerdict("broken", reasons=("signature_wrong",))
    wrong_files = _wrong_files(signed, files)
    if wrong_files:
        return PackageVerdict("broken", reasons=(wrong_files,))
    found = judge_certificate(chain[0], chain[1:], trust_dir, moment)
    is_senders = found.organ_id in senders if found.organ_id else found.fingerprint == pinned
    reasons = [*found.reasons] + ([] if is_senders else ["not_the_senders"])
    return PackageVerdict(
        "intact",
        found.trust,
        found.revocation,
        is_senders,
        found.signer,
        found.organ_id,
        found.fingerprint,
        tuple(reasons),
        signed,
    )


def _place_of(root: Element, signatures: list[Element]) -> tuple[Element, str] | str:
    """Return the envelope and the verifier's path to its header, or why the signature stands wrong."""
    if len(signatures) > 1:
        return "many_signatures"
    header = signatures[0].getparent()
    envelope = header.getparent() if header is not None else None
    if header is None or envelope is None or local_name(header) != "edxmlheader":
        return "misplaced_signature"
    if envelope is not root and (envelope.getparent() is not root or local_name(root) != "edxml"):
        return "misplaced_signature"
    identifier = envelope.get("Id")
    uris = [one.get("URI") for one in signatures[0].iter(_ds("Reference"))]
    marked = [one for one in root.iter(etree.Element) if {"Id", "ID", "id"} & {_bare(a) for a in one.attrib}]
    same = [one for one in marked if identifier in {str(value) for value in one.attrib.values()}]
    if not identifier or uris != [f"#{identifier}"] or len(same) != 1:
        return "ambiguous_reference"
    steps = [header.tag] if envelope is root else [envelope.tag, header.tag]
    return envelope, "./" + "/".join(str(step) for step in steps) + "/"


def _verified(
    root: Element, place: tuple[Element, str], certificate: x509.Certificate, moment: datetime
) -> Element | None:
    """Return the tree that the signature covers, or None if it does not hold."""
    rules = SignatureConfiguration(
        location=place[1],
        expect_references=1,
        signature_methods=_ACCEPTED,
        digest_algorithms=_DIGESTS,
        verification_time=moment,
    )
    try:
        result: Any = XMLVerifier().verify(
            etree.tostring(root), x509_cert=certificate, id_attribute="Id", expect_config=rules
        )
    except (SignXMLException, CryptoInvalidSignature, ValueError, TypeError, etree.LxmlError):
        return None
    signed: Element | None = result.signed_xml
    return signed if signed is not None and local_name(signed) == "edxmlenvelope" else None


def _wrong_files(signed: Element, files: Sequence[PackedFile]) -> str | None:
    """Return why the files are not those that were signed, or None."""
    told: dict[str, str] = {}
    for manifest in signed.iter(_ds("Manifest")):
        for reference in manifest.iter(_ds("Reference")):
            method = reference.find(_ds("DigestMethod"))
            if method is None or method.get("Algorithm") != SHA256_URI:
                return "weak_digest"
            uri = str(reference.get("URI", "")).removeprefix("cid:")
            if uri in told:
                return "ambiguous_file"
            told[uri] = (reference.findtext(_ds("DigestValue")) or "").strip()
    came = {file.content_id: _base64(file.sha256) for file in files}
    if len(came) != len(files):
        return "ambiguous_file"
    if came.keys() != told.keys():
        return "other_files"
    if came != told:
        return "file_changed"
    return None if [(file.content_id, file.name) for file in files] == _listed(signed) else "file_renamed"


def _listed(signed: Element) -> list[tuple[str, str]]:
    """Return ids and names in the order of the signed manifest: the document first, then its annexes."""
    manifest = next((one for one in signed.iter(etree.Element) if local_name(one) == "edxmlmanifest"), None)
    found = []
    for reference in () if manifest is None else manifest.iterchildren(tag=etree.Element):
        parts = reference.iterchildren(tag=etree.Element)
        said = {local_name(one): (one.text or "").strip() for one in parts}
        content_id = said.get("contentid", "").removeprefix("cid:")
        found.append((content_id, said.get("attachmentname") or said.get("description") or content_id))
    return found


def _certificates(signature: Element) -> list[x509.Certificate]:
    found: list[x509.Certificate] = []
    for element in list(signature.iter(_ds("X509Certificate")))[:_MOST_CERTIFICATES]:
        try:
            found.append(x509.load_der_x509_certificate(base64.b64decode(element.text or "")))
        except ValueError:
            return []
    return found


def _sign(key: SigningKey, data: bytes) -> bytes:
    """Return the value of a signature as XMLDSig wants it: ECDSA as r and s one after the other."""
    value = key.sign(data)
    if key.certificate.algorithm != "ecdsa_sha256":
        return value
    public = x509.load_der_x509_certificate(key.certificate.der).public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    width = (public.key_size + 7) // 8
    return b"".join(part.to_bytes(width) for part in decode_dss_signature(value))


def _canonical(element: Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bare(name: object) -> str:
    return str(name).rpartition("}")[2]


def _ds(name: str) -> str:
    return f"{{{DSIG}}}{name}"
