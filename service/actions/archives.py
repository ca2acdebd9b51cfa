"""The archive of signed files: proof is renewed before the certificate of its last time-stamp ends.

ETSI EN 319 142-1 §5.5: each further time-stamp covers the ones before, so that a document outlives every key.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, select, update

from handlers.records.document_row import lock_document, newest_files
from handlers.resources import HandlerResources
from handlers.signing.raise_task import ARCHIVE, NEXT_TRY, NO_STAMP_RENEWAL, raise_file
from service.domain.signatures import Level
from service.storage.unit_of_work import UnitOfWork


def renew(unit: UnitOfWork, resources: HandlerResources, file_id: UUID) -> str | None:
    """Renew the proof in a file that is due, as a new version; return its level, None if it is not due.

    A file that a newer version has replaced needs no proof of its own any more.

    Raises:
        Unavailable: the time-stamping service, or the file is not on this host.
        InvalidInput: the PDF is broken.
    """
    due = unit.session.execute(select(ARCHIVE).where(ARCHIVE.c.file_id == file_id)).one_or_none()
    if due is None or due.renew_at > unit.now:
        return None
    document = lock_document(unit, due.document_id)
    newest = next((row for row in newest_files(unit, document.id) if row.id == file_id), None)
    if newest is None:
        unit.session.execute(delete(ARCHIVE).where(ARCHIVE.c.file_id == file_id))
        return None
    if due.level == Level.B_LT and not resources.signing.timestamp_url:
        wait = {"renew_at": unit.now + NO_STAMP_RENEWAL}  # nothing to renew until there is a service
        unit.session.execute(update(ARCHIVE).where(ARCHIVE.c.file_id == file_id).values(**wait))
        return None
    return raise_file(unit, resources, newest)


def postpone(unit: UnitOfWork, file_id: UUID, fault: str) -> None:
    """Try again tomorrow what failed today."""
    changes = {"renew_at": unit.now + NEXT_TRY, "fault": fault}
    unit.session.execute(update(ARCHIVE).where(ARCHIVE.c.file_id == file_id).values(**changes))
