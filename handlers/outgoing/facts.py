"""The variable ``document`` of the outgoing process: metadata, who is who, whether it is signed."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, exists, select

from handlers.contract import Json
from handlers.records.description import document_code
from handlers.records.signers import Signer, signed_by, signers_of, unsealed_bodies
from handlers.resources import HandlerResources
from service.domain.clock import OFFICE_ZONE
from service.domain.errors import NotFound
from service.storage.models import (
    Account,
    Assistance,
    DocumentFile,
    DocumentRecipient,
    Draft,
    Membership,
    Unit,
    table_of,
)
from service.storage.unit_of_work import UnitOfWork

_ACCOUNT = table_of(Account)
_ASSISTANCE = table_of(Assistance)
_DRAFT = table_of(Draft)
_FILE = table_of(DocumentFile)
_MEMBERSHIP = table_of(Membership)
_RECIPIENT = table_of(DocumentRecipient)
_UNIT = table_of(Unit)

_PLAIN = (
    "type_name",
    "subject",
    "status",
    "urgency",
    "secrecy",
    "category",
    "code_number",
    "code_notation",
)


def describe_outgoing(unit: UnitOfWork, document: Row[Any], resources: HandlerResources) -> Json:
    """Return what the diagram decides by.

    ``drafter`` and ``signer`` are owner references; ``signer`` is who signs next, once all have signed the
    first; ``unit`` is the code of the drafting unit; ``aides`` are those of the signer. ``is_signed``: the
    signature of everyone in authority stands on the present version (S0-4.3). ``signers``: ``{name, position,
    body, is_signed}`` in order. ``seal_of``: the joint body whose seal is still missing, None = none's.
    ``is_copy_ready``: the newest version is the copy with its fields, signed or not, and not a draft.

    Raises:
        NotFound: the document is no draft.
    """
    draft = unit.session.execute(select(_DRAFT).where(_DRAFT.c.document_id == document.id)).one_or_none()
    if draft is None:
        raise NotFound("draft.not_found", "Không có dự thảo này.", "There is no such draft.")
    today = unit.now.astimezone(OFFICE_ZONE).date()
    drafter = _logins(unit, draft.drafter_id)[draft.drafter_id]
    signers, signed = signers_of(unit, document.id), signed_by(unit, document.id)
    following = [one for one in signers if one.account_id not in signed]
    signer = next(iter(following or signers), None)
    unit_code = unit.session.execute(
        select(_UNIT.c.code).where(_UNIT.c.id == draft.drafting_unit_id)
    ).scalar_one_or_none()
    heads = heads_of(unit, draft.drafting_unit_id)
    code = document_code(document.code_number, document.code_notation)
    facts = {name: getattr(document, name) for name in _PLAIN}
    return facts | {
        "id": str(document.id),
        "title": f"{document.type_name}: {document.subject}",
        "code": code,
        "profile": draft.profile,
        "type_code": draft.type_code,
        "capacity": draft.capacity,
        "drafter": f"user:{drafter}",
        "signer": f"user:{signer.login}" if signer else None,
        "signers": [_shown(one, signed) for one in signers],
        "unit": unit_code,
        "needs_head": bool(heads) and draft.drafter_id not in heads,
        "aides": [] if signer is None else _aides(unit, signer.account_id, today),
        "is_signed": bool(signers) and not following,
        "seal_of": next(iter(unsealed_bodies(unit, document.id)), None),
        "is_copy_ready": _is_copy_ready(unit, document.id),
        "has_partners": _has_partners(unit, document.id),
        "version": draft.current_version,
        "zone": resources.zone,
        "has_cipher": resources.has_cipher,
    }


def _shown(one: Signer, signed: frozenset[UUID]) -> Json:
    facts = {"name": one.name, "position": one.position, "body": one.body.name}
    return facts | {"is_signed": one.account_id in signed}


def _logins(unit: UnitOfWork, *ids: UUID | None) -> dict[UUID, str]:
    statement = select(_ACCOUNT.c.id, _ACCOUNT.c.login).where(_ACCOUNT.c.id.in_([one for one in ids if one]))
    return {row.id: row.login for row in unit.session.execute(statement)}


def heads_of(unit: UnitOfWork, unit_id: UUID | None) -> frozenset[UUID]:
    """Return the accounts of those who head a unit today."""
    today = unit.now.astimezone(OFFICE_ZONE).date()
    statement = (
        select(_ACCOUNT.c.id)
        .join(_MEMBERSHIP, _MEMBERSHIP.c.account_id == _ACCOUNT.c.id)
        .where(
            _MEMBERSHIP.c.unit_id == unit_id,
            _MEMBERSHIP.c.role == "unit_head",
            _ACCOUNT.c.disabled_at.is_(None),
            *in_force(_MEMBERSHIP, today),
        )
    )
    return frozenset(unit.session.execute(statement).scalars())


def _aides(unit: UnitOfWork, leader_id: UUID, today: date) -> list[str]:
    statement = (
        select(_ACCOUNT.c.login)
        .join(_ASSISTANCE, _ASSISTANCE.c.aide_id == _ACCOUNT.c.id)
        .where(
            _ASSISTANCE.c.leader_id == leader_id,
            _ACCOUNT.c.disabled_at.is_(None),
            *in_force(_ASSISTANCE, today),
        )
        .order_by(_ACCOUNT.c.login)
    )
    return [f"user:{login}" for login in unit.session.execute(statement).scalars()]


def in_force(table: Any, today: date) -> tuple[Any, Any]:
    """Return the conditions under which a row with ``from_on`` and ``to_on`` holds today."""
    begins, ends = table.c.from_on, table.c.to_on
    return begins.is_(None) | (begins <= today), ends.is_(None) | (ends >= today)


def _is_copy_ready(unit: UnitOfWork, document_id: UUID) -> bool:
    newest = (
        select(_FILE.c.kind)
        .where(_FILE.c.document_id == document_id, _FILE.c.role == "main")
        .order_by(_FILE.c.version.desc())
        .limit(1)
    )
    return unit.session.execute(newest).scalar_one_or_none() in {"final", "signed"}


def _has_partners(unit: UnitOfWork, document_id: UUID) -> bool:
    partner = exists().where(_RECIPIENT.c.document_id == document_id, _RECIPIENT.c.kind == "partner")
    return bool(unit.session.execute(select(partner)).scalar_one())
