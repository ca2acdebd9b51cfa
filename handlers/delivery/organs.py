"""The identifiers that the office answers to on the exchange: its own, and those of its bodies (S3-16).

One office may be the contact point of several bodies: what is addressed to one of them is taken for that
body, what one of them issues leaves under its identifier, and both remember it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, select

from service.domain.edxml import Organ
from service.storage.models import Agency, Draft, IssuingBody, table_of
from service.storage.unit_of_work import UnitOfWork

AGENCY = table_of(Agency)
BODY = table_of(IssuingBody)
DRAFT = table_of(Draft)


def own_organ(unit: UnitOfWork) -> Organ:
    """Return the agency as the exchange knows it."""
    row = unit.session.execute(
        select(AGENCY.c.organ_id, AGENCY.c.name).where(AGENCY.c.id == unit.actor.agency_id)
    ).one()
    return Organ(row.organ_id or "", row.name)


def own_organs(unit: UnitOfWork, *, with_closed: bool = False) -> dict[str, Organ]:
    """Return the agency and its bodies by identifier, the agency first; those without one are left out.

    Args:
        unit: of the agency.
        with_closed: also bodies that were closed: answers about what they sent and got go on.
    """
    statement = (
        select(BODY.c.organ_id, BODY.c.name)
        .where(BODY.c.organ_id.is_not(None))
        .order_by(BODY.c.closed_at.desc().nulls_first(), BODY.c.code)
    )
    if not with_closed:
        statement = statement.where(BODY.c.closed_at.is_(None))
    found: dict[str, Organ] = {}
    for organ in (own_organ(unit), *(Organ(*row) for row in unit.session.execute(statement))):
        if organ.organ_id:
            found.setdefault(organ.organ_id, organ)
    return found


def named_organs(unit: UnitOfWork, named: Collection[str], *, with_closed: bool = False) -> list[Organ]:
    """Return those of the office's organs that a message names, in its order; none if it names others."""
    ours = own_organs(unit, with_closed=with_closed)
    return [ours[organ_id] for organ_id in dict.fromkeys(named) if organ_id in ours]


def addressed_organ(unit: UnitOfWork, document: Row[Any]) -> Organ:
    """Return the organ that an incoming document was sent to: its statuses leave under that identifier."""
    if not document.addressed_organ_id:
        return own_organ(unit)
    known = own_organs(unit, with_closed=True).get(document.addressed_organ_id)
    return known or Organ(document.addressed_organ_id, document.addressed_name or "")


def issuing_organ(unit: UnitOfWork, document: Row[Any]) -> Organ:
    """Return the organ that an outgoing document leaves under: its body's, or the agency's.

    Once it is on the exchange it keeps the one that it left under, as long as the office still has that.
    """
    if document.exchange_id and document.organ_id:
        known = own_organs(unit, with_closed=True).get(document.organ_id)
        if known is not None:
            return known
    body = unit.session.execute(
        select(BODY.c.organ_id, BODY.c.name)
        .join(DRAFT, DRAFT.c.issuing_body_id == BODY.c.id)
        .where(DRAFT.c.document_id == document.id, BODY.c.organ_id.is_not(None))
    ).first()
    return Organ(body.organ_id, body.name) if body is not None else own_organ(unit)
