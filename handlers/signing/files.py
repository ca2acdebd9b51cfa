"""The files of a document while they are signed: found, copied to work on, kept as a new version.

A stored file never changes. A signature is written into a copy, and the copy is kept as the next version with
who and why; when anything fails the copy is thrown away.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import Any, BinaryIO, cast
from uuid import UUID

from sqlalchemy import Row, insert

from handlers.records.document_row import DOCUMENT_FILE, newest_files
from service.domain.errors import Conflict, Unavailable
from service.domain.ids import new_id
from service.storage.blobs import BlobStore
from service.storage.unit_of_work import UnitOfWork

_COPY_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """A version of a file that was just added."""

    id: UUID
    version: int
    sha256: bytes


def find_file(unit: UnitOfWork, document_id: UUID, sha256: bytes, *, is_annex: bool = False) -> Row[Any]:
    """Return the newest version of the document's main file, or of an annex, if it is this very content.

    Raises:
        Conflict: ``signature.file_changed``, the document has another content now.
    """
    roles = {"attachment"} if is_annex else {"main"}
    for row in newest_files(unit, document_id):
        if row.role in roles and bytes(row.sha256) == sha256:
            return row
    vi = "Tệp không còn là bản mới nhất của văn bản; hãy xem lại bản mới rồi ký."
    raise Conflict(
        "signature.file_changed", vi, "The file is not the document's newest; look at that, then sign."
    )


@contextmanager
def working_copy(blobs: BlobStore, sha256: bytes) -> Iterator[BinaryIO]:
    """Give a copy of a stored file, readable and writable, which is gone afterwards.

    Raises:
        Unavailable: ``file.not_here``, the file is not on this host's disk.
    """
    blobs.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with TemporaryFile(dir=blobs.directory) as copy:
        try:
            with blobs.path_of(sha256).open("rb") as stored:
                shutil.copyfileobj(stored, copy, _COPY_BYTES)
        except FileNotFoundError:
            vi, en = "Máy chủ này chưa có tệp của văn bản.", "The file is not on this host's disk."
            raise Unavailable("file.not_here", vi, en) from None
        copy.seek(0)
        yield cast("BinaryIO", copy)


def add_version(
    unit: UnitOfWork, blobs: BlobStore, before: Row[Any], content: BinaryIO, *, kind: str, reason: str
) -> KeptVersion:
    """Keep ``content`` as the next version of a file.

    Args:
        unit: of whoever signs.
        blobs: the store.
        before: the version that it follows.
        content: read from its beginning.
        kind: what the file is now, see :class:`DocumentFile`.
        reason: why there is a new version.
    """
    content.seek(0)
    stored = blobs.put(unit, content)
    file_id = new_id(unit.now)
    row = {
        "id": file_id,
        "agency_id": unit.actor.agency_id,
        "document_id": before.document_id,
        "ordinal": before.ordinal,
        "version": before.version + 1,
        "role": before.role,
        "file_name": before.file_name,
        "sha256": stored.sha256,
        "size_bytes": stored.size_bytes,
        "media_type": stored.media_type,
        "added_by_id": unit.actor.account_id,
        "added_at": unit.now,
        "reason": reason,
        "kind": kind,
        "note": "",
    }
    unit.session.execute(insert(DOCUMENT_FILE), [row])
    return KeptVersion(file_id, row["version"], stored.sha256)
