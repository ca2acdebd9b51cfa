"""Writes edXML strictly (QCVN 102:2016): literal names, checked lengths, the layered form.

The envelope is written alone, so that it can be signed; the files follow it outside, in base64, piece by
piece, so that a large file never stands in memory.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO, Final
from xml.sax.saxutils import escape

from lxml import etree

from service.domain.clock import OFFICE_ZONE
from service.domain.edxml import (
    NAMESPACE,
    UPDATE,
    VERSION,
    AttachmentNote,
    Business,
    DocumentReference,
    Letter,
    Organ,
    Staff,
    StatusLetter,
    check_letter,
    check_status,
)
from service.domain.errors import Finding, InvalidInput

Element = etree._Element  # noqa: SLF001 - lxml has no public name for the class of its elements

DSIG: Final = "http://www.w3.org/2000/09/xmldsig#"
SHA256_URI: Final = "http://www.w3.org/2001/04/xmlenc#sha256"
ENVELOPE_ID: Final = "envelope"

_NSMAP: Final = {"edXML": NAMESPACE}
_PIECE_BYTES: Final = 57 * 4096
"""A multiple of three, so that pieces of base64 can be joined."""

_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FIRST_LINE: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file to be packed: its line of the manifest, and how it is opened."""

    note: AttachmentNote
    open: Callable[[], BinaryIO]


def letter_envelope(letter: Letter) -> Element:
    """Return the envelope of a document's package, unsigned, as a root element of its own.

    Raises:
        InvalidInput: ``edxml.invalid`` with the regulation's codes.
    """
    _refuse(check_letter(letter))
    envelope = _root("edXMLEnvelope")
    header = _under(envelope, "edXMLHeader")
    _add_message_header(_under(header, "MessageHeader"), letter)
    _add_trace(header, letter)
    _add_digests(header, letter.attachments)
    manifest = _under(_under(envelope, "edXMLBody"), "edXMLManifest")
    manifest.set("version", VERSION)
    for note in letter.attachments:
        reference = _under(manifest, "Reference")
        _text(reference, "ContentId", f"cid:{note.content_id}")
        _text(reference, "ContentType", note.content_type)
        _text(reference, "Description", note.description)
        _text(reference, "AttachmentName", note.name)
    return envelope


def status_envelope(status: StatusLetter) -> Element:
    """Return the envelope of a status message, unsigned.

    Raises:
        InvalidInput: ``edxml.invalid`` with the regulation's codes.
    """
    _refuse(check_status(status))
    envelope = _root("edXMLEnvelope")
    header = _under(_under(envelope, "edXMLHeader"), "MessageHeader")
    _add_reference(header, status.about)
    _add_organ(header, "From", status.sender)
    _text(header, "StatusCode", status.code)
    _text(header, "Description", status.description)
    _text(header, "Timestamp", _instant(status.at) if status.at else "")
    _add_staff(header, status.staff)
    return envelope


def write_package(envelope: Element, files: Sequence[FileContent] = ()) -> Iterator[bytes]:
    """Return the package in pieces: the envelope, then each file in base64."""
    yield _FIRST_LINE + f'<edXML:edXML xmlns:edXML="{NAMESPACE}">'.encode()
    yield etree.tostring(envelope, encoding="UTF-8", xml_declaration=False)
    yield b"<edXML:AttachmentEncoded>"
    for file in files:
        yield from _write_file(file)
    yield b"</edXML:AttachmentEncoded></edXML:edXML>\n"


def _write_file(file: FileContent) -> Iterator[bytes]:
    note = file.note
    members = {
        "ContentId": f"cid:{note.content_id}",
        "AttachmentName": note.name,
        "Description": note.description,
        "ContentType": note.content_type,
    }
    texts = [
        f"<edXML:{name}>{escape(clean_xml(value))}</edXML:{name}>" for name, value in members.items() if value
    ]
    yield f"<edXML:Attachment>{''.join(texts)}<edXML:ContentTransferEncoded>".encode()
    with file.open() as source:
        while piece := source.read(_PIECE_BYTES):
            yield base64.b64encode(piece)
    yield b"</edXML:ContentTransferEncoded></edXML:Attachment>"


def clean_xml(text: str) -> str:
    """Return ``text`` without the characters that XML 1.0 cannot hold."""
    return _FORBIDDEN.sub("", text)


def _refuse(findings: Sequence[Finding]) -> None:
    if findings:
        raise InvalidInput(
            "edxml.invalid",
            "Văn bản chưa đủ thông tin để đóng gói theo QCVN 102.",
            "The document lacks what a package of QCVN 102 needs.",
            findings,
        )


def _root(name: str) -> Element:
    element = etree.Element(f"{{{NAMESPACE}}}{name}", nsmap=_NSMAP)
    element.set("Id", ENVELOPE_ID)
    return element


def _under(parent: Element, name: str) -> Element:
    return etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")


def _text(parent: Element, name: str, value: object | None) -> None:
    """Add an element with a text; what has nothing to say is left out."""
    if value is not None and value != "":
        _under(parent, name).text = clean_xml(str(value))


def _date(day: date | None) -> str | None:
    return f"{day:%Y/%m/%d}" if day else None


def _instant(at: datetime) -> str:
    return f"{at.astimezone(OFFICE_ZONE):%Y/%m/%d %H:%M:%S}"


def _add_organ(parent: Element, name: str, organ: Organ) -> None:
    element = _under(parent, name)
    _text(element, "OrganId", organ.organ_id)
    _text(element, "OrganizationInCharge", organ.in_charge)
    _text(element, "OrganName", organ.name)
    _text(element, "OrganAdd", organ.address)
    _text(element, "Email", organ.email)
    _text(element, "Telephone", organ.telephone)
    _text(element, "Fax", organ.fax)
    _text(element, "Website", organ.website)


def _add_reference(parent: Element, about: DocumentReference) -> None:
    element = _under(parent, "ResponseFor")
    _text(element, "OrganId", about.organ_id)
    _text(element, "Code", about.code)
    _text(element, "PromulgationDate", _date(about.promulgated_on))
    _text(element, "DocumentId", about.document_id)


def _add_staff(parent: Element, staff: Staff) -> None:
    element = _under(parent, "StaffInfo")
    _text(element, "Department", staff.department)
    _text(element, "Staff", staff.name)
    _text(element, "Mobile", staff.mobile)
    _text(element, "Email", staff.email)


def _add_message_header(header: Element, letter: Letter) -> None:
    _add_organ(header, "From", letter.sender)
    for receiver in letter.receivers:
        _add_organ(header, "To", receiver)
    _text(header, "DocumentId", letter.document_id)
    code = _under(header, "Code")
    _text(code, "CodeNumber", letter.code_number)
    _text(code, "CodeNotation", letter.code_notation)
    promulgation = _under(header, "PromulgationInfo")
    _text(promulgation, "Place", letter.place)
    _text(promulgation, "PromulgationDate", _date(letter.promulgated_on))
    kind = _under(header, "DocumentType")
    _text(kind, "Type", letter.type_code)
    _text(kind, "TypeDetail", letter.type_detail)
    _text(kind, "TypeName", letter.type_name)
    _text(header, "Subject", letter.subject)
    _text(header, "Content", letter.content)
    signer = _under(header, "SignerInfo")
    _text(signer, "Competence", letter.signer_competence)
    _text(signer, "Position", letter.signer_position)
    _text(signer, "FullName", letter.signer_name)
    _text(header, "DueDate", _date(letter.due_on))
    places = _under(header, "ToPlaces")
    for place in letter.to_places:
        _text(places, "Place", place)
    _add_other(_under(header, "OtherInfo"), letter)
    for response in letter.responses:
        _add_reference(header, response)
    _text(header, "SteeringType", letter.steering)


def _add_other(other: Element, letter: Letter) -> None:
    _text(other, "Priority", letter.priority)
    _text(other, "SphereOfPromulgation", letter.sphere)
    _text(other, "TyperNotation", letter.typist)
    _text(other, "PromulgationAmount", letter.copies)
    _text(other, "PageAmount", letter.pages)
    _text(other, "Direction", letter.direction)
    appendixes = _under(other, "Appendixes")
    for appendix in letter.appendixes:
        _text(appendixes, "Appendix", appendix)


def _add_trace(header: Element, letter: Letter) -> None:
    trace = _under(header, "TraceHeaderList")
    for name, value in (("id", "1"), ("version", VERSION), ("mustUnderstand", "1"), ("actor", "")):
        trace.set(name, value)
    for line in letter.trace:
        element = _under(trace, "TraceHeader")
        _text(element, "OrganId", line.organ_id)
        _text(element, "Timestamp", _instant(line.at))
    _add_business(_under(trace, "Bussiness"), letter.business)


def _add_business(element: Element, business: Business) -> None:
    _text(element, "DocumentId", business.document_id)
    _text(element, "BussinessDocType", business.kind)
    _text(element, "BussinessDocReason", business.reason)
    _text(element, "Paper", int(business.has_paper))
    _add_staff(element, business.staff)
    if business.kind == UPDATE:
        changed = _under(element, "BussinessDocumentInfo")
        _text(changed, "DocumentInfo", 1)
        _text(changed, "DocumentReceiver", 0)
    if business.replaced:
        replacements = _under(element, "ReplacementInfoList")
        for one in business.replaced:
            info = _under(replacements, "ReplacementInfo")
            _text(info, "DocumentId", one.document_id)
            organs = _under(info, "OrganIdList")
            for organ_id in one.organ_ids:
                _text(organs, "OrganId", organ_id)


def _add_digests(header: Element, attachments: Sequence[AttachmentNote]) -> None:
    """Add an XMLDSig manifest with the digest of each file: what the signature says about the files."""
    told = [note for note in attachments if note.sha256 is not None]
    if not told:
        return
    manifest = etree.SubElement(header, f"{{{DSIG}}}Manifest", nsmap={"ds": DSIG})
    manifest.set("Id", "attachments")
    for note in told:
        reference = etree.SubElement(manifest, f"{{{DSIG}}}Reference")
        reference.set("URI", f"cid:{note.content_id}")
        etree.SubElement(reference, f"{{{DSIG}}}DigestMethod").set("Algorithm", SHA256_URI)
        digest = base64.b64encode(note.sha256 or b"").decode()
        etree.SubElement(reference, f"{{{DSIG}}}DigestValue").text = digest
