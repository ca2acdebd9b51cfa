"""Process definitions: deploy, list, read files, choose which version new instances start with."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from flask import Response, request, url_for

from service.actions import deployments as actions
from service.api.files import download_as
from service.api.resource import Resource
from service.api.schemas import processes as schemas
from service.domain.errors import Finding, InvalidInput
from service.engine.definition.bundle import Bundle, BundleFile
from service.http.context import runtime, unit
from service.http.problems import finding_members
from service.queries import definitions as queries
from service.queries.definitions import DefinitionView

processes = Resource("processes", "process-definitions", "Deployed versions of processes, immutable.")

_FORM = {
    "type": "object",
    "required": ["key", "file"],
    "properties": {
        "key": {"type": "string", "description": "id of the bundle's main process"},
        "file": {
            "type": "array",
            "items": {"type": "string", "format": "binary"},
            "description": "BPMN, DMN and `forms/<form key>.form.json`; the part's file name is the path",
        },
    },
}
_UPLOAD = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}}


@processes.get("")
@processes.filters(schemas.DefinitionQuery)
@processes.gives(schemas.DefinitionList)
def list_definitions(query: dict[str, Any]) -> object:
    """List versions by key, newest first."""
    return {"items": queries.list_definitions(unit(), **query)}


@processes.post("")
@processes.describes(**_UPLOAD)
@processes.gives(schemas.Definition, 201)
def deploy() -> object:
    """Deploy a bundle as the next version of its process and activate it.

    A bundle with faults is refused with 422; `errors` lists each with file, element id, line and how to
    mend it. The same content again is the same version.
    """
    view = actions.deploy(runtime().checker, unit(), _read_bundle())
    place = url_for("processes.read_definition", definition_id=view.id)
    return view, 201, {"Location": place}


@processes.post("/check")
@processes.describes(**_UPLOAD)
@processes.gives(schemas.FindingList)
def check_bundle() -> object:
    """Check a bundle without deploying it; an empty list means that it could be."""
    findings = actions.check(runtime().checker, unit(), _read_bundle())
    return {"items": [finding_members(finding) for finding in findings]}


@processes.get("/<uuid:definition_id>")
@processes.gives(schemas.Definition)
def read_definition(definition_id: UUID) -> DefinitionView:
    """Read one version."""
    return queries.read_definition(unit(), definition_id)


@processes.get("/<uuid:definition_id>/files")
@processes.gives(schemas.FileList)
def list_files(definition_id: UUID) -> object:
    """List the files of a version as they were deployed."""
    files = queries.read_files(unit(), definition_id)
    return {"items": [{"path": path, "size_bytes": len(content)} for path, content in files.items()]}


@processes.get("/<uuid:definition_id>/files/<path:file_path>")
@processes.gives(None, description="the file's bytes")
def read_file(definition_id: UUID, file_path: str) -> Response:
    """Read one file of a version."""
    content = queries.read_files(unit(), definition_id).get(file_path)
    if content is None:
        raise queries.definition_not_found()
    media_type = "application/json" if file_path.endswith(".json") else "application/xml"
    answer = Response(content, mimetype=media_type)
    answer.headers["Content-Disposition"] = download_as(PurePosixPath(file_path).name)
    return answer


@processes.post("/<uuid:definition_id>/activate")
@processes.gives(schemas.Definition)
def activate(definition_id: UUID) -> DefinitionView:
    """Make a version the one that new instances start with; running ones keep theirs."""
    return actions.activate(unit(), definition_id)


@processes.post("/<uuid:definition_id>/deactivate")
@processes.gives(schemas.Definition)
def deactivate(definition_id: UUID) -> DefinitionView:
    """Let no new instance start from a version; running ones go on."""
    return actions.deactivate(unit(), definition_id)


@processes.post("/by-key/<key>/roll-back")
@processes.gives(schemas.Definition)
def roll_back(key: str) -> DefinitionView:
    """Activate the version before the active one."""
    return actions.roll_back(unit(), key)


def _read_bundle() -> Bundle:
    """Return the bundle of a multipart body.

    Raises:
        InvalidInput: no key, no file, or a file name that is no relative path.
    """
    key = request.form.get("key", "").strip()
    parts = request.files.getlist("file")
    if not key or not parts:
        raise _refused(
            "/key" if not key else "/file",
            "Cần mã quy trình và ít nhất một tệp.",
            "A key and at least one file are needed.",
        )
    return Bundle(key, tuple(BundleFile(_path(part.filename), part.read()) for part in parts))


def _path(name: str | None) -> str:
    path = unicodedata.normalize("NFC", name or "")
    steps = PurePosixPath(path).parts
    if not steps or path.startswith("/") or ".." in steps or "\\" in path or "\0" in path:
        raise _refused(
            "/file", "Tên tệp phải là đường dẫn tương đối.", "A file name must be a relative path."
        )
    return path


def _refused(pointer: str, vi: str, en: str) -> InvalidInput:
    return InvalidInput("bundle.malformed", vi, en, [Finding("bundle.malformed", vi, en, pointer)])
