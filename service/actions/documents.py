"""Documents that a person enters, reads and files: an upload or a scan, and work dossiers.

The content policy of the network zone is asked before any byte of a file is kept; a refused attempt leaves an
audit event without the content. Every reading of a document or a file is an audit event (S2-3.5b, NĐ30 Phụ
lục VI III.5), which is why reading stands among the actions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal, get_args
from uuid import UUID

from sqlalchemy import select

from handlers.resources import HandlerResources
from service.actions.attestations import BY_MARK, BY_PERSON, note_attestations
from service.actions.back_entries import BackEntry, check_back_entry
from service.actions.document_rows import (
    FileSource,
    check_file_count,
    entry_answer,
    insert_document,
    store_files,
)
from service.actions.instances import start
from service.domain.content_policy import PolicyAnswer
from service.domain.errors import Finding, Forbidden, InvalidInput, NotFound, PolicyRefusal
from service.domain.permissions import require
from service.domain.records import CHANNELS, PDF, check_metadata, clean_metadata
from service.engine.engine import ProcessEngine
from service.queries.document_access import HIDDEN_STATUSES, Standing, standing_of
from service.queries.documents import DocumentView, document_view, dossiers_of, files_of
from service.storage.models import DocumentFile, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

DOCUMENT_FILE = table_of(DocumentFile)
INCOMING_PROCESS: Final = "incoming_document"
_ENTERED_CHANNELS: Final = ("paper", "upload", "email")

FileAction = Literal["document.view_pages", "document.download", "document.print_copy"]
FILE_ACTIONS: Final[tuple[FileAction, ...]] = get_args(FileAction)
_RECORDED_AS: Final[Mapping[FileAction, str]] = {
    "document.view_pages": "document.view_page",
    "document.download": "document.read_file",
    "document.print_copy": "document.print_copy",
}


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document that a clerk enters.

    Attributes:
        metadata: the names of :data:`service.domain.records.TEXT_FIELDS`, ``urgency``, ``secrecy``,
            ``category``, ``issued_on``, ``due_on``, ``page_amount``.
        files: the first is the main file.
        channel: ``paper`` (digitised), ``upload`` or ``email``.
        is_attested: the person's declaration that it holds no state secret.
        is_no_copy: the document may not be copied or photographed.
        back_entry: when it really arrived, if it is entered after an outage; None = now.
    """

    metadata: Mapping[str, Any]
    files: Sequence[FileSource] = ()
    channel: str = "upload"
    is_attested: bool = False
    is_no_copy: bool = False
    back_entry: BackEntry | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """What came of entering a document."""

    document_id: UUID
    instance_id: UUID


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file that may be read: hand ``sha256`` to the file store."""

    sha256: bytes
    file_name: str
    media_type: str
    size_bytes: int


def enter_document(engine: ProcessEngine, unit: UnitOfWork, new: NewDocument) -> Entered:
    """Store a document with its files and start the incoming process, in one transaction.

    Raises:
        Forbidden: the actor is no clerk, or the process does not let them start it.
        InvalidInput: findings with pointers below ``/metadata``, ``/files`` and at ``/is_attested``.
        PolicyRefusal: the zone may not hold this; call :func:`note_refusal` in a unit of work of its own.
        TooLarge: a file is over the limit.
        NotFound: the process is not deployed.
    """
    document_id = store_document(unit, engine.resources.handler_resources, new)
    variables = {"document_id": str(document_id)}
    progress = start(engine, unit, INCOMING_PROCESS, variables, business_key=str(document_id))
    return Entered(document_id, progress.instance_id)


def store_document(unit: UnitOfWork, resources: HandlerResources, new: NewDocument) -> UUID:
    """Store a document with its files, without starting a process; raises as :func:`enter_document`."""
    require(unit.actor, "document.receive")
    metadata = clean_metadata(new.metadata)
    _check(metadata, new, unit.now)
    answer = _allowed_answer(resources, metadata, new)
    if answer.decision == "abstract_only" and new.files:
        vi, en = answer.reason_vi, answer.reason_en
        raise InvalidInput("files.abstract_only", vi, en, [Finding("files.abstract_only", vi, en, "/files")])
    files = store_files(unit, resources.blobs, new.files)
    _check_scan(new, [file.media_type for file in files])
    intake = {"is_no_copy": new.is_no_copy or None, "is_attested": new.is_attested, "clause": answer.clause}
    back = new.back_entry
    if back is not None:
        intake |= {"received_at": back.received_at.isoformat(), "back_entry": back.proof.strip()}
    received_at = back.received_at if back else None
    document_id = insert_document(
        unit, metadata, files, channel=new.channel, intake=intake, received_at=received_at
    )
    statement = BY_PERSON if new.is_attested else BY_MARK
    note_attestations(unit, resources.zone, files, ("document", document_id), statement=statement)
    return document_id


def note_refusal(unit: UnitOfWork, refusal: PolicyRefusal) -> None:
    """Leave an audit event of a refused attempt, without what was refused."""
    unit.audit(AuditRecord("document.refused_by_policy", "document", None, dict(refusal.extra)))


def read_document(unit: UnitOfWork, document_id: UUID, *, is_scanned: bool = False) -> DocumentView:
    """Return a document with its files, dossiers and trace; the reading is recorded.

    Who may know only that it is there gets its line of the register, without the abstract and all of these.

    Args:
        unit: of the reader.
        document_id: the document.
        is_scanned: whether there is a malware scanner, for what is told of files that it has not seen.

    Raises:
        NotFound: absent, or not the actor's to see.
    """
    standing = standing_of(unit, document_id)
    view = document_view(standing.row, unit.now, may_read=standing.may_read)
    facts = standing.facts() | ({} if standing.may_read else {"cover_only": True})
    unit.audit(AuditRecord("document.read", "document", document_id, facts))
    if not standing.may_read:
        return view
    is_open = is_open_to(unit, standing)
    trace = tuple({name: line[name] for name in line if name != "key"} for line in standing.row.trace)
    return replace(
        view,
        trace=trace,
        files=files_of(unit, document_id, is_scanned=is_scanned) if is_open else (),
        rights=tuple(name for name in FILE_ACTIONS if is_open and standing.allows(unit, name)),
        dossiers=dossiers_of(unit, document_id),
    )


def open_file(
    unit: UnitOfWork,
    document_id: UUID,
    file_id: UUID,
    action: FileAction = "document.download",
    page: int | None = None,
) -> FileContent:
    """Return where a file's content is; the reading is recorded.

    Args:
        unit: of the reader.
        document_id: the document.
        file_id: the file.
        action: what is to be done with it; looking at its pages asks for less than taking it along.
        page: which page is looked at, for the record.

    Raises:
        NotFound: absent, or not the actor's to see.
        Forbidden: the document is being recalled or was, so that its content is hidden (S0-6.5), or the
            actor may look at it only.
    """
    standing = standing_of(unit, document_id)
    if not standing.may_read:
        raise _no_such_file()
    if not is_open_to(unit, standing):
        vi = "Văn bản đã bị thu hồi, nội dung không xem được nữa."
        raise Forbidden("document.recalled", vi, "The document was recalled; it is hidden.")
    if not standing.allows(unit, action):
        raise _view_only()
    statement = select(DOCUMENT_FILE).where(
        DOCUMENT_FILE.c.id == file_id, DOCUMENT_FILE.c.document_id == document_id
    )
    file = unit.session.execute(statement).one_or_none()
    if file is None:
        raise _no_such_file()
    details = {"file_id": str(file_id), "version": file.version} | standing.facts()
    details |= {} if page is None else {"page": page}
    unit.audit(AuditRecord(_RECORDED_AS[action], "document", document_id, details))
    return FileContent(bytes(file.sha256), file.file_name, file.media_type, file.size_bytes)


def is_open_to(unit: UnitOfWork, standing: Standing) -> bool:
    """Say whether one who may read the document may open its files now (a recalled one: the clerk only)."""
    return standing.row.status not in HIDDEN_STATUSES or standing.allows(unit, "document.open_withdrawn")


def _no_such_file() -> NotFound:
    return NotFound("file.not_found", "Không có tệp này.", "There is no such file.")


def _view_only() -> Forbidden:
    return Forbidden(
        "document.view_only",
        "Bạn chỉ được xem văn bản này trên màn hình, không được tải về hoặc in.",
        "You may look at this document on the screen, not download or print it.",
    )


def _check(metadata: Mapping[str, Any], new: NewDocument, now: datetime) -> None:
    findings = [
        replace(one, pointer=f"/metadata{one.pointer}")
        for one in check_metadata(metadata, is_exchange=new.channel == "exchange")
    ]
    if new.channel not in _ENTERED_CHANNELS:
        known = ", ".join(name for name in CHANNELS if name in _ENTERED_CHANNELS)
        vi, en = f"Hình thức đến phải là một trong: {known}.", f"The channel must be one of: {known}."
        findings.append(Finding("document.channel", vi, en, "/channel"))
    if metadata["secrecy"] == "none" and not new.is_attested:
        vi = "Phải xác nhận văn bản không chứa bí mật nhà nước trước khi đưa lên."
        en = "Declare that the document holds no state secret before it is stored."
        findings.append(Finding("document.not_attested", vi, en, "/is_attested"))
    findings += check_file_count(new.files)
    if new.back_entry is not None:
        findings += check_back_entry(new.back_entry, now)
    if findings:
        vi, en = "Văn bản chưa nhập đúng.", "The document was not entered right."
        raise InvalidInput("document.invalid", vi, en, findings)


def _allowed_answer(
    resources: HandlerResources, metadata: Mapping[str, Any], new: NewDocument
) -> PolicyAnswer:
    answer = entry_answer(resources, metadata, is_no_copy=new.is_no_copy)
    if answer.decision == "refuse":
        raise PolicyRefusal(
            "document.policy",
            answer.reason_vi,
            answer.reason_en,
            extra={"clause": answer.clause, "zone": resources.zone, "secrecy": metadata["secrecy"]},
        )
    return answer


def _check_scan(new: NewDocument, media_types: Sequence[str]) -> None:
    """A digitised paper is a PDF (S1-4.2d2, S3-7.2d2); nothing else must be."""
    if new.channel == "paper" and media_types and media_types[0] != PDF:
        vi, en = "Bản số hóa từ giấy phải là tệp PDF.", "A digitised paper must be a PDF."
        raise InvalidInput("file.not_pdf", vi, en, [Finding("file.not_pdf", vi, en, "/files/0")])
