"""Drafts of outgoing documents: begun from fields, changed with a reason, each version kept (S0-7.1, S0-7.5).

A draft follows the form that held on the day it was begun. Its metadata passes the content policy before
anything is kept. Whoever changes it after a signature voids that signature, and is told so (S0-7.4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update

from handlers.drafts.draft_row import DraftState, load_draft
from handlers.records.document_row import DOCUMENT
from handlers.resources import HandlerResources
from service.actions.draft_facts import FactReader, office_today
from service.actions.draft_rows import (
    DraftFacts,
    check_facts,
    insert_draft,
    note_new_text,
    required,
    take_up_again,
    touch,
    typeset_version,
    update_draft,
)
from service.actions.instances import INSTANCE, start
from service.domain.document_profiles import profile_on
from service.domain.errors import Conflict, InvalidInput, VersionMismatch
from service.domain.permissions import Subject, require
from service.domain.records import clean_text
from service.engine.engine import ProcessEngine
from service.queries.drafts import change_relations, see_draft
from service.storage.unit_of_work import UnitOfWork

OUTGOING_PROCESS: Final = "outgoing_document"
_LONGEST_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class Drafted:
    """What came of beginning a draft; ``instance_id`` None = its process was not started."""

    document_id: UUID
    version: int
    instance_id: UUID | None


@dataclass(frozen=True, slots=True)
class Changed:
    """What came of changing a draft.

    Attributes:
        document_id: the draft.
        version: of the document itself; unchanged where no new text was made.
        voided_signatures: ``{act, field, signer_name, signed_at}`` of each signature that holds no more.
    """

    document_id: UUID
    version: int
    voided_signatures: Sequence[Mapping[str, Any]]


def create_draft(
    engine: ProcessEngine,
    unit: UnitOfWork,
    issuing_body: str,
    facts: DraftFacts,
    *,
    profile: str | None = None,
    starts: bool = True,
) -> Drafted:
    """Begin a draft, typeset its first version, and start the outgoing process with it.

    Args:
        engine: starts the process.
        unit: of the drafter.
        issuing_body: code of the body that will issue it.
        facts: what it says.
        profile: ``state`` or ``party``; None = that of the body's side.
        starts: False leaves the process to a later start.

    Raises:
        Forbidden: the actor may not draft, or not start the process.
        InvalidInput: a finding for each fault.
        PolicyRefusal: the zone may not hold it; call :func:`service.actions.documents.note_refusal`.
        NotFound: the process is not deployed.
    """
    require(unit.actor, "draft.create")
    resources: HandlerResources = engine.resources.handler_resources
    reader = FactReader(unit)
    body = reader.body(issuing_body)
    if body is None:
        vi, en = "Dự thảo chưa nhập đúng.", "The draft was not entered right."
        raise InvalidInput("draft.invalid", vi, en, reader.findings)
    form = profile_on(profile or body.side, office_today(unit))
    if form.name != body.side:
        vi, en = "Thể thức không hợp với cơ quan ban hành.", "The form does not fit the issuing body."
        reader.fault("profile.side", vi, en, "/profile")
    checked = check_facts(reader, resources, form, body, facts)
    document_id = insert_draft(unit, form, body, checked)
    version = 0
    if facts.content is not None:
        version = typeset_version(unit, resources, load_draft(unit, document_id), "Tạo dự thảo")
    instance_id = _start(engine, unit, document_id) if starts else None
    return Drafted(document_id, version, instance_id)


def _start(engine: ProcessEngine, unit: UnitOfWork, document_id: UUID) -> UUID:
    variables = {"document_id": str(document_id)}
    started = start(engine, unit, OUTGOING_PROCESS, variables, business_key=str(document_id))
    unit.flush_writes()
    where = DOCUMENT.c.id == document_id
    unit.session.execute(update(DOCUMENT).where(where).values(instance_id=started.instance_id))
    return started.instance_id


def change_draft(
    unit: UnitOfWork,
    resources: HandlerResources,
    document_id: UUID,
    facts: DraftFacts,
    *,
    why: str,
    seen_version: int | None,
) -> Changed:
    """Replace what a draft says and typeset its next version; signatures made before are voided.

    Args:
        unit: of the one who changes it.
        resources: the house's.
        document_id: the draft.
        facts: all of what it says now; content None keeps the text as it is.
        why: shown with the version.
        seen_version: of the document's row, that the change is based on; None = any.

    Raises:
        NotFound: no such draft, or not the actor's to see.
        Forbidden: it is somebody else's turn.
        Conflict: it was numbered or ended already.
        VersionMismatch: it was changed meanwhile.
        InvalidInput: a finding for each fault.
        PolicyRefusal: the zone may not hold it.
    """
    state = open_for_change(unit, document_id, seen_version)
    reason = checked_reason(why)
    checked = check_facts(FactReader(unit), resources, state.form, state.body, facts)
    update_draft(unit, state, checked)
    changed = load_draft(unit, document_id)
    if changed.draft.origin == "template":
        version = typeset_version(unit, resources, changed, reason)
    else:
        version = take_up_again(unit, changed, reason)
    return Changed(document_id, version, note_new_text(unit, state, version, reason))


def cancel_draft(unit: UnitOfWork, document_id: UUID, why: str) -> None:
    """Give a draft up for good; it stays with its versions and the reason.

    Raises:
        NotFound: no such draft, or not the actor's to see.
        Forbidden: it is somebody else's turn.
        Conflict: it was numbered or ended already, or a process carries it: it is given up in a task there.
    """
    state = open_for_change(unit, document_id, None)
    if _is_carried(unit, state.document.instance_id):
        vi = "Dự thảo đang trong quy trình; hãy hủy ở bước xử lý của quy trình."
        raise Conflict("draft.in_process", vi, "A process carries this draft; give it up in its task there.")
    touch(unit, state, "draft_cancelled", {"reason": checked_reason(why)}, status="cancelled")


def _is_carried(unit: UnitOfWork, instance_id: UUID | None) -> bool:
    running = select(INSTANCE.c.id).where(
        INSTANCE.c.id == instance_id, INSTANCE.c.state.in_(("active", "suspended"))
    )
    return unit.session.execute(running).first() is not None


def open_for_change(unit: UnitOfWork, document_id: UUID, seen_version: int | None) -> DraftState:
    """Return a draft, locked, once the actor may change it now; raises as :func:`change_draft`."""
    see_draft(unit, document_id)
    state = load_draft(unit, document_id, is_locked=True)
    relations = change_relations(unit, state.document, state.draft)
    require(unit.actor, "draft.change", Subject(state.document.status, relations))
    if state.draft.frozen_at is not None:
        vi, en = "Văn bản đã bị khóa, không sửa được nữa.", "The document is frozen and cannot be changed."
        raise Conflict("draft.frozen", vi, en)
    if seen_version is not None and seen_version != state.document.version:
        vi = "Dự thảo đã được sửa từ lúc anh/chị mở; hãy mở lại."
        en = "The draft was changed since you opened it; open it again."
        raise VersionMismatch("draft.changed", vi, en)
    return state


def checked_reason(why: str) -> str:
    """Return the reason of a version, without blanks at its ends.

    Raises:
        InvalidInput: ``why.required``.
    """
    text = clean_text(why)[:_LONGEST_REASON]
    if not text:
        raise required("why", "Phải nêu lý do của phiên bản.", "Say why this version is made.")
    return text
