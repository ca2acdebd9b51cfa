"""A file that a person attaches to a user task: under the same content policy as every other way in.

What the network zone may not hold of the document that the task is about may not come in as an attachment
either (S0-4.4, S0-6.6, S4-3.2).
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from handlers.resources import HandlerResources
from service.actions.attestations import BY_MARK, BY_PERSON, note_attestations, require_attestation
from service.actions.document_rows import FileSource, store_files
from service.actions.user_tasks import attach
from service.domain.content_policy import ContentFacts, decide_entry
from service.domain.errors import PolicyRefusal
from service.queries.user_tasks import TaskView, read_view
from service.storage.models import Document, table_of
from service.storage.unit_of_work import UnitOfWork

DOCUMENT = table_of(Document)


def attach_file(
    unit: UnitOfWork, resources: HandlerResources, task_id: UUID, file: FileSource, *, is_attested: bool
) -> TaskView:
    """Store a file and attach it to a task.

    Raises:
        NotFound: the task is not the actor's to see.
        Forbidden: the actor may not attach to it, or its state does not allow it.
        InvalidInput: nobody declares that it holds no secret, or the file is empty, broken or not allowed.
        PolicyRefusal: the zone may hold no files of the task's document, or this content is a known secret.
        TooLarge: over the limit.
    """
    view = read_view(unit, task_id)
    facts = _facts(unit, resources, view.instance_id)
    answer = decide_entry(facts)
    if answer.decision != "allowed":
        raise PolicyRefusal(
            "file.policy",
            answer.reason_vi,
            answer.reason_en,
            extra={"clause": answer.clause, "zone": resources.zone, "secrecy": facts.secrecy},
        )
    require_attestation(is_attested=is_attested, secrecy=facts.secrecy)
    (kept,) = store_files(unit, resources.blobs, [file])
    attached = attach(
        unit,
        task_id,
        {"sha256": kept.sha256, "file_name": kept.file_name, "media_type": kept.media_type},
    )
    statement = BY_PERSON if is_attested else BY_MARK
    note_attestations(unit, resources.zone, [kept], ("user_task", task_id), statement=statement)
    return attached


def _facts(unit: UnitOfWork, resources: HandlerResources, instance_id: UUID) -> ContentFacts:
    """Return what the policy looks at: the marks of the document that the process is about, if any."""
    row = unit.session.execute(
        select(DOCUMENT.c.secrecy, DOCUMENT.c.category, DOCUMENT.c.trace).where(
            DOCUMENT.c.instance_id == instance_id
        )
    ).first()
    if row is None:
        return ContentFacts(resources.zone, "none", has_cipher=resources.has_cipher)
    is_no_copy = any(line.get("is_no_copy") for line in row.trace)
    return ContentFacts(
        resources.zone, row.secrecy, row.category, is_no_copy=is_no_copy, has_cipher=resources.has_cipher
    )
