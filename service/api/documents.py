"""Documents: entered by a clerk, listed, read with their files."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any, cast
from uuid import UUID

from flask import Response, request, url_for

from handlers.resources import HandlerResources
from service.actions import documents as actions
from service.actions import publishing, viewing
from service.actions.back_entries import MAX_PROOF_CHARACTERS, BackEntry
from service.actions.document_rows import FileSource
from service.api.files import ATTESTED, file_answer, made_answer, read_flag, read_uploads
from service.api.resource import Resource
from service.api.schemas import documents as schemas
from service.api.schemas.shared import Reason
from service.domain.errors import Finding, InvalidInput, PolicyRefusal
from service.http.context import runtime, unit
from service.http.gate import note_after_rollback
from service.http.json_text import read_json
from service.queries import documents as queries

documents = Resource("documents", "documents", "Documents and their files; each reading is an audit event.")

_METADATA = (
    "JSON object: `type_name`, `organ_name` and `subject` are required; `code_number`, `code_notation`,"
    " `organ_id`, `language`, `description`, `signer_position`, `signer_name`, `to_places`, `exchange_id`,"
    " `urgency`, `secrecy`,"
    " `category`, `issued_on`, `due_on`, `page_amount`"
)
_FORM = {
    "type": "object",
    "required": ["metadata"],
    "properties": {
        "metadata": {"type": "string", "description": _METADATA},
        "channel": {"type": "string", "enum": ["paper", "upload", "email"], "default": "upload"},
        "is_attested": ATTESTED,
        "is_no_copy": {"type": "boolean", "description": "it may not be copied or photographed"},
        "received_at": {
            "type": "string",
            "format": "date-time",
            "description": "after an outage: when it really arrived; deadlines run from then",
        },
        "back_entry": {
            "type": "string",
            "maxLength": MAX_PROOF_CHARACTERS,
            "description": "after an outage: where it was recorded meanwhile",
        },
        "file": {
            "type": "array",
            "items": {"type": "string", "format": "binary"},
            "description": "the first is the main file",
        },
    },
}
_UPLOAD = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}}


@documents.get("")
@documents.filters(schemas.DocumentQuery)
@documents.gives(schemas.DocumentPage)
def list_documents(query: dict[str, Any]) -> object:
    """List the documents that the caller may see, newest first."""
    cursor, limit = query.pop("cursor", None), query.pop("limit")
    return queries.list_documents(unit(), queries.DocumentFilter(**query), cursor, limit)


@documents.post("")
@documents.describes(**_UPLOAD)
@documents.gives(schemas.Entered, 201)
def enter_document() -> object:
    """Enter a document with its files and start the incoming process, in one transaction.

    What the network zone may not hold is refused before a byte of a file is kept.
    """
    new = _read_form()
    try:
        entered = actions.enter_document(runtime().engine, unit(), new)
    except PolicyRefusal as refusal:
        note_after_rollback(partial(actions.note_refusal, refusal=refusal))
        raise
    return entered, 201, {"Location": url_for("documents.read_document", document_id=entered.document_id)}


@documents.get("/<uuid:document_id>")
@documents.gives(schemas.DocumentDetail)
def read_document(document_id: UUID) -> object:
    """Read one document with its trace, files and dossiers."""
    return actions.read_document(unit(), document_id, is_scanned=runtime().blobs.is_scanned)


@documents.get("/<uuid:document_id>/files/<uuid:file_id>")
@documents.gives(None, description="the file's bytes")
def read_file(document_id: UUID, file_id: UUID) -> Response:
    """Read one file of a document; a recalled one is hidden."""
    file = actions.open_file(unit(), document_id, file_id)
    return file_answer(runtime().blobs, unit(), file.sha256, file.file_name, file.media_type)


@documents.get("/<uuid:document_id>/files/<uuid:file_id>/pages")
@documents.gives(schemas.Pages)
def count_pages(document_id: UUID, file_id: UUID) -> object:
    """Count the pages of a file that can be looked at."""
    return {"page_count": viewing.count_file_pages(unit(), _resources(), document_id, file_id)}


@documents.get("/<uuid:document_id>/files/<uuid:file_id>/pages/<int:page>")
@documents.gives(None, description="the page as PNG, under a watermark that names the reader and the minute")
def view_page(document_id: UUID, file_id: UUID, page: int) -> Response:
    """Look at one page of a file, from 1; what is left to those who may not download it."""
    return made_answer(viewing.view_page(unit(), _resources(), document_id, file_id, page), "image/png")


@documents.get("/<uuid:document_id>/files/<uuid:file_id>/print-copy")
@documents.gives(None, description="a PDF for printing, each page marked; no original")
def print_copy(document_id: UUID, file_id: UUID) -> Response:
    """Make a copy for printing that names who printed it and when."""
    made = viewing.print_copy(unit(), _resources(), document_id, file_id)
    return made_answer(made.content, "application/pdf", made.file_name)


@documents.post("/<uuid:document_id>/publication")
@documents.gives(schemas.Document)
def publish_document(document_id: UUID) -> object:
    """Open a document to everyone of the agency; a secret one is refused."""
    return publishing.publish_document(unit(), document_id)


@documents.post("/<uuid:document_id>/publication/withdraw")
@documents.takes(Reason)
@documents.gives(schemas.Document)
def withdraw_publication(body: dict[str, Any], document_id: UUID) -> object:
    """Take back that a document is open to everyone; those whose duty it is go on reading."""
    return publishing.withdraw_publication(unit(), document_id, body["reason"])


def _resources() -> HandlerResources:
    return cast("HandlerResources", runtime().engine.resources.handler_resources)


def _read_form() -> actions.NewDocument:
    """Return the document of a multipart form.

    Raises:
        InvalidInput: the metadata is no JSON object, or a flag is neither true nor false.
        Malformed: the metadata is no JSON.
    """
    metadata = read_json(request.form.get("metadata", "").encode() or b"null")
    if not isinstance(metadata, dict):
        raise _refused(
            "/metadata", "Thông tin văn bản phải là một đối tượng JSON.", "The metadata is a JSON object."
        )
    return actions.NewDocument(
        metadata=metadata,
        files=[FileSource(upload.name, upload.stream) for upload in read_uploads("file")],
        channel=request.form.get("channel", "upload"),
        is_attested=read_flag("is_attested"),
        is_no_copy=read_flag("is_no_copy"),
        back_entry=_read_back_entry(),
    )


def _read_back_entry() -> BackEntry | None:
    told, proof = request.form.get("received_at", ""), request.form.get("back_entry", "")
    if not told and not proof:
        return None
    try:
        received_at = datetime.fromisoformat(told)
    except ValueError:
        received_at = None
    if received_at is None or received_at.tzinfo is None:
        vi = "Thời điểm đến thực tế phải ghi cả ngày, giờ và múi giờ."
        raise _refused("/received_at", vi, "The real time of arrival has a date, a time and an offset.")
    return BackEntry(received_at, proof)


def _refused(pointer: str, vi: str, en: str) -> InvalidInput:
    return InvalidInput("document.form", vi, en, [Finding("document.form", vi, en, pointer)])
