"""What beginning and changing a draft share: checks as a whole, rows, versions, the line in its trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, update

from handlers.documents.drafting import render
from handlers.drafts.draft_row import (
    DRAFT,
    RECIPIENT,
    DraftState,
    add_main_version,
    main_versions,
    page_of,
)
from handlers.records.document_row import DOCUMENT
from handlers.resources import HandlerResources
from handlers.signing.acts import void_signatures
from service.actions.cosigner_facts import check_each_signs_once, read_cosigners, write_cosigners
from service.actions.document_rows import policy_answer
from service.actions.draft_facts import FactReader, Signing
from service.domain.document_profiles import DocumentProfile, DocumentType
from service.domain.draft_content import clean_content
from service.domain.errors import Finding, InvalidInput, PolicyRefusal
from service.domain.ids import new_id
from service.domain.records import check_metadata, clean_metadata
from service.storage.blobs import StoredBlob
from service.storage.models import Agency, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

_AGENCY = table_of(Agency)
_TO_PLACES: Final = 1000
_FROM_METADATA: Final = {"type_name": "type_code", "organ_name": "issuing_body"}


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """What a draft says, its profile and issuing body apart.

    Attributes:
        type_code: key of a type of the profile.
        subject: the abstract.
        content: see :func:`service.domain.draft_content.clean_content`; None = a file will be brought.
        drafting_unit: code, None = the one the drafter works in.
        signer: login, None = not named yet.
        capacity: code, ``''`` for the head.
        signer_position: as printed; empty = the account's.
        cosigners: who sign after the signer, see :func:`service.actions.cosigner_facts.read_cosigners`.
        urgency: ``normal`` … ``flash``.
        secrecy: ``none`` or a level of state secrets.
        category: of the content policy.
        description: a note.
        recipients: ``{kind, organ_id | unit | person, name, channel, purpose}``, in order.
        answers_id: a document that this one answers.
        replaces_id: an issued document that this one replaces.
        corrects_id: an issued document that this one corrects.
        is_attested: the declaration that it holds no state secret.
    """

    type_code: str
    subject: str
    content: Mapping[str, Any] | None = None
    drafting_unit: str | None = None
    signer: str | None = None
    capacity: str = ""
    signer_position: str = ""
    urgency: str = "normal"
    secrecy: str = "none"
    category: str = "general"
    description: str = ""
    recipients: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    cosigners: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    answers_id: UUID | None = None
    replaces_id: UUID | None = None
    corrects_id: UUID | None = None
    is_attested: bool = False


@dataclass(frozen=True, slots=True)
class CheckedFacts:
    """Facts that were looked up and found right, as columns of the rows.

    Attributes:
        document: of ``document``.
        draft: of ``draft``.
        recipients: of ``document_recipient``, without ids.
        cosigners: of ``draft_cosigner``, without the document.
    """

    document: Mapping[str, Any]
    draft: Mapping[str, Any]
    recipients: Sequence[Mapping[str, Any]]
    cosigners: Sequence[Mapping[str, Any]]


def check_facts(
    reader: FactReader,
    resources: HandlerResources,
    form: DocumentProfile,
    body: Row[Any],
    facts: DraftFacts,
) -> CheckedFacts:
    """Return what a draft says as columns.

    Raises:
        InvalidInput: ``draft.invalid`` with a finding for each fault.
        PolicyRefusal: ``document.policy``, the zone may not hold it.
    """
    kind = form.type_of(facts.type_code)
    cosigners, joint = read_cosigners(reader, form, body, facts.cosigners)
    metadata = _check_metadata(reader, [body.name, *joint], kind, facts)
    signing = reader.signing(form, body, facts.signer, facts.capacity, facts.signer_position)
    check_each_signs_once(reader, signing, cosigners)
    recipients = reader.recipients(facts.recipients)
    content = _content(reader, facts)
    draft: dict[str, Any] = {
        "type_code": kind.key,
        "drafting_unit_id": reader.unit_id(facts.drafting_unit),
        "signer_id": signing.signer_id,
        "capacity": signing.capacity,
        "signer_position": signing.position,
        "answers_id": reader.related("answers_id", facts.answers_id, is_issued=False),
        "replaces_id": reader.related("replaces_id", facts.replaces_id, is_issued=True),
        "corrects_id": reader.related("corrects_id", facts.corrects_id, is_issued=True),
    }
    if content is not None:
        draft |= {"fields": content, "origin": "template"}
    if reader.findings:
        vi, en = "Dự thảo chưa nhập đúng.", "The draft was not entered right."
        raise InvalidInput("draft.invalid", vi, en, reader.findings)
    _ask_policy(resources, metadata)
    return CheckedFacts(_document_columns(metadata, signing, recipients), draft, recipients, cosigners)


def _check_metadata(
    reader: FactReader, bodies: Sequence[str], kind: DocumentType, facts: DraftFacts
) -> dict[str, Any]:
    metadata = clean_metadata(
        {
            "type_name": kind.name,
            "organ_name": " - ".join(bodies),
            "subject": facts.subject,
            "description": facts.description,
            "urgency": facts.urgency,
            "secrecy": facts.secrecy,
            "category": facts.category,
        },
    )
    for one in check_metadata(metadata):
        name = one.pointer.removeprefix("/")
        reader.findings.append(replace(one, pointer=f"/{_FROM_METADATA.get(name, name)}"))
    if metadata["secrecy"] == "none" and not facts.is_attested:
        vi = "Phải xác nhận văn bản không chứa bí mật nhà nước trước khi lưu."
        en = "Declare that the document holds no state secret before it is stored."
        reader.fault("document.not_attested", vi, en, "/is_attested")
    return metadata


def _content(reader: FactReader, facts: DraftFacts) -> dict[str, Any] | None:
    if facts.content is None:
        return None
    try:
        return clean_content(facts.content)
    except InvalidInput as error:
        reader.findings += error.findings
        return None


def _ask_policy(resources: HandlerResources, metadata: Mapping[str, Any]) -> None:
    answer = policy_answer(resources, metadata, is_no_copy=False, is_exchange=False)
    if answer.decision == "allowed":
        return
    extra = {"clause": answer.clause, "zone": resources.zone, "secrecy": metadata["secrecy"]}
    raise PolicyRefusal("document.policy", answer.reason_vi, answer.reason_en, extra=extra)


def _document_columns(
    metadata: Mapping[str, Any], signing: Signing, recipients: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    places = "; ".join(one["name"] for one in recipients if one["purpose"] != "file")
    names = ("type_name", "organ_name", "subject", "urgency", "secrecy", "category")
    return {name: metadata[name] for name in names} | {
        "description": metadata["description"] or "",
        "signer_name": signing.signer_name,
        "signer_position": signing.position,
        "to_places": places[:_TO_PLACES],
    }


def insert_draft(unit: UnitOfWork, form: DocumentProfile, body: Row[Any], checked: CheckedFacts) -> UUID:
    """Write the rows of a new draft and return the document's id."""
    document_id, me = new_id(unit.now), unit.actor.account_id
    line = _line(unit, "drafted", {"draft_type": checked.draft["type_code"]})
    agency = unit.session.execute(
        select(_AGENCY.c.organ_id).where(_AGENCY.c.id == unit.actor.agency_id)
    ).scalar_one()
    document = dict(checked.document) | {
        "id": document_id,
        "agency_id": unit.actor.agency_id,
        "direction": "outgoing",
        "status": "draft",
        "channel": "upload",
        "code_number": "",
        "code_notation": "",
        "organ_id": body.organ_id or agency,
        "language": "vi",
        "is_public": False,
        "attested_by_id": me if checked.document["secrecy"] == "none" else None,
        "attested_at": unit.now if checked.document["secrecy"] == "none" else None,
        "trace": [line],
        "version": 1,
        "created_at": unit.now,
        "created_by_id": me,
    }
    unit.session.execute(insert(DOCUMENT).values(document))
    draft = {"fields": clean_content({}), "origin": "upload"} | dict(checked.draft)
    draft |= {
        "document_id": document_id,
        "agency_id": unit.actor.agency_id,
        "profile": form.name,
        "profile_from": form.from_on,
        "issuing_body_id": body.id,
        "drafter_id": me,
        "current_version": 0,
    }
    unit.session.execute(insert(DRAFT).values(draft))
    _write_recipients(unit, document_id, checked.recipients)
    write_cosigners(unit, document_id, checked.cosigners)
    details = {"type": draft["type_code"], "issuing_body": body.code}
    unit.audit(AuditRecord("document.drafted", "document", document_id, details))
    return document_id


def update_draft(unit: UnitOfWork, state: DraftState, checked: CheckedFacts) -> None:
    """Replace what a draft says."""
    document_id = state.document.id
    where = DOCUMENT.c.id == document_id
    unit.session.execute(update(DOCUMENT).where(where).values(dict(checked.document)))
    unit.session.execute(update(DRAFT).where(DRAFT.c.document_id == document_id).values(dict(checked.draft)))
    unit.session.execute(delete(RECIPIENT).where(RECIPIENT.c.document_id == document_id))
    _write_recipients(unit, document_id, checked.recipients)
    write_cosigners(unit, document_id, checked.cosigners)


def _write_recipients(unit: UnitOfWork, document_id: UUID, recipients: Sequence[Mapping[str, Any]]) -> None:
    common = {"document_id": document_id, "agency_id": unit.actor.agency_id}
    rows = [{**one, "id": new_id(unit.now), **common} for one in recipients]
    if rows:
        unit.session.execute(insert(RECIPIENT), rows)


def typeset_version(unit: UnitOfWork, resources: HandlerResources, state: DraftState, reason: str) -> int:
    """Typeset a draft's content as its next version and return the version.

    Raises:
        TooLarge: it is more than may be typeset.
        Unavailable: no font is installed.
    """
    versions = main_versions(unit, state.document.id)
    number = versions[-1].version + 1 if versions else 1
    made = render(page_of(unit, state), unit.now, draft_note=f"Dự thảo, phiên bản {number}")
    stored = resources.blobs.put(unit, BytesIO(made.pdf))
    return add_main_version(unit, state, stored, kind="draft", pages=made.page_amount, reason=reason)


def take_up_again(unit: UnitOfWork, state: DraftState, reason: str) -> int:
    """Put the last file that was brought above a copy made ready for signature, and return the version.

    What is signed must agree with what the draft says; a copy made before a change is no longer that.
    """
    versions = main_versions(unit, state.document.id)
    brought = [one for one in versions if one.kind == "draft"]
    if not brought or versions[-1].kind == "draft":
        return int(state.draft.current_version)
    last = brought[-1]
    stored = StoredBlob(bytes(last.sha256), last.size_bytes, last.media_type)
    pages = state.document.page_amount
    return add_main_version(unit, state, stored, kind="draft", pages=pages, reason=reason)


def note_new_text(
    unit: UnitOfWork, state: DraftState, version: int, reason: str
) -> Sequence[Mapping[str, Any]]:
    """Void the signatures, leave a line in the trace; return ``{act, field, signer_name, signed_at}`` each.

    Args:
        unit: of the one who changed it.
        state: as it was before the change.
        version: of the document itself now.
        reason: why.
    """
    voided = void_signatures(unit, state.document.id, reason)
    facts: dict[str, Any] = {"reason": reason, "draft_version": version}
    if voided:
        facts["voided_signatures"] = voided
    touch(unit, state, "redrafted", facts)
    return voided


def touch(unit: UnitOfWork, state: DraftState, kind: str, facts: Mapping[str, Any], **values: Any) -> None:
    """Write a line to the trace, the row's next version and an audit event."""
    trace = [*state.document.trace, _line(unit, kind, facts)]
    changes = {"trace": trace, "version": state.document.version + 1, **values}
    unit.session.execute(update(DOCUMENT).where(DOCUMENT.c.id == state.document.id).values(changes))
    unit.audit(AuditRecord(f"document.{kind}", "document", state.document.id, dict(facts)))


def _line(unit: UnitOfWork, kind: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    by = {"by": unit.actor.login, "by_name": unit.actor.full_name}
    return {"at": unit.now.isoformat(), "kind": kind, **by, **facts}


def required(name: str, vi: str, en: str) -> InvalidInput:
    """Return the refusal of a missing member."""
    return InvalidInput(f"{name}.required", vi, en, [Finding(f"{name}.required", vi, en, f"/{name}")])
