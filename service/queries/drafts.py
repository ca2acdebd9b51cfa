"""Drafts as they are shown: facts, versions with who and why, annexes; and whose turn it is to change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from handlers.drafts.draft_row import MAIN, DraftState, load_draft, main_versions
from handlers.records.document_row import DOCUMENT_FILE
from handlers.records.signers import Signer
from service.domain.document_profiles import DocumentProfile, DocumentType, editions, profile_on
from service.domain.errors import NotFound
from service.domain.outgoing import STATUS_NAMES
from service.domain.permissions import Subject, is_allowed
from service.queries.document_access import Standing, standing_of
from service.queries.organisation import ACCOUNT, UNIT
from service.queries.signers import SignerTurnView, turns_of
from service.queries.slips import SlipFilter, SlipView, list_slips
from service.storage.models import SubmissionSlip, UserTask, table_of
from service.storage.unit_of_work import UnitOfWork

_TASK = table_of(UserTask)
_SLIP = table_of(SubmissionSlip)
ANNEX_KIND: Final = "annex"


@dataclass(frozen=True, slots=True)
class RecipientView:
    """A receiver: ``organ_id``, ``unit`` or ``person`` says which, a place has none of them."""

    kind: str
    organ_id: str | None
    unit: str | None
    person: str | None
    name: str
    channel: str
    purpose: str


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version of the document itself, with who made it and why.

    Attributes:
        version: from 1.
        kind: draft, final, signed or issued.
        has_source: it was converted from another file, which is kept too.
    """

    version: int
    kind: str
    added_at: datetime
    added_by: str | None
    added_by_name: str | None
    reason: str
    note: str
    file_name: str
    size_bytes: int
    media_type: str
    sha256: str
    has_source: bool


@dataclass(frozen=True, slots=True)
class AnnexView:
    """An annex in a file of its own, in its newest version."""

    ordinal: int
    version: int
    file_name: str
    note: str
    size_bytes: int
    media_type: str
    sha256: str


@dataclass(frozen=True, slots=True)
class CosignerView:
    """One who signs after the draft's own signer, as given; ``issuing_body`` None = the draft's own."""

    signer: str
    capacity: str
    signer_position: str
    issuing_body: str | None
    signing: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft with all that it says; ``may_change`` is for the one who reads it, now.

    ``slips`` are those about it and the one that it follows, as far as the reader may see them.
    """

    document_id: UUID
    status: str
    status_name: str
    row_version: int
    profile: str
    profile_from: date
    regulation: str
    type_code: str
    type_name: str
    issuing_body: str
    issuing_body_name: str
    drafting_unit: str | None
    drafter: str
    drafter_name: str
    signer: str | None
    signer_name: str
    capacity: str
    signer_position: str
    cosigners: Sequence[CosignerView]
    signers: Sequence[SignerTurnView]
    subject: str
    description: str
    urgency: str
    secrecy: str
    category: str
    content: Mapping[str, Any]
    origin: str
    current_version: int
    page_amount: int | None
    recipients: Sequence[RecipientView]
    annexes: Sequence[AnnexView]
    slips: Sequence[SlipView]
    answers_id: UUID | None
    replaces_id: UUID | None
    corrects_id: UUID | None
    instance_id: UUID | None
    frozen_at: datetime | None
    created_at: datetime
    may_change: bool


def list_types(name: str | None, on: date) -> Sequence[tuple[DocumentProfile, Sequence[DocumentType]]]:
    """Return the forms that hold on a day with their types; ``name`` None = every form.

    Raises:
        InvalidInput: no such form, or none on record for that day.
    """
    names = [name] if name else [one for one in ("state", "party") if editions(one)[0].from_on <= on]
    forms = [profile_on(one, on) for one in names]
    return [(form, tuple(form.types.values())) for form in forms]


def see_draft(unit: UnitOfWork, document_id: UUID) -> Standing:
    """Return how the actor stands to a draft that is theirs to read.

    Raises:
        NotFound: absent, or not the actor's to read.
    """
    standing = standing_of(unit, document_id)
    if not standing.may_read:
        raise NotFound("document.not_found", "Không có văn bản này.", "There is no such document.")
    return standing


def change_relations(unit: UnitOfWork, document: Row[Any], draft: Row[Any]) -> frozenset[str]:
    """Return by which relation the actor may change a draft now: its drafter, or who has a task of it.

    The drafter's turn is over while somebody else has or may take a task of the document's process or slip.
    """
    me, mine = unit.actor.account_id, unit.actor.references
    if unit.actor.is_system:
        return frozenset({"system"})
    slips = select(_SLIP.c.instance_id).where(_SLIP.c.document_id == document.id)
    of_document = or_(_TASK.c.instance_id == document.instance_id, _TASK.c.instance_id.in_(slips))
    statement = select(_TASK.c.owner_id, _TASK.c.owners).where(_TASK.c.is_open, of_document)
    tasks = unit.session.execute(statement).all()
    found = set()
    if any(task.owner_id == me for task in tasks):
        found.add("owner")
    elsewhere = any(
        task.owner_id != me if task.owner_id is not None else not mine & set(task.owners) for task in tasks
    )
    if draft.drafter_id == me and not elsewhere:
        found.add("drafter")
    return frozenset(found)


def read_draft(unit: UnitOfWork, document_id: UUID) -> DraftView:
    """Return a draft.

    Raises:
        NotFound: absent, or not the actor's to read.
        Conflict: ``document.not_drafted``.
    """
    see_draft(unit, document_id)
    state = load_draft(unit, document_id)
    people = _logins(unit, state)
    units = _unit_codes(unit, state)
    subject = Subject(state.document.status, change_relations(unit, state.document, state.draft))
    draft, document = state.draft, state.document
    versions = main_versions(unit, document_id)
    names = ("capacity", "signer_position", "origin", "frozen_at", "profile", "type_code")
    links = ("answers_id", "replaces_id", "corrects_id", "profile_from")
    metadata = ("subject", "description", "urgency", "secrecy", "category", "page_amount", "signer_name")
    return DraftView(
        document_id=document.id,
        status_name=STATUS_NAMES[document.status][0],
        row_version=document.version,
        regulation=state.form.regulation,
        type_name=state.kind.name,
        issuing_body=state.body.code,
        issuing_body_name=state.body.name,
        drafting_unit=units.get(draft.drafting_unit_id),
        drafter=people[draft.drafter_id][0],
        drafter_name=people[draft.drafter_id][1],
        signer=state.signer.login if state.signer else None,
        cosigners=[_cosigner_view(one, draft.issuing_body_id) for one in state.cosigners],
        signers=turns_of(unit, document_id),
        content=draft.fields,
        current_version=versions[-1].version if versions else 0,
        recipients=[_recipient_view(one, people, units) for one in state.recipients],
        annexes=annexes_of(unit, document_id),
        slips=list_slips(unit, SlipFilter(document_id=document_id)).items,
        may_change=is_allowed(unit.actor, "draft.change", subject),
        **{name: getattr(draft, name) for name in (*names, *links)},
        **{name: getattr(document, name) for name in (*metadata, "status", "instance_id", "created_at")},
    )


def versions_of(unit: UnitOfWork, document_id: UUID) -> list[VersionView]:
    """Return every version of the document itself, newest first.

    Raises:
        NotFound: absent, or not the actor's to read.
    """
    see_draft(unit, document_id)
    file = DOCUMENT_FILE.c
    sources = select(file.version).where(file.document_id == document_id, file.role == "source")
    converted = set(unit.session.execute(sources).scalars())
    statement = (
        select(DOCUMENT_FILE, ACCOUNT.c.login.label("added_by"), ACCOUNT.c.full_name.label("added_by_name"))
        .outerjoin(ACCOUNT, ACCOUNT.c.id == file.added_by_id)
        .where(file.document_id == document_id, file.ordinal == MAIN)
        .order_by(file.version.desc())
    )
    names = [name for name in VersionView.__dataclass_fields__ if name not in {"sha256", "has_source"}]
    return [
        VersionView(
            **{name: getattr(row, name) for name in names},
            sha256=bytes(row.sha256).hex(),
            has_source=row.version in converted,
        )
        for row in unit.session.execute(statement)
    ]


def version_row(unit: UnitOfWork, document_id: UUID, version: int) -> Row[Any]:
    """Return the row of a version of the document itself; who may read the draft was asked before.

    Raises:
        NotFound: ``version.not_found``.
    """
    file = DOCUMENT_FILE.c
    statement = select(DOCUMENT_FILE).where(
        file.document_id == document_id, file.ordinal == MAIN, file.version == version
    )
    row = unit.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound("version.not_found", "Không có phiên bản này.", "There is no such version.")
    return row


def annexes_of(unit: UnitOfWork, document_id: UUID) -> list[AnnexView]:
    """Return the newest version of each annex that was not taken out, in order."""
    file = DOCUMENT_FILE.c
    statement = (
        select(DOCUMENT_FILE)
        .where(file.document_id == document_id, file.role == "attachment")
        .ext(distinct_on(file.ordinal))
        .order_by(file.ordinal, file.version.desc())
    )
    names = [name for name in AnnexView.__dataclass_fields__ if name != "sha256"]
    return [
        AnnexView(**{name: getattr(row, name) for name in names}, sha256=bytes(row.sha256).hex())
        for row in unit.session.execute(statement)
        if row.kind != "removed"
    ]


def _logins(unit: UnitOfWork, state: DraftState) -> Mapping[UUID, tuple[str, str]]:
    wanted = {state.draft.drafter_id, *(one.account_id for one in state.recipients if one.account_id)}
    statement = select(ACCOUNT.c.id, ACCOUNT.c.login, ACCOUNT.c.full_name).where(ACCOUNT.c.id.in_(wanted))
    return {row.id: (row.login, row.full_name) for row in unit.session.execute(statement)}


def _unit_codes(unit: UnitOfWork, state: DraftState) -> Mapping[UUID | None, str]:
    wanted = {state.draft.drafting_unit_id, *(one.unit_id for one in state.recipients)} - {None}
    statement = select(UNIT.c.id, UNIT.c.code).where(UNIT.c.id.in_(wanted))
    return {row.id: row.code for row in unit.session.execute(statement)}


def _cosigner_view(one: Signer, lead_id: UUID) -> CosignerView:
    body = None if one.body.id == lead_id else one.body.code
    return CosignerView(one.login, one.capacity, one.position, body, one.words)


def _recipient_view(
    row: Row[Any], people: Mapping[UUID, tuple[str, str]], units: Mapping[UUID | None, str]
) -> RecipientView:
    return RecipientView(
        kind=row.kind,
        organ_id=row.organ_id,
        unit=units.get(row.unit_id),
        person=people[row.account_id][0] if row.account_id else None,
        name=row.name,
        channel=row.channel,
        purpose=row.purpose,
    )
