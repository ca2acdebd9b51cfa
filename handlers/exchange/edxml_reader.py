"""Reads edXML tolerantly: layered or flat, with or without namespace, old spellings, parts missing.

What cannot be understood becomes a finding with the regulation's code; only what nothing can be done without
(the sender, the document's identifier, a known status) makes a package unreadable.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from lxml import etree

from handlers.exchange.edxml_writer import DSIG, SHA256_URI
from handlers.exchange.package_intake import Element, local_name
from service.domain.clock import OFFICE_ZONE
from service.domain.edxml import (
    STATUS_CODES,
    AttachmentNote,
    Business,
    DocumentReference,
    Letter,
    Organ,
    Replaced,
    Staff,
    StatusLetter,
    TraceLine,
    check_ranges,
    malformed,
    missing,
    out_of_range,
)
from service.domain.errors import Finding, InvalidInput
from service.domain.records import clean_text

_HEADER: Final = "MessageHeader"
_DATES: Final = (
    (re.compile(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})"), (0, 1, 2)),
    (re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})"), (2, 1, 0)),
)
_CLOCK: Final = re.compile(r"[ T](\d{1,2}):(\d{2})(?::(\d{2}))?")
_ROOTS: Final = frozenset({"edxml", "edxmlenvelope", "messageheader", "edxmlheader"})
_MOST_IN_A_LIST: Final = 200
_YEARS: Final = range(1900, 2200)
"""Of days and instants; at the ends of the calendar offsets and deadlines lead beyond what clocks know."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a package says; ``findings`` are parts that are missing, too long or malformed but not needed."""

    message: Letter | StatusLetter
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class _Notes:
    """What is wrong, gathered while reading."""

    findings: list[Finding] = field(default_factory=list)


def read_message(root: Element) -> Reading:
    """Return the document's header or the status message that the tree holds.

    Raises:
        InvalidInput: ``edxml.…``: another kind of XML, or without sender or identifier.
    """
    if local_name(root) not in _ROOTS:
        vi, en = "Gói tin không phải edXML.", "The package is no edXML."
        raise InvalidInput("edxml.wrong_root", vi, en, [Finding("edxml.wrong_root", vi, en)])
    header = _find(root, "messageheader")
    header = root if header is None else header
    notes = _Notes()
    message: Letter | StatusLetter
    if _child(header, "statuscode") is not None:
        message = _read_status(header, notes)
    else:
        message = _read_letter(root, header, notes)
        notes.findings += check_ranges(message)
    fatal = _fatal(message)
    if fatal:
        vi, en = "Gói tin thiếu thông tin bắt buộc.", "The package lacks what nothing can be done without."
        raise InvalidInput("edxml.invalid", vi, en, [*fatal, *notes.findings])
    return Reading(message, tuple(notes.findings))


def _fatal(message: Letter | StatusLetter) -> list[Finding]:
    found = []
    if not message.sender.organ_id:
        found.append(missing(f"{_HEADER}/From/OrganId"))
    if isinstance(message, StatusLetter):
        if message.code not in STATUS_CODES:
            found.append(out_of_range(f"{_HEADER}/StatusCode", ", ".join(sorted(STATUS_CODES))))
        if not message.about.document_id and not message.about.code:
            found.append(missing(f"{_HEADER}/ResponseFor/DocumentId"))
    elif not message.document_id:
        found.append(missing(f"{_HEADER}/DocumentId"))
    return found


def _plain(name: str) -> str:
    """Return a name in small letters with one spelling of business."""
    return name.lower().replace("bussiness", "business")


def _children(parent: Element | None, name: str) -> Iterator[Element]:
    if parent is not None:
        for child in parent.iterchildren(tag=etree.Element):
            if _plain(local_name(child)) == _plain(name):
                yield child


def _child(parent: Element | None, name: str) -> Element | None:
    return next(_children(parent, name), None)


def _find(root: Element, name: str) -> Element | None:
    """Return the first element of that name, wherever it stands."""
    return next((one for one in root.iter(tag=etree.Element) if _plain(local_name(one)) == name), None)


def _text(parent: Element | None, *names: str) -> str:
    """Return the text of the first child that has one of the names."""
    for name in names:
        child = _child(parent, name)
        if child is not None and child.text:
            return clean_text(child.text)
    return ""


def _read_day(text: str) -> tuple[date, str] | None:
    """Return the date that a text begins with, and what follows it."""
    for pattern, order in _DATES:
        found = pattern.match(text)
        if found:
            parts = [int(part) for part in found.groups()]
            try:
                return date(*(parts[place] for place in order)), text[found.end() :]
            except ValueError:
                return None
    return None


def _date(parent: Element | None, name: str, path: str, notes: _Notes) -> date | None:
    text = _text(parent, name)
    if not text:
        return None
    found = _read_day(text)
    if found is None:
        notes.findings.append(malformed(path, "yyyy/MM/dd"))
        return None
    if found[0].year not in _YEARS:
        notes.findings.append(out_of_range(path, f"{_YEARS.start}–{_YEARS.stop - 1}"))
        return None
    return found[0]


def _instant(parent: Element | None, name: str, path: str, notes: _Notes) -> datetime | None:
    """Return an instant; without a zone it is the office's."""
    text = _text(parent, name)
    if not text:
        return None
    try:
        whole = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        found = _read_day(text)
        clock = _CLOCK.match(found[1]) if found else None
        if found is None:
            notes.findings.append(malformed(path, "yyyy/MM/dd HH:mm:ss"))
            return None
        hour, minute, second = (int(part or 0) for part in clock.groups()) if clock else (0, 0, 0)
        try:
            whole = datetime(
                found[0].year, found[0].month, found[0].day, hour, minute, second, tzinfo=OFFICE_ZONE
            )
        except ValueError:
            notes.findings.append(malformed(path, "yyyy/MM/dd HH:mm:ss"))
            return None
    if whole.year not in _YEARS:
        notes.findings.append(out_of_range(path, f"{_YEARS.start}–{_YEARS.stop - 1}"))
        return None
    return whole if whole.tzinfo else whole.replace(tzinfo=OFFICE_ZONE)


def _number(parent: Element | None, name: str, path: str, notes: _Notes) -> int | None:
    text = _text(parent, name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):  # noqa: PLR2004 - beyond any count
        notes.findings.append(malformed(path, "0, 1, 2 …"))
        return None
    return int(text)


def _organ(element: Element | None) -> Organ:
    return Organ(
        organ_id=_text(element, "OrganId"),
        name=_text(element, "OrganName"),
        in_charge=_text(element, "OrganizationInCharge"),
        address=_text(element, "OrganAdd"),
        email=_text(element, "Email"),
        telephone=_text(element, "Telephone"),
        fax=_text(element, "Fax"),
        website=_text(element, "Website"),
    )


def _staff(element: Element | None) -> Staff:
    return Staff(
        department=_text(element, "Department"),
        name=_text(element, "Staff"),
        mobile=_text(element, "Mobile"),
        email=_text(element, "Email"),
    )


def _reference(element: Element | None, notes: _Notes) -> DocumentReference:
    path = f"{_HEADER}/ResponseFor/PromulgationDate"
    return DocumentReference(
        organ_id=_text(element, "OrganId"),
        code=_text(element, "Code"),
        promulgated_on=_date(element, "PromulgationDate", path, notes),
        document_id=_text(element, "DocumentId"),
    )


def _read_status(header: Element, notes: _Notes) -> StatusLetter:
    code = _text(header, "StatusCode")
    return StatusLetter(
        sender=_organ(_child(header, "From")),
        about=_reference(_child(header, "ResponseFor"), notes),
        code=code.zfill(2) if code.isascii() and code.isdigit() else code,
        description=_text(header, "Description")[:500],
        at=_instant(header, "Timestamp", f"{_HEADER}/Timestamp", notes),
        staff=_staff(_child(header, "StaffInfo")),
    )


def _read_letter(root: Element, header: Element, notes: _Notes) -> Letter:
    code, promulgation = _child(header, "Code"), _child(header, "PromulgationInfo")
    kind, signer, other = (
        _child(header, "DocumentType"),
        _child(header, "SignerInfo"),
        _child(header, "OtherInfo"),
    )
    of_other = f"{_HEADER}/OtherInfo"
    return Letter(
        sender=_organ(_child(header, "From")),
        receivers=tuple(_organ(one) for one in _children(header, "To"))[:_MOST_IN_A_LIST],
        document_id=_text(header, "DocumentId"),
        code_number=_text(code, "CodeNumber") or _text(header, "CodeNumber"),
        code_notation=_text(code, "CodeNotation") or _text(header, "CodeNotation"),
        place=_text(promulgation, "Place"),
        promulgated_on=_date(
            promulgation, "PromulgationDate", f"{_HEADER}/PromulgationInfo/PromulgationDate", notes
        ),
        type_code=_number(kind, "Type", f"{_HEADER}/DocumentType/Type", notes),
        type_detail=_text(kind, "TypeDetail"),
        type_name=_text(kind, "TypeName"),
        subject=_text(header, "Subject"),
        content=_text(header, "Content"),
        signer_competence=_text(signer, "Competence"),
        signer_position=_text(signer, "Position"),
        signer_name=_text(signer, "FullName"),
        due_on=_date(header, "DueDate", f"{_HEADER}/DueDate", notes),
        to_places=_texts(_child(header, "ToPlaces"), "Place"),
        priority=_number(other, "Priority", f"{of_other}/Priority", notes) or 0,
        sphere=_text(other, "SphereOfPromulgation"),
        typist=_text(other, "TyperNotation", "TypistNotation"),
        copies=_number(other, "PromulgationAmount", f"{of_other}/PromulgationAmount", notes),
        pages=_number(other, "PageAmount", f"{of_other}/PageAmount", notes),
        direction=_text(other, "Direction"),
        appendixes=_texts(_child(other, "Appendixes"), "Appendix"),
        responses=tuple(_reference(one, notes) for one in _children(header, "ResponseFor"))[:_MOST_IN_A_LIST],
        steering=_number(header, "SteeringType", f"{_HEADER}/SteeringType", notes) or 0,
        business=_read_business(root, notes),
        trace=_read_trace(root, notes),
        attachments=_read_manifest(root, notes),
    )


def _texts(parent: Element | None, name: str) -> tuple[str, ...]:
    found = (clean_text(one.text or "") for one in _children(parent, name))
    return tuple(text for text in found if text)[:_MOST_IN_A_LIST]


def _read_business(root: Element, notes: _Notes) -> Business:
    element = _find(root, "business")
    kind = _number(element, "BussinessDocType", "TraceHeaderList/Bussiness/BussinessDocType", notes)
    replaced = tuple(
        Replaced(_text(one, "DocumentId"), _texts(_child(one, "OrganIdList"), "OrganId"))
        for one in _children(_child(element, "ReplacementInfoList"), "ReplacementInfo")
    )
    return Business(
        kind=kind or 0,
        document_id=_text(element, "DocumentId"),
        reason=_text(element, "BussinessDocReason"),
        has_paper=_text(element, "Paper") == "1",
        staff=_staff(_child(element, "StaffInfo")),
        replaced=tuple(one for one in replaced if one.document_id)[:_MOST_IN_A_LIST],
    )


def _read_trace(root: Element, notes: _Notes) -> tuple[TraceLine, ...]:
    found = []
    for element in _children(_find(root, "traceheaderlist"), "TraceHeader"):
        at = _instant(element, "Timestamp", "TraceHeaderList/TraceHeader/Timestamp", notes)
        if at is not None:
            found.append(TraceLine(_text(element, "OrganId"), at))
    return tuple(found[:_MOST_IN_A_LIST])


def _read_manifest(root: Element, notes: _Notes) -> tuple[AttachmentNote, ...]:
    digests = _read_digests(root, notes)
    found = []
    for element in _children(_find(root, "edxmlmanifest"), "Reference"):
        content_id = _text(element, "ContentId").removeprefix("cid:")
        found.append(
            AttachmentNote(
                content_id,
                _text(element, "AttachmentName") or _text(element, "Description") or content_id,
                _text(element, "ContentType"),
                _text(element, "Description"),
                digests.get(content_id),
            ),
        )
    return tuple(found[:_MOST_IN_A_LIST])


def _read_digests(root: Element, notes: _Notes) -> dict[str, bytes]:
    """Return the SHA-256 by content id that the manifest of the signature tells."""
    found: dict[str, bytes] = {}
    manifest = next(iter(root.iter(f"{{{DSIG}}}Manifest")), None)
    for reference in manifest if manifest is not None else ():
        method = reference.find(f"{{{DSIG}}}DigestMethod")
        value = reference.findtext(f"{{{DSIG}}}DigestValue") or ""
        try:
            digest = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            digest = b""
        if method is None or method.get("Algorithm") != SHA256_URI or len(digest) != 32:  # noqa: PLR2004 - SHA-256
            notes.findings.append(malformed("Signature/Manifest/Reference", "SHA-256"))
            continue
        found[str(reference.get("URI", "")).removeprefix("cid:")] = digest
    return found
