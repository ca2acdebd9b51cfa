"""Reading what another agency shares with ours: read-only, on record in both agencies (S2-3.6b).

The reader's own unit of work finds the share; only then is a unit of work of the giver opened, under the
giver's identifier, in which row-level security stands as for everybody. In it the files are looked for and
the reading is written into the giver's audit with who read it where.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from handlers.delivery.letters import outgoing_files
from handlers.records.document_row import DOCUMENT
from handlers.resources import HandlerResources
from handlers.viewing.page_images import draw_page
from service.actions.viewing import reader_mark
from service.domain.actors import system_actor
from service.domain.errors import Forbidden, NotFound
from service.queries.clearance import check_released
from service.queries.shares import SharedView, find_shared, shared_view
from service.storage.blobs import BlobStore
from service.storage.database import Database
from service.storage.unit_of_work import AuditRecord, UnitOfWork


@dataclass(frozen=True, slots=True)
class SharedFile:
    """A file of a shared document."""

    id: UUID
    file_name: str
    media_type: str
    size_bytes: int
    role: str


@dataclass(frozen=True, slots=True)
class SharedDocument:
    """A shared document with its files."""

    document: SharedView
    files: tuple[SharedFile, ...]


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """The content of a shared file, in pieces."""

    file: SharedFile
    chunks: Iterator[bytes]


def read_shared(database: Database, unit: UnitOfWork, share_id: UUID) -> SharedDocument:
    """Return one shared document with its files.

    Raises:
        Forbidden: the actor does not read what others share.
        NotFound: it is not shared with the actor's agency, or not any more.
    """
    share = find_shared(unit, share_id)
    with _giver(database, unit, share, "document.read_shared") as giving:
        files = tuple(_file(row) for row in _files(giving, share))
    return SharedDocument(shared_view(share), files)


def open_shared(
    database: Database, unit: UnitOfWork, blobs: BlobStore, share_id: UUID, file_id: UUID
) -> OpenedFile:
    """Return the content of a shared file, for taking along.

    Raises:
        Forbidden: the share is for looking only, the actor does not read what others share, or it is locked.
        NotFound: no such share or file.
        Conflict: it waits for a scan.
    """
    share = find_shared(unit, share_id)
    if not share.may_download:
        vi = "Văn bản được chia sẻ chỉ để xem, không tải về."
        raise Forbidden("shared_document.view_only", vi, "The document is shared for looking at it only.")
    with _giver(database, unit, share, "document.open_shared", file_id=file_id) as giving:
        row = _find_file(giving, blobs, share, file_id)
        return OpenedFile(_file(row), blobs.chunks(giving, bytes(row.sha256)))


def view_shared(
    database: Database,
    unit: UnitOfWork,
    resources: HandlerResources,
    share_id: UUID,
    file_id: UUID,
    *,
    page: int,
) -> bytes:
    """Return a page of a shared file as PNG under a watermark with the reader's name and agency.

    Raises:
        Forbidden: the actor does not read what others share, or the file is locked.
        NotFound: no such share, file or page.
        Conflict: it waits for a scan, or its pages cannot be drawn.
    """
    share = find_shared(unit, share_id)
    with _giver(database, unit, share, "document.open_shared", file_id=file_id, page=page) as giving:
        row = _find_file(giving, resources.blobs, share, file_id)
    path = resources.blobs.path_of(bytes(row.sha256))
    return draw_page(path, row.media_type, page, reader_mark(unit), resources.inspection)


@contextmanager
def _giver(
    database: Database, unit: UnitOfWork, share: Row[Any], action: str, **facts: Any
) -> Iterator[UnitOfWork]:
    """Open a unit of work of the giver in which the reading is on record, there and here."""
    told = {name: str(value) for name, value in facts.items()}
    actor = system_actor(share.giver_id, share.giver_code, unit.actor.request_id)
    apart = Database(database.engine, database.clock)  # a request's own session stays in the reader's agency
    with apart.unit_of_work(actor) as giving:
        yield giving
        reader = {"reader": unit.actor.login, "reader_name": unit.actor.full_name}
        details = {"share": str(share.id), "receiver": unit.actor.agency_code} | reader | told
        giving.audit(AuditRecord(action, "document", share.document_id, details))
    here = {"giver": share.giver_code} | told
    unit.audit(AuditRecord(action, "document_share", share.id, here))


def _files(giving: UnitOfWork, share: Row[Any]) -> list[Row[Any]]:
    statement = select(DOCUMENT).where(DOCUMENT.c.id == share.document_id)
    return outgoing_files(giving, giving.session.execute(statement).one())


def _find_file(giving: UnitOfWork, blobs: BlobStore, share: Row[Any], file_id: UUID) -> Row[Any]:
    for row in _files(giving, share):
        if row.id == file_id:
            digest = bytes(row.sha256)
            blobs.find(giving, digest)
            check_released(giving, blobs, digest)
            return row
    raise NotFound("document.file_not_found", "Không có tệp này.", "There is no such file.")


def _file(row: Row[Any]) -> SharedFile:
    return SharedFile(row.id, row.file_name, row.media_type, row.size_bytes, row.role)
