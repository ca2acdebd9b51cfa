"""The variable ``assignment`` of the process: what the diagram decides by and its forms show (S0-11g1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select

from handlers.assignments.assignment_row import ENTRY, PARTY
from handlers.assignments.people import Party
from handlers.assignments.whole import count_open_parts, parts_of
from handlers.contract import HandlerContext, Json
from handlers.outgoing.facts import heads_of
from service.domain.assignments import STATE_NAMES, VERB_NAMES
from service.domain.clock import OFFICE_ZONE
from service.domain.records import URGENCIES
from service.storage.models import Account, Document, Unit, table_of
from service.storage.unit_of_work import UnitOfWork

_ACCOUNT = table_of(Account)
_DOCUMENT = table_of(Document)
_UNIT = table_of(Unit)

_SHOWN: Final = 20
_SHOWN_CHARACTERS: Final = 300
_NEUTRAL: Final = "Nhiệm vụ theo văn bản mật"


def describe_assignment(unit: UnitOfWork, assignment: Row[Any]) -> Json:
    """Return the facts of an assignment.

    ``receivers`` take it up, ``handlers`` work on it, ``doers`` (people only) do not confirm it themselves;
    ``lead_person``, ``lead_unit``, ``coordinating_people``, ``coordinating_units`` and ``monitor`` are as the
    forms take them; ``deadline.due_at`` is null where no day was set.
    """
    parties = parties_by_part(unit, assignment.id)
    (lead,) = parties["lead"]
    handler = next(iter(parties.get("handler", ())), None)
    assigner = parties["assigner"][0]
    monitor = next(iter(parties.get("monitor", ())), None)
    coordinators = parties.get("coordinator", [])
    due_on = (
        None if assignment.due_at is None else assignment.due_at.astimezone(OFFICE_ZONE).date().isoformat()
    )
    return {
        "id": str(assignment.id),
        "content": assignment.content,
        "description": assignment.description or None,
        "expected_product": assignment.expected_product or None,
        "urgency": assignment.urgency,
        "urgency_name": URGENCIES[assignment.urgency][0],
        "state": assignment.state,
        "state_name": STATE_NAMES[assignment.state][0],
        "percent": assignment.percent,
        "assigner": assigner.reference,
        "assigner_name": assigner.name,
        "lead_name": lead.name if handler is None else f"{lead.name} ({handler.name})",
        "is_unit": lead.unit_id is not None,
        "receivers": list(lead.owners),
        "handlers": list(dict.fromkeys([*(() if handler is None else handler.owners), *lead.owners])),
        "doers": _doers(unit, lead, handler),
        "coordinator_names": ", ".join(one.name for one in coordinators) or None,
        "monitor_name": None if monitor is None else monitor.name,
        "lead_person": _login(lead),
        "lead_unit": _code(lead),
        "coordinating_people": [_login(one) for one in coordinators if one.account_id is not None],
        "coordinating_units": [_code(one) for one in coordinators if one.unit_id is not None],
        "monitor": None if monitor is None else _login(monitor),
        "due_on": due_on,
        "due_text": None if assignment.due_at is None else office_time(assignment.due_at),
        "deadline": {"due_at": None} | dict(assignment.deadline),
        "document_id": None if assignment.document_id is None else str(assignment.document_id),
        "parts": len(parts_of(unit, assignment.id)),
        "open_parts": count_open_parts(unit, assignment.id),
        "waiting_for": assignment.waiting_for,
        "result": assignment.result,
        "steps": _steps(unit, assignment.id),
    }


def parties_by_part(unit: UnitOfWork, assignment_id: UUID) -> dict[str, list[Party]]:
    """Return the people and units of an assignment by their part."""
    statement = (
        select(PARTY.c.part, _ACCOUNT.c.login, _ACCOUNT.c.full_name, _UNIT.c.code, _UNIT.c.name)
        .add_columns(PARTY.c.account_id, PARTY.c.unit_id)
        .outerjoin(_ACCOUNT, _ACCOUNT.c.id == PARTY.c.account_id)
        .outerjoin(_UNIT, _UNIT.c.id == PARTY.c.unit_id)
        .where(PARTY.c.assignment_id == assignment_id)
        .order_by(PARTY.c.part, PARTY.c.reference)
    )
    found: dict[str, dict[str, Party]] = {}
    for row in unit.session.execute(statement):
        reference = f"user:{row.login}" if row.unit_id is None else f"unit:{row.code}"
        name = row.full_name if row.unit_id is None else row.name
        party = Party(reference, name, row.account_id, row.unit_id)
        found.setdefault(row.part, {})[reference] = party
    return {part: list(people.values()) for part, people in found.items()}


def party_rows(unit: UnitOfWork, assignment_id: UUID, part: str, parties: Iterable[Party]) -> list[Json]:
    """Return the rows that give parties a part: one for each reference that acts or reads for them."""
    return [
        {
            "agency_id": unit.actor.agency_id,
            "assignment_id": assignment_id,
            "part": part,
            "reference": reference,
            "account_id": party.account_id,
            "unit_id": party.unit_id,
        }
        for party in parties
        for reference in party.references
    ]


def tell(
    context: HandlerContext, assignment: Row[Any], kind: str, recipients: Iterable[str], **facts: str | None
) -> None:
    """Put one notice about the assignment for each receiver into the outbox, once for a call.

    What is to be done about a secret document does not leave with a notice.
    """
    unit = context.unit
    secrecy = unit.session.execute(
        select(_DOCUMENT.c.secrecy).where(_DOCUMENT.c.id == assignment.document_id)
    ).scalar_one_or_none()
    payload: Json = {
        "kind": kind,
        "subject": assignment.content if secrecy in {None, "none"} else _NEUTRAL,
        "urgency": assignment.urgency,
        "instance_id": str(assignment.instance_id),
        "assignment_id": str(assignment.id),
    }
    payload |= {name: value for name, value in facts.items() if value}
    for recipient in dict.fromkeys(recipients):
        unit.send("notice", recipient, payload, f"notice:{context.idempotency_key}:{kind}:{recipient}")


def office_time(at: datetime) -> str:
    """Return an instant as the office writes it: ``17:00 06/3/2026``."""
    local = at.astimezone(OFFICE_ZONE)
    return f"{local:%H:%M} {local.day:02d}/{local.month}/{local.year}"


def _doers(unit: UnitOfWork, lead: Party, handler: Party | None) -> list[str]:
    people = {one.account_id for one in (lead, handler) if one is not None and one.account_id is not None}
    if lead.unit_id is not None and handler is None:
        people |= heads_of(unit, lead.unit_id)
    logins = select(_ACCOUNT.c.login).where(_ACCOUNT.c.id.in_(people)).order_by(_ACCOUNT.c.login)
    return [f"user:{login}" for login in unit.session.execute(logins).scalars()]


def _login(party: Party) -> str | None:
    return party.reference.removeprefix("user:") if party.account_id is not None else None


def _code(party: Party) -> str | None:
    return party.reference.removeprefix("unit:") if party.unit_id is not None else None


def _steps(unit: UnitOfWork, assignment_id: UUID) -> list[Mapping[str, Any]]:
    """Return the last steps, each with its words' beginning, as a form shows them."""
    by, principal = _ACCOUNT.alias("by"), _ACCOUNT.alias("principal")
    names = by.c.full_name.label("by_name"), principal.c.full_name.label("principal_name")
    statement = (
        select(ENTRY, *names)
        .outerjoin(by, by.c.id == ENTRY.c.by_id)
        .outerjoin(principal, principal.c.id == ENTRY.c.on_behalf_of_id)
        .where(ENTRY.c.assignment_id == assignment_id)
        .order_by(ENTRY.c.ordinal.desc())
        .limit(_SHOWN)
    )
    rows = list(unit.session.execute(statement))
    return [
        {
            "step": VERB_NAMES[row.verb][0],
            "by": row.principal_name or row.by_name or "Hệ thống",
            "entered_by": row.by_name if row.principal_name else "",
            "view": "" if row.percent is None else f"{row.percent}%",
            "words": row.words[:_SHOWN_CHARACTERS],
            "at": office_time(row.at),
        }
        for row in reversed(rows)
    ]


def reference_of(unit: UnitOfWork, account_id: UUID | None) -> str | None:
    """Return a person's reference."""
    found = unit.session.execute(select(_ACCOUNT.c.login).where(_ACCOUNT.c.id == account_id))
    login = found.scalar_one_or_none()
    return None if login is None else f"user:{login}"


__all__ = [
    "describe_assignment",
    "office_time",
    "parties_by_part",
    "party_rows",
    "reference_of",
    "tell",
]
