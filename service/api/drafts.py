"""Drafts of outgoing documents: begun, changed, versions brought, compared, checked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, cast
from uuid import UUID

from flask import Response, request, url_for

from handlers.resources import HandlerResources
from service.actions import documents as document_actions
from service.actions import draft_checks as check_actions
from service.actions import draft_files as file_actions
from service.actions import drafts as actions
from service.actions.document_rows import FileSource
from service.actions.draft_rows import DraftFacts
from service.api.files import ATTESTED, file_answer, one_file, read_flag, read_upload
from service.api.resource import Resource
from service.api.schemas import drafts as schemas
from service.domain.errors import PolicyRefusal
from service.http.conditions import entity_tag, version_seen
from service.http.context import runtime, unit
from service.http.gate import note_after_rollback
from service.queries import drafts as queries

drafts = Resource("drafts", "drafts", "Drafts of outgoing documents; every version is kept with its reason.")

_WHY: Final = {"why": {"type": "string", "description": "shown with the version", "maxLength": 500}}
_TITLE: Final = {"title": {"type": "string", "maxLength": 500}}
_EXAMPLE: Final = {
    "issuing_body": "vptu",
    "type_code": "TB",
    "subject": "kết luận của đồng chí Chánh Văn phòng tại cuộc họp giao ban tháng 3/2026",
    "signer": "phochanhvp",
    "capacity": "KT",
    "signer_position": "Phó Chánh Văn phòng",
    "recipients": [
        {"kind": "unit", "unit": "tong_hop", "purpose": "to"},
        {"kind": "place", "name": "Văn phòng Tỉnh ủy", "purpose": "file"},
    ],
    "content": {
        "signing": {"principal": "Chánh Văn phòng"},
        "blocks": [{"kind": "paragraph", "text": "Văn phòng Tỉnh ủy thông báo như sau:"}],
    },
    "is_attested": True,
    "start": True,
}


@drafts.post("")
@drafts.takes(schemas.DraftInput, example=_EXAMPLE)
@drafts.gives(schemas.Drafted, 201)
def create_draft(body: dict[str, Any]) -> object:
    """Begin a draft by the form that holds today, and start the outgoing process with it."""
    issuing_body, profile = body.pop("issuing_body"), body.pop("profile")
    starts = body.pop("starts")
    with refusals_noted():
        drafted = actions.create_draft(
            runtime().engine, unit(), issuing_body, DraftFacts(**body), profile=profile, starts=starts
        )
    return drafted, 201, {"Location": url_for("drafts.read_draft", document_id=drafted.document_id)}


@drafts.get("/<uuid:document_id>")
@drafts.gives(schemas.OutgoingDraft)
def read_draft(document_id: UUID) -> object:
    """Read a draft with all that it says."""
    view = queries.read_draft(unit(), document_id)
    return view, 200, entity_tag(view.row_version)


@drafts.put("/<uuid:document_id>")
@drafts.takes(schemas.DraftRewrite)
@drafts.gives(schemas.DraftChanged)
def change_draft(body: dict[str, Any], document_id: UUID) -> object:
    """Replace what a draft says; a new version is typeset, and signatures made before are voided."""
    why = body.pop("why")
    with refusals_noted():
        return actions.change_draft(
            unit(),
            _resources(),
            document_id,
            DraftFacts(**body),
            why=why,
            seen_version=version_seen(),
        )


@drafts.delete("/<uuid:document_id>")
@drafts.takes(schemas.Why)
@drafts.gives(None, 204)
def cancel_draft(body: dict[str, Any], document_id: UUID) -> None:
    """Give a draft up; its versions and the reason stay on record."""
    actions.cancel_draft(unit(), document_id, body["why"])


@drafts.get("/<uuid:document_id>/versions")
@drafts.gives(schemas.DraftVersionList)
def list_versions(document_id: UUID) -> object:
    """List the versions with who made them and why, newest first."""
    return {"items": queries.versions_of(unit(), document_id)}


@drafts.post("/<uuid:document_id>/versions")
@drafts.describes(**one_file("PDF, or DOCX where LibreOffice is installed", **_WHY, is_attested=ATTESTED))
@drafts.gives(schemas.DraftChanged, 201)
def add_version(document_id: UUID) -> object:
    """Bring a PDF or DOCX as the next version; signatures made before are voided."""
    upload = read_upload("file")
    with refusals_noted():
        changed = file_actions.add_version(
            unit(),
            _resources(),
            document_id,
            FileSource(upload.name, upload.stream),
            why=request.form.get("why", ""),
            seen_version=version_seen(),
            is_attested=read_flag("is_attested"),
        )
    return changed, 201


@drafts.get("/<uuid:document_id>/versions/<int:version>/file")
@drafts.gives(None, description="the PDF")
def read_version(document_id: UUID, version: int) -> Response:
    """Read a version; the reading is an audit event."""
    file = file_actions.open_version(unit(), document_id, version)
    return file_answer(runtime().blobs, unit(), file.sha256, file.file_name, file.media_type)


@drafts.get("/<uuid:document_id>/versions/<int:version>/pages/<int:page>")
@drafts.gives(None, description="a page as PNG")
def read_version_page(document_id: UUID, version: int, page: int) -> Response:
    """Look at a page of a version under one's own watermark; pages count from 1."""
    image = file_actions.view_version_page(unit(), _resources(), document_id, version, page)
    return Response(image, mimetype="image/png")


@drafts.get("/<uuid:document_id>/comparison")
@drafts.filters(schemas.ComparisonQuery)
@drafts.gives(schemas.DraftComparison)
def compare_versions(query: dict[str, Any], document_id: UUID) -> object:
    """Compare the words of two versions."""
    return file_actions.compare_versions(unit(), _resources(), document_id, query["earlier"], query["later"])


@drafts.get("/<uuid:document_id>/comparison/pages/<int:page>")
@drafts.filters(schemas.ComparisonQuery)
@drafts.gives(None, description="both pages side by side as PNG, changes marked")
def draw_comparison(query: dict[str, Any], document_id: UUID, page: int) -> Response:
    """Look at a page of two versions side by side; pages count from 1."""
    versions = (query["earlier"], query["later"])
    image = file_actions.draw_comparison(unit(), _resources(), document_id, versions, page)
    return Response(image, mimetype="image/png")


@drafts.get("/<uuid:document_id>/checks")
@drafts.gives(schemas.DraftChecked)
def check_draft(document_id: UUID) -> object:
    """Check the draft's form: fields, layout, letters, authority."""
    return check_actions.check_draft(unit(), _resources(), document_id)


@drafts.get("/<uuid:document_id>/annexes")
@drafts.gives(schemas.AnnexList)
def list_annexes(document_id: UUID) -> object:
    """List the annexes in files of their own."""
    queries.see_draft(unit(), document_id)
    return {"items": queries.annexes_of(unit(), document_id)}


@drafts.post("/<uuid:document_id>/annexes")
@drafts.describes(**one_file("any allowed type", **_WHY, **_TITLE, is_attested=ATTESTED))
@drafts.gives(schemas.Annexed, 201)
def add_annex(document_id: UUID) -> object:
    """Add an annex; signatures made before are voided."""
    return _take_annex(document_id, None), 201


@drafts.put("/<uuid:document_id>/annexes/<int:ordinal>")
@drafts.describes(**one_file("any allowed type", **_WHY, **_TITLE, is_attested=ATTESTED))
@drafts.gives(schemas.Annexed)
def replace_annex(document_id: UUID, ordinal: int) -> object:
    """Bring the next version of an annex; signatures made before are voided."""
    return _take_annex(document_id, ordinal)


@drafts.delete("/<uuid:document_id>/annexes/<int:ordinal>")
@drafts.takes(schemas.Why)
@drafts.gives(schemas.Annexed)
def remove_annex(body: dict[str, Any], document_id: UUID, ordinal: int) -> object:
    """Take an annex out; its versions stay on record, and signatures made before are voided."""
    return file_actions.remove_annex(unit(), _resources(), document_id, ordinal, body["why"])


@drafts.get("/<uuid:document_id>/annexes/<int:ordinal>/file")
@drafts.gives(None, description="the file's bytes")
def read_annex(document_id: UUID, ordinal: int) -> Response:
    """Read an annex; the reading is an audit event."""
    file = file_actions.open_annex(unit(), document_id, ordinal)
    return file_answer(runtime().blobs, unit(), file.sha256, file.file_name, file.media_type)


def _resources() -> HandlerResources:
    return cast("HandlerResources", runtime().engine.resources.handler_resources)


def _take_annex(document_id: UUID, ordinal: int | None) -> file_actions.Annexed:
    upload = read_upload("file")
    with refusals_noted():
        return file_actions.add_annex(
            unit(),
            _resources(),
            document_id,
            FileSource(upload.name, upload.stream),
            why=request.form.get("why", ""),
            is_attested=read_flag("is_attested"),
            title=request.form.get("title", ""),
            ordinal=ordinal,
        )


@contextmanager
def refusals_noted() -> Iterator[None]:
    """Leave an audit event of what the content policy refuses, although the request is rolled back."""
    try:
        yield
    except PolicyRefusal as refusal:
        note_after_rollback(partial(document_actions.note_refusal, refusal=refusal))
        raise
