"""What entering by hand and receiving by exchange share: the policy's answer, the files, the row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert

from handlers.resources import HandlerResources
from handlers.scanning.archives import UnpackRefused, check_unpacking
from service.domain.clock import OFFICE_ZONE
from service.domain.content_policy import ContentFacts, PolicyAnswer, decide_content, decide_entry
from service.domain.errors import Finding, InvalidInput, PolicyRefusal
from service.domain.ids import new_id
from service.domain.records import ALLOWED_TYPES, TEXT_FIELDS, read_date
from service.queries.clearance import is_spilled
from service.storage.blobs import BlobStore, Readable, StoredBlob
from service.storage.file_names import clean_name
from service.storage.models import Document, DocumentFile, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

DOCUMENT = table_of(Document)
DOCUMENT_FILE = table_of(DocumentFile)
MOST_FILES: Final = 30
_END_OF_WORK: Final = time(17, 0)
_NULLABLE_TEXTS: Final = frozenset({"organ_id", "exchange_id"})


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file to be stored: its name as given, and where its bytes are read from."""

    file_name: str
    source: Readable


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that is in the store."""

    file_name: str
    sha256: bytes
    size_bytes: int
    media_type: str


def policy_answer(
    resources: HandlerResources,
    metadata: Mapping[str, Any],
    *,
    is_no_copy: bool,
    is_exchange: bool,
) -> PolicyAnswer:
    """Return what this deployment may keep of a document; metadata is cleaned and checked."""
    return decide_content(
        ContentFacts(
            zone=resources.zone,
            secrecy=metadata["secrecy"],
            category=metadata["category"],
            is_no_copy=is_no_copy,
            is_exchange=is_exchange,
            has_cipher=resources.has_cipher,
        ),
    )


def entry_answer(
    resources: HandlerResources, metadata: Mapping[str, Any], *, is_no_copy: bool
) -> PolicyAnswer:
    """Return what this deployment may keep of a document that a person enters; metadata as before."""
    return decide_entry(
        ContentFacts(
            zone=resources.zone,
            secrecy=metadata["secrecy"],
            category=metadata["category"],
            is_no_copy=is_no_copy,
            has_cipher=resources.has_cipher,
        ),
    )


def check_file_count(files: Sequence[Any]) -> list[Finding]:
    """Return a finding if there are more files than a document may have."""
    if len(files) <= MOST_FILES:
        return []
    vi, en = f"Một văn bản có tối đa {MOST_FILES} tệp.", f"A document has at most {MOST_FILES} files."
    return [Finding("files.too_many", vi, en, "/files")]


def store_files(unit: UnitOfWork, blobs: BlobStore, files: Sequence[FileSource]) -> list[KeptFile]:
    """Store the files; names are cleaned, types told from the contents. The one way in for what people bring.

    Of what is refused nothing stays: neither a row nor, where no agency keeps the same, the bytes.

    Raises:
        InvalidInput: an empty file, a type that is not on the list (S4-3.3), or an archive that breaks the
            limits of unpacking; pointers ``/files/<n>``.
        PolicyRefusal: a content in which state secrets were found before.
        TooLarge: over the limit.
    """
    kept: list[KeptFile] = []
    findings: list[Finding] = []
    for index, file in enumerate(files):
        stored = blobs.write(file.source)
        one = KeptFile(clean_name(file.file_name), stored.sha256, stored.size_bytes, stored.media_type)
        kept.append(one)
        if is_spilled(unit, one.sha256):
            _discard(unit, blobs, kept)
            raise _spilled_before(one)
        findings += _check_file(one, blobs, f"/files/{index}")
    if findings:
        _discard(unit, blobs, kept)
        vi, en = "Có tệp không được nhận.", "There is a file that is not taken."
        raise InvalidInput("file.invalid", vi, en, findings)
    for one in kept:
        blobs.keep(unit, StoredBlob(one.sha256, one.size_bytes, one.media_type))
    return kept


def _discard(unit: UnitOfWork, blobs: BlobStore, files: Sequence[KeptFile]) -> None:
    for file in files:
        blobs.erase(unit.session, file.sha256)


def _spilled_before(file: KeptFile) -> PolicyRefusal:
    return PolicyRefusal(
        "file.known_secret",
        "Tệp này đã được xác định có bí mật nhà nước, không được đưa vào hệ thống.",
        "State secrets were found in this file before; it is not taken.",
        extra={"clause": "S0-4.4 S1-1", "sha256": file.sha256.hex()},
    )


def _check_file(file: KeptFile, blobs: BlobStore, pointer: str) -> list[Finding]:
    if file.size_bytes == 0:
        vi, en = f"Tệp “{file.file_name}” trống.", f"The file “{file.file_name}” is empty."
        return [Finding("file.empty", vi, en, pointer)]
    if file.media_type not in ALLOWED_TYPES:
        vi = f"Loại nội dung của tệp “{file.file_name}” không được phép ({file.media_type})."
        en = f"The content of “{file.file_name}” is of a type that is not taken ({file.media_type})."
        return [Finding("file.type", vi, en, pointer)]
    try:
        check_unpacking(blobs.path_of(file.sha256))
    except UnpackRefused as refusal:
        vi = f"Tệp “{file.file_name}” vượt giới hạn giải nén hoặc hỏng ({refusal.reason})."
        en = f"The file “{file.file_name}” breaks the limits of unpacking, or is broken ({refusal.reason})."
        return [Finding("file.unpacking", vi, en, pointer)]
    return []


def insert_document(
    unit: UnitOfWork,
    metadata: Mapping[str, Any],
    files: Sequence[KeptFile],
    *,
    channel: str,
    intake: Mapping[str, Any],
    received_at: datetime | None = None,
) -> UUID:
    """Write the row of an arriving document and of its files; returns its id.

    ``received_at`` is the server's time of this transaction; only after an outage is the real one entered.
    """
    document_id = new_id(unit.now)
    due_on = read_date(metadata.get("due_on"))
    is_attested = bool(intake.get("is_attested"))
    row = _text_columns(metadata) | {
        "id": document_id,
        "agency_id": unit.actor.agency_id,
        "direction": "incoming",
        "status": "arrived",
        "channel": channel,
        "issued_on": read_date(metadata.get("issued_on")),
        "page_amount": metadata.get("page_amount"),
        "urgency": metadata["urgency"],
        "secrecy": metadata["secrecy"],
        "category": metadata["category"],
        "received_at": received_at or unit.now,
        "due_at": datetime.combine(due_on, _END_OF_WORK, OFFICE_ZONE) if due_on else None,
        "is_public": False,
        "attested_by_id": unit.actor.account_id if is_attested else None,
        "attested_at": unit.now if is_attested else None,
        "trace": [_intake_line(unit, channel, intake)],
        "version": 1,
        "created_at": unit.now,
        "created_by_id": unit.actor.account_id,
    }
    unit.session.execute(insert(DOCUMENT).values(row))
    if files:
        unit.session.execute(
            insert(DOCUMENT_FILE), [_file_row(unit, document_id, *one) for one in enumerate(files)]
        )
    details = {"channel": channel, "files": len(files), **{k: v for k, v in intake.items() if v is not None}}
    unit.audit(AuditRecord("document.entered", "document", document_id, details))
    return document_id


def _text_columns(metadata: Mapping[str, Any]) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for field in TEXT_FIELDS:
        value = metadata.get(field.name) or None
        columns[field.name] = value if value or field.name in _NULLABLE_TEXTS else ""
    return columns | {"language": columns["language"] or "vi"}


def _intake_line(unit: UnitOfWork, channel: str, intake: Mapping[str, Any]) -> dict[str, Any]:
    line = {
        "at": unit.now.isoformat(),
        "kind": "entered",
        "by": unit.actor.login,
        "by_name": unit.actor.full_name,
        "channel": channel,
    }
    return line | {name: value for name, value in intake.items() if value is not None}


def _file_row(unit: UnitOfWork, document_id: UUID, index: int, file: KeptFile) -> dict[str, Any]:
    return {
        "id": new_id(unit.now),
        "agency_id": unit.actor.agency_id,
        "document_id": document_id,
        "ordinal": index + 1,
        "version": 1,
        "role": "main" if index == 0 else "attachment",
        "file_name": file.file_name,
        "sha256": file.sha256,
        "size_bytes": file.size_bytes,
        "media_type": file.media_type,
        "added_by_id": unit.actor.account_id,
        "added_at": unit.now,
        "reason": "",
    }
