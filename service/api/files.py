"""Files over HTTP: in as multipart parts, out as attachments that no browser runs."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import IO, Any, Final
from urllib.parse import quote

from flask import Response, request
from werkzeug.datastructures import FileStorage

from service.domain.errors import Finding, InvalidInput
from service.queries.clearance import check_released
from service.storage.blobs import BlobStore
from service.storage.unit_of_work import UnitOfWork

LONGEST_NAME: Final = 200
FILE_POLICY: Final = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""A file from a person is data: nothing in it may run under our address (ASVS 5.0 3.2.1)."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came in: its name without any folder, in NFC, and its content."""

    name: str
    stream: IO[bytes]


def read_upload(part: str) -> Upload:
    """Return the file of a multipart part.

    Raises:
        InvalidInput: there is no such part, or its name is empty or too long.
    """
    uploads = read_uploads(part)
    if not uploads:
        vi, en = f"Thiếu tệp ở phần “{part}”.", f"There is no file in the part “{part}”."
        raise InvalidInput("file.missing", vi, en, [Finding("file.missing", vi, en, f"/{part}")])
    return uploads[0]


def read_uploads(part: str) -> list[Upload]:
    """Return the files of all multipart parts of a name, in order.

    Raises:
        InvalidInput: a name is empty or too long.
    """
    return [_upload(file, part) for file in request.files.getlist(part) if file.filename]


def _upload(file: FileStorage, part: str) -> Upload:
    assert file.filename is not None
    name = unicodedata.normalize("NFC", file.filename.replace("\\", "/").rsplit("/", 1)[-1]).strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        vi = f"Tên tệp phải có từ 1 đến {LONGEST_NAME} ký tự in được."
        en = f"A file name has 1 to {LONGEST_NAME} printable characters."
        raise InvalidInput("file.name", vi, en, [Finding("file.name", vi, en, f"/{part}")])
    return Upload(name, file.stream)


def read_flag(name: str) -> bool:
    """Return a field of a form that is ``true`` or ``false``; absent is false.

    Raises:
        InvalidInput: it is neither.
    """
    words = request.form.get(name, "false")
    if words not in {"true", "false"}:
        vi, en = "Phải là true hoặc false.", "Must be true or false."
        raise InvalidInput("form.flag", vi, en, [Finding("form.flag", vi, en, f"/{name}")])
    return words == "true"


ATTESTED: Final = {
    "type": "boolean",
    "description": "the person declares that the file holds no state secret; without it nothing is stored",
}
"""The field of a form that brings files."""


def one_file(description: str, **fields: dict[str, Any]) -> dict[str, Any]:
    """Return the OpenAPI request body of a form with one file, and further fields."""
    schema = {
        "type": "object",
        "required": ["file"],
        "properties": {"file": {"type": "string", "format": "binary", "description": description}, **fields},
    }
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


def download_as(name: str) -> str:
    """Return the ``Content-Disposition`` of a download (RFC 6266): any name, sent as ASCII."""
    plain = (
        unicodedata.normalize("NFD", name)
        .encode("ascii", "ignore")
        .decode()
        .replace('"', "")
        .replace("\\", "")
    )
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def made_answer(content: bytes, media_type: str, name: str | None = None) -> Response:
    """Return a picture to look at, or with a name something to download, that was made for this request."""
    answer = Response(content, mimetype=media_type)
    answer.headers["Content-Disposition"] = download_as(name) if name else "inline"
    answer.headers["Content-Security-Policy"] = FILE_POLICY
    return answer


def file_answer(blobs: BlobStore, unit: UnitOfWork, sha256: bytes, name: str, media_type: str) -> Response:
    """Return a stored file as a download that streams; only if it may leave to a person now.

    Raises:
        NotFound: the agency has no such content.
        Conflict: it waits for a malware scan.
        Forbidden: it is locked.
    """
    stored = blobs.find(unit, sha256)
    check_released(unit, blobs, sha256)
    answer = Response(blobs.chunks(unit, sha256), mimetype=media_type)
    answer.headers["Content-Disposition"] = download_as(name)
    answer.headers["Content-Security-Policy"] = FILE_POLICY
    answer.content_length = stored.size_bytes
    return answer
