"""What a process knows of a document: the variable ``document``, metadata only, never contents."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from handlers.contract import Json
from handlers.resources import HandlerResources
from service.domain.errors import Finding
from service.domain.numbering import arrival_code
from service.domain.records import PDF, check_metadata

_PLAIN = (
    "type_name",
    "code_number",
    "code_notation",
    "organ_id",
    "organ_name",
    "subject",
    "page_amount",
    "description",
    "signer_position",
    "signer_name",
    "to_places",
    "urgency",
    "secrecy",
    "category",
    "channel",
)


def document_code(number: str, notation: str) -> str:
    """Return number and notation as written: ``05/TB-UBND`` (State) or ``05-TB/TU`` (Party)."""
    if not number or not notation or notation[0] in "/-":
        return f"{number}{notation}"
    return f"{number}{'-' if '/' in notation else '/'}{notation}"


def describe_document(document: Row[Any], files: list[Row[Any]], resources: HandlerResources) -> Json:
    """Return the variable ``document`` of the incoming process.

    Instants and dates are ISO 8601 text; ``findings`` lists what the packet or the files lack, for the clerk.
    """
    code = document_code(document.code_number, document.code_notation)
    facts = {name: getattr(document, name) for name in _PLAIN}
    return facts | {
        "id": str(document.id),
        "title": f"{code} – {document.subject}" if code else document.subject,
        "code": code,
        "issued_on": document.issued_on.isoformat() if document.issued_on else None,
        "due_on": document.due_at.date().isoformat() if document.due_at else None,
        "received_at": document.received_at.isoformat() if document.received_at else None,
        "arrival_code": arrival_code(document.arrival_number) if document.arrival_number else None,
        "is_exchange": document.channel == "exchange",
        "is_no_copy": any(line.get("is_no_copy") for line in document.trace),
        "zone": resources.zone,
        "has_cipher": resources.has_cipher,
        "file_count": len(files),
        "findings": [_as_json(finding) for finding in find_defects(document, files)],
    }


def find_defects(document: Row[Any], files: list[Row[Any]]) -> list[Finding]:
    """Return what a checker should see: missing items of S3-12.4, wrong lengths, a scan that is no PDF."""
    metadata = {name: getattr(document, name) for name in (*_PLAIN, "issued_on", "exchange_id")}
    findings = check_metadata(metadata, is_exchange=document.channel == "exchange")
    for file in files:
        if document.channel == "paper" and file.role == "main" and file.media_type != PDF:
            vi = f"Bản số hóa từ giấy phải là tệp PDF: {file.file_name}."
            en = f"A digitised paper must be a PDF: {file.file_name}."
            findings.append(Finding("file.not_pdf", vi, en, f"/files/{file.ordinal}"))
    return findings


def _as_json(finding: Finding) -> Json:
    return {"code": finding.code, "vi": finding.vi, "en": finding.en, "pointer": finding.pointer}
