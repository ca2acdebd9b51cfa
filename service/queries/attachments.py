"""A file that was attached to a user task: for those who work on the instance or read its document.

Watching over work shows that there is an attachment, not what is in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from service.domain.errors import NotFound
from service.queries.document_access import reads_work_of
from service.queries.user_tasks import read_view
from service.storage.models import TaskNote, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

NOTE = table_of(TaskNote)


@dataclass(frozen=True, slots=True)
class Attachment:
    """An attached file: its address in the store, and how it was named."""

    sha256: bytes
    file_name: str
    media_type: str


def read_attachment(unit: UnitOfWork, task_id: UUID, note_id: UUID) -> Attachment:
    """Return an attached file of the task's instance; the reading is an audit event (S0-7.5).

    Raises:
        NotFound: the task is not the actor's to see, or has no such file, or the actor only watches over it.
    """
    task = read_view(unit, task_id)
    if not reads_work_of(unit, task.instance_id):
        raise _not_found()
    columns = (NOTE.c.blob_sha256, NOTE.c.file_name, NOTE.c.media_type)
    statement = select(*columns).where(
        NOTE.c.id == note_id,
        NOTE.c.instance_id == task.instance_id,
        NOTE.c.blob_sha256.is_not(None),
    )
    row = unit.session.execute(statement).one_or_none()
    if row is None:
        raise _not_found()
    unit.audit(AuditRecord("attachment.read", "task_note", note_id, {"task": str(task_id)}))
    return Attachment(bytes(row.blob_sha256), row.file_name, row.media_type)


def _not_found() -> NotFound:
    return NotFound("attachment.not_found", "Không tìm thấy tệp này.", "There is no such file.")
