"""Looking at a file page by page under one's own name, and printing a marked copy (S2-9.1b, NĐ30 VI.III.6).

Each page and each print is an audit event; the mark tells who looked, when and where. The original is not
touched: marks are on pictures of its pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from handlers.resources import HandlerResources
from handlers.viewing.page_images import count_pages, draw_page, draw_print
from service.actions.documents import FileAction, FileContent, open_file
from service.domain.clock import OFFICE_ZONE
from service.queries.clearance import check_released
from service.storage.models import Agency, table_of
from service.storage.unit_of_work import UnitOfWork

_AGENCY = table_of(Agency)


@dataclass(frozen=True, slots=True)
class PrintCopy:
    """A marked copy for printing: a PDF and its name."""

    file_name: str
    content: bytes


def count_file_pages(unit: UnitOfWork, resources: HandlerResources, document_id: UUID, file_id: UUID) -> int:
    """Return how many pages a file has; errors as of :func:`view_page`."""
    file = _open(unit, resources, document_id, file_id, action="document.view_pages")
    return count_pages(resources.blobs.path_of(file.sha256), file.media_type, resources.inspection)


def view_page(
    unit: UnitOfWork, resources: HandlerResources, document_id: UUID, file_id: UUID, page: int
) -> bytes:
    """Return a page of a file as PNG under a watermark with the reader's name, the time and the agency.

    Raises:
        NotFound: document, file or page is absent, or not the actor's to see.
        Forbidden: the content is hidden or locked.
        Conflict: the file waits for a scan, or its pages cannot be drawn.
    """
    file = _open(unit, resources, document_id, file_id, action="document.view_pages", page=page)
    path = resources.blobs.path_of(file.sha256)
    return draw_page(path, file.media_type, page, reader_mark(unit), resources.inspection)


def print_copy(unit: UnitOfWork, resources: HandlerResources, document_id: UUID, file_id: UUID) -> PrintCopy:
    """Return the pages of a file as a PDF for printing, each marked with who printed it and when.

    Raises:
        NotFound: document or file is absent, or not the actor's to see.
        Forbidden: the actor may only look, or the content is hidden or locked.
        Conflict: the file waits for a scan, or its pages cannot be drawn.
        TooLarge: it has too many pages.
    """
    file = _open(unit, resources, document_id, file_id, action="document.print_copy")
    path = resources.blobs.path_of(file.sha256)
    mark = ["BẢN IN TỪ HỆ THỐNG", *reader_mark(unit), file.sha256.hex()[:12]]
    content = draw_print(path, file.media_type, mark, resources.inspection)
    return PrintCopy(f"{file.file_name.rsplit('.', 1)[0]} (bản in).pdf", content)


def _open(
    unit: UnitOfWork,
    resources: HandlerResources,
    document_id: UUID,
    file_id: UUID,
    *,
    action: FileAction,
    page: int | None = None,
) -> FileContent:
    file = open_file(unit, document_id, file_id, action, page)
    resources.blobs.find(unit, file.sha256)
    check_released(unit, resources.blobs, file.sha256)
    return file


def reader_mark(unit: UnitOfWork) -> list[str]:
    """Return the lines that name the reader, the minute at the office and the agency."""
    named = select(_AGENCY.c.name).where(_AGENCY.c.id == unit.actor.agency_id)
    agency = unit.session.execute(named).scalar_one()
    at = unit.now.astimezone(OFFICE_ZONE)
    return [f"{unit.actor.full_name} ({unit.actor.login})", f"{at:%H:%M %d/%m/%Y}", str(agency)]
