"""Documents shared between agencies: given by ours, and given to ours to read (S2-3.6b)."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from flask import Response

from handlers.resources import HandlerResources
from service.actions import shared_documents
from service.actions import sharing as actions
from service.api.files import FILE_POLICY, download_as, made_answer
from service.api.resource import Resource
from service.api.schemas import sharing as schemas
from service.api.schemas.shared import PageQuery, Reason
from service.http.context import runtime, unit
from service.queries import shares as queries

sharing = Resource("sharing", "", "Documents that an agency made, shared with another agency for a time.")

_EXAMPLE = {"receiver": "dongson", "until_at": "2026-04-30T17:00:00+07:00", "reason": "Phối hợp triển khai"}


@sharing.get("/documents/<uuid:document_id>/shares")
@sharing.gives(schemas.ShareList)
def list_shares(document_id: UUID) -> object:
    """List with whom a document is or was shared."""
    return {"items": queries.list_shares(unit(), document_id)}


@sharing.post("/documents/<uuid:document_id>/shares")
@sharing.takes(schemas.ShareInput, example=_EXAMPLE)
@sharing.gives(schemas.Share, 201)
def share_document(body: dict[str, Any], document_id: UUID) -> object:
    """Open a document of one's own agency to another one, after a step-up."""
    return actions.share_document(unit(), document_id, actions.NewShare(**body))


@sharing.post("/documents/<uuid:document_id>/shares/<uuid:share_id>/end")
@sharing.takes(Reason)
@sharing.gives(None, 204)
def end_share(body: dict[str, Any], document_id: UUID, share_id: UUID) -> Response:
    """Take a share back, at once."""
    actions.end_share(unit(), document_id, share_id, body["reason"])
    return Response(status=204)


@sharing.get("/shared-documents")
@sharing.filters(PageQuery)
@sharing.gives(schemas.SharedPage)
def list_shared(query: dict[str, Any]) -> object:
    """List what other agencies share with one's own now."""
    return queries.list_shared(unit(), query.pop("cursor", None), query.pop("limit"))


@sharing.get("/shared-documents/<uuid:share_id>")
@sharing.gives(schemas.SharedDetail)
def read_shared(share_id: UUID) -> object:
    """Read a shared document with its files; the giver's audit tells who did."""
    return shared_documents.read_shared(runtime().database, unit(), share_id)


@sharing.get("/shared-documents/<uuid:share_id>/files/<uuid:file_id>")
@sharing.gives(None, description="the file's bytes")
def read_shared_file(share_id: UUID, file_id: UUID) -> Response:
    """Download a file, where the share lets one."""
    opened = shared_documents.open_shared(runtime().database, unit(), runtime().blobs, share_id, file_id)
    answer = Response(opened.chunks, mimetype=opened.file.media_type)
    answer.headers["Content-Disposition"] = download_as(opened.file.file_name)
    answer.headers["Content-Security-Policy"] = FILE_POLICY
    answer.content_length = opened.file.size_bytes
    return answer


@sharing.get("/shared-documents/<uuid:share_id>/files/<uuid:file_id>/pages/<int:page>")
@sharing.gives(None, description="the page as PNG, under a watermark that names the reader and the minute")
def view_shared_page(share_id: UUID, file_id: UUID, page: int) -> Response:
    """Look at one page of a file, from 1."""
    resources = cast("HandlerResources", runtime().engine.resources.handler_resources)
    drawn = shared_documents.view_shared(runtime().database, unit(), resources, share_id, file_id, page=page)
    return made_answer(drawn, "image/png")
