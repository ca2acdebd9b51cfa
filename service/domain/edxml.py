"""What an edXML package says (QCVN 102:2016): the parts of a document's header, its statuses, their lengths.

The names of the paths are those of the regulation, spelled as programs that use it spell them (``Bussiness``,
``TyperNotation``). A finding's code is the regulation's own: ``N.`` for what is missing, ``R.`` for what is
out of range, ``M.`` for what is malformed, each followed by the path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Literal

from service.domain.errors import Finding

NAMESPACE: Final = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
VERSION: Final = "1.0"

BusinessType = Literal[0, 1, 2, 3]
NEW: Final = 0
RECALL: Final = 1
UPDATE: Final = 2
REPLACE: Final = 3
BUSINESS_NAMES: Final = {
    NEW: ("Văn bản mới", "New document"),
    RECALL: ("Thu hồi", "Recall"),
    UPDATE: ("Cập nhật", "Update"),
    REPLACE: ("Thay thế", "Replacement"),
}
PRIORITIES: Final = ("normal", "urgent", "very_urgent", "flash", "flash")
"""Urgency by the number on the wire: 0 Thường, 1 Khẩn, 2 Thượng khẩn, 3 Hỏa tốc, 4 Hỏa tốc hẹn giờ."""

ZIPPED: Final = "zip"
ATTACHMENT_ENCODINGS: Final = ("base64", ZIPPED)
"""How files stand in a package: as they are, or each in an archive of its own; base64 around either."""

RECALL_ASKED: Final = "13"
STATUS_CODES: Final = frozenset({"01", "02", "03", "04", "05", "06", "13", "15", "16"})
STEERING: Final = range(3)

_LARGEST_COUNT: Final = 99_999


@dataclass(frozen=True, slots=True)
class Organ:
    """An office on the exchange; ``organ_id`` is its identifier, ``in_charge`` the office over it."""

    organ_id: str
    name: str = ""
    in_charge: str = ""
    address: str = ""
    email: str = ""
    telephone: str = ""
    fax: str = ""
    website: str = ""


@dataclass(frozen=True, slots=True)
class DocumentReference:
    """Another document, as the one who answers to it names it (``ResponseFor``)."""

    organ_id: str
    code: str = ""
    promulgated_on: date | None = None
    document_id: str = ""


@dataclass(frozen=True, slots=True)
class Staff:
    """Who handles the matter at the sender."""

    department: str = ""
    name: str = ""
    mobile: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Replaced:
    """A document that is replaced; ``organ_ids``: at which receivers, none = at all."""

    document_id: str
    organ_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Business:
    """What the package is for (``Bussiness``): new, recall, update or replacement.

    Attributes:
        kind: 0 to 3.
        document_id: the document that a recall or an update is about; "" = the package's own.
        reason: why it is recalled, updated or replaced.
        has_paper: whether a paper original follows.
        staff: whom to ask.
        replaced: what a replacement replaces.
    """

    kind: int = NEW
    document_id: str = ""
    reason: str = ""
    has_paper: bool = False
    staff: Staff = field(default_factory=Staff)
    replaced: tuple[Replaced, ...] = ()


@dataclass(frozen=True, slots=True)
class TraceLine:
    """A station on the document's way (``TraceHeader``)."""

    organ_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AttachmentNote:
    """A file of the package as its manifest lists it; ``sha256`` is of the file itself, where it is told."""

    content_id: str
    name: str
    content_type: str = "application/octet-stream"
    description: str = ""
    sha256: bytes | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """The header of a document's package (``MessageHeader`` with its ``TraceHeaderList`` and manifest).

    Attributes:
        document_id: how the sender names the document on the exchange.
        type_code: the number of the kind of document; senders disagree about it, the name decides.
        signer_competence: such as ``TM.`` or ``KT.``.
        priority: 0 to 4, see :data:`PRIORITIES`.
        steering: 0 none, 1 an instruction, 2 a report on one.
        attachments: what the manifest lists, the main file first.
    """

    sender: Organ
    receivers: tuple[Organ, ...]
    document_id: str
    code_number: str = ""
    code_notation: str = ""
    place: str = ""
    promulgated_on: date | None = None
    type_code: int | None = None
    type_detail: str = ""
    type_name: str = ""
    subject: str = ""
    content: str = ""
    signer_competence: str = ""
    signer_position: str = ""
    signer_name: str = ""
    due_on: date | None = None
    to_places: tuple[str, ...] = ()
    priority: int = 0
    sphere: str = ""
    typist: str = ""
    copies: int | None = None
    pages: int | None = None
    direction: str = ""
    appendixes: tuple[str, ...] = ()
    responses: tuple[DocumentReference, ...] = ()
    steering: int = 0
    business: Business = field(default_factory=Business)
    trace: tuple[TraceLine, ...] = ()
    attachments: tuple[AttachmentNote, ...] = ()


@dataclass(frozen=True, slots=True)
class StatusLetter:
    """A status of a document, told to its sender (01–06, 15, 16), or a sender's wish to have it back (13)."""

    sender: Organ
    about: DocumentReference
    code: str
    description: str = ""
    at: datetime | None = None
    staff: Staff = field(default_factory=Staff)


DOCUMENT_ID_LENGTH: Final = 200
_HEADER: Final = "MessageHeader"
_TRACE: Final = "TraceHeaderList/Bussiness"
_ORGAN_LENGTHS: Final = {
    "organ_id": ("OrganId", 35),
    "name": ("OrganName", 200),
    "in_charge": ("OrganizationInCharge", 200),
    "address": ("OrganAdd", 250),
    "email": ("Email", 100),
    "telephone": ("Telephone", 20),
    "fax": ("Fax", 20),
    "website": ("Website", 100),
}
_LETTER_LENGTHS: Final = {
    "document_id": ("DocumentId", DOCUMENT_ID_LENGTH),
    "code_number": ("Code/CodeNumber", 11),
    "code_notation": ("Code/CodeNotation", 30),
    "place": ("PromulgationInfo/Place", 50),
    "type_detail": ("DocumentType/TypeDetail", 100),
    "type_name": ("DocumentType/TypeName", 100),
    "subject": ("Subject", 500),
    "content": ("Content", 500),
    "signer_competence": ("SignerInfo/Competence", 100),
    "signer_position": ("SignerInfo/Position", 100),
    "signer_name": ("SignerInfo/FullName", 50),
    "sphere": ("OtherInfo/SphereOfPromulgation", 100),
    "typist": ("OtherInfo/TyperNotation", 10),
    "direction": ("OtherInfo/Direction", 50),
}
_REQUIRED: Final = {
    "document_id": "DocumentId",
    "code_number": "Code/CodeNumber",
    "code_notation": "Code/CodeNotation",
    "promulgated_on": "PromulgationInfo/PromulgationDate",
    "type_name": "DocumentType/TypeName",
    "subject": "Subject",
    "signer_name": "SignerInfo/FullName",
}
"""What a package of ours always carries (S3-12.4); a foreign one is read without some of it."""

_STAFF_LENGTHS: Final = {
    "department": ("Department", 100),
    "name": ("Staff", 100),
    "mobile": ("Mobile", 20),
    "email": ("Email", 100),
}
ATTACHMENT_NAME_LENGTH: Final = 200
_APPENDIX_LENGTH: Final = 250
_PLACE_LENGTH: Final = 150
_REASON_LENGTH: Final = 500
_ORGAN_ID: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,33}[A-Za-z0-9])?")


def missing(path: str) -> Finding:
    """Return the finding for a part that is not there."""
    code = f"N.{path.replace('/', '.')}"
    return Finding(code, f"Gói tin thiếu {path}.", f"The package lacks {path}.", f"/{path}")


def out_of_range(path: str, limit: str) -> Finding:
    """Return the finding for a part that is too long or out of its range."""
    code = f"R.{path.replace('/', '.')}"
    return Finding(
        code, f"{path} vượt phạm vi ({limit}).", f"{path} is out of its range ({limit}).", f"/{path}"
    )


def malformed(path: str, form: str) -> Finding:
    """Return the finding for a part that does not have its form."""
    code = f"M.{path.replace('/', '.')}"
    return Finding(code, f"{path} sai dạng ({form}).", f"{path} is malformed ({form}).", f"/{path}")


def is_organ_id(text: str) -> bool:
    """Say whether ``text`` may be an identifier: at most 35 letters, digits, dots and hyphens."""
    return _ORGAN_ID.fullmatch(text) is not None


def document_id_of(organ_id: str, issued_on: date, code: str) -> str:
    """Return the identifier of a document on the exchange: organ, date, number and notation.

    The form ``000.00.00.G22,2015/09/30,7816/VPCP-TTĐT`` of the samples of QCVN 102.
    """
    return f"{organ_id},{issued_on:%Y/%m/%d},{code}"


def check_letter(letter: Letter) -> list[Finding]:
    """Return what a package of ours may not be sent with: missing, too long, out of range."""
    found = [missing(f"{_HEADER}/{path}") for name, path in _REQUIRED.items() if not getattr(letter, name)]
    if not letter.receivers:
        found.append(missing(f"{_HEADER}/To"))
    found += check_ranges(letter)
    if letter.business.kind == REPLACE and not letter.business.replaced:
        found.append(missing(f"{_TRACE}/ReplacementInfoList"))
    if letter.business.kind in {RECALL, UPDATE} and not letter.business.reason:
        found.append(missing(f"{_TRACE}/BussinessDocReason"))
    return found


def check_ranges(letter: Letter) -> list[Finding]:
    """Return what is longer or larger than the regulation allows, of a package of ours or a foreign one."""
    found = [*_check_organ(letter.sender, "From")]
    for receiver in letter.receivers:
        found += _check_organ(receiver, "To")
    found += _too_long(letter, _LETTER_LENGTHS, _HEADER)
    found += _check_lists(letter)
    found += _check_numbers(letter)
    found += _check_business(letter.business)
    return found


def check_status(status: StatusLetter) -> list[Finding]:
    """Return what a status message may not be sent with."""
    found = [*_check_organ(status.sender, "From")]
    if status.code not in STATUS_CODES:
        found.append(out_of_range(f"{_HEADER}/StatusCode", ", ".join(sorted(STATUS_CODES))))
    if not status.about.document_id:
        found.append(missing(f"{_HEADER}/ResponseFor/DocumentId"))
    if status.at is None:
        found.append(missing(f"{_HEADER}/Timestamp"))
    if len(status.description) > _REASON_LENGTH:
        found.append(out_of_range(f"{_HEADER}/Description", f"≤ {_REASON_LENGTH}"))
    found += _too_long(status.staff, _STAFF_LENGTHS, f"{_HEADER}/StaffInfo")
    return found


def _check_organ(organ: Organ, place: str) -> Iterator[Finding]:
    path = f"{_HEADER}/{place}"
    if not organ.organ_id:
        yield missing(f"{path}/OrganId")
    elif not is_organ_id(organ.organ_id):
        yield malformed(f"{path}/OrganId", "A01.02.00")
    yield from _too_long(organ, _ORGAN_LENGTHS, path)


def _too_long(part: object, lengths: dict[str, tuple[str, int]], place: str) -> Iterator[Finding]:
    for name, (path, limit) in lengths.items():
        if len(getattr(part, name)) > limit:
            yield out_of_range(f"{place}/{path}", f"≤ {limit}")


def _check_lists(letter: Letter) -> Iterator[Finding]:
    lists = (
        (letter.to_places, f"{_HEADER}/ToPlaces/Place", _PLACE_LENGTH),
        (letter.appendixes, f"{_HEADER}/OtherInfo/Appendixes/Appendix", _APPENDIX_LENGTH),
        (
            [one.name for one in letter.attachments],
            "edXMLManifest/Reference/AttachmentName",
            ATTACHMENT_NAME_LENGTH,
        ),
    )
    for items, path, limit in lists:
        if any(len(item) > limit for item in items):
            yield out_of_range(path, f"≤ {limit}")


def _check_numbers(letter: Letter) -> Iterator[Finding]:
    if letter.priority not in range(len(PRIORITIES)):
        yield out_of_range(f"{_HEADER}/OtherInfo/Priority", "0–4")
    if letter.steering not in STEERING:
        yield out_of_range(f"{_HEADER}/SteeringType", "0–2")
    counts = (("copies", "OtherInfo/PromulgationAmount"), ("pages", "OtherInfo/PageAmount"))
    for name, path in counts:
        value = getattr(letter, name)
        if value is not None and not 0 <= value <= _LARGEST_COUNT:
            yield out_of_range(f"{_HEADER}/{path}", f"0–{_LARGEST_COUNT}")


def _check_business(business: Business) -> Iterator[Finding]:
    if business.kind not in BUSINESS_NAMES:
        yield out_of_range(f"{_TRACE}/BussinessDocType", "0–3")
    if len(business.reason) > _REASON_LENGTH:
        yield out_of_range(f"{_TRACE}/BussinessDocReason", f"≤ {_REASON_LENGTH}")
    yield from _too_long(business.staff, _STAFF_LENGTHS, f"{_TRACE}/StaffInfo")
