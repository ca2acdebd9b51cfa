"""Whom documents go to and come from: a partner of the directory, and how it is reached.

Addresses come from the directory only, never from a package or a process (S0-9.2g2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select, text

from service.storage.models import ExchangeLink, Partner, table_of
from service.storage.unit_of_work import UnitOfWork

PARTNER = table_of(Partner)
LINK = table_of(ExchangeLink)

_FIND_AGENCY: Final = text("SELECT agency_id, agency_code, name FROM find_agency_by_organ(:organ_id)")


@dataclass(frozen=True, slots=True)
class Contact:
    """An office and how it is reached.

    Attributes:
        partner_id: its row in the directory; None for an office of this installation that is not in it.
        channel: the one registered for it, "" = none.
        folder: of that channel, below the folder of the deployment.
        sealed_token: what we show to it, sealed for ``exchange_link:<partner id>``.
        is_linked: whether a connection was registered (``exchange_link``).
        is_locked: nothing goes to it or is taken from it for now.
    """

    partner_id: UUID | None
    organ_id: str
    name: str
    endpoint: str | None = None
    email: str | None = None
    channel: str = ""
    folder: str | None = None
    accepts_unsigned: bool = False
    may_refuse_recall: bool = False
    pinned_certificate: str | None = None
    sealed_token: str | None = None
    is_linked: bool = False
    is_locked: bool = False


@dataclass(frozen=True, slots=True)
class LocalAgency:
    """Another office of this installation."""

    agency_id: UUID
    code: str
    name: str


def find_contact(unit: UnitOfWork, organ_id: str) -> Contact | None:
    """Return the office of that identifier in the agency's directory, or None."""
    statement = (
        select(PARTNER, *[column for column in LINK.c if column.name != "agency_id"])
        .select_from(PARTNER.outerjoin(LINK, LINK.c.partner_id == PARTNER.c.id))
        .where(PARTNER.c.organ_id == organ_id)
    )
    row = unit.session.execute(statement).first()
    return None if row is None else _contact(row)


def _contact(row: Row[Any]) -> Contact:
    facts = {"organ_id": row.organ_id, "name": row.name, "endpoint": row.endpoint, "email": row.email}
    if row.partner_id is None:
        return Contact(row.id, **facts)
    return Contact(
        row.id,
        **facts,
        channel=row.channel,
        folder=row.folder,
        accepts_unsigned=row.accepts_unsigned,
        may_refuse_recall=row.may_refuse_recall,
        pinned_certificate=row.pinned_certificate,
        sealed_token=row.outbound_token,
        is_linked=True,
        is_locked=row.locked_at is not None,
    )


def find_local(unit: UnitOfWork, organ_id: str) -> LocalAgency | None:
    """Return the other office of this installation that has the identifier, or None."""
    row = unit.session.execute(_FIND_AGENCY, {"organ_id": organ_id}).first()
    if row is None or row.agency_id == unit.actor.agency_id:
        return None
    return LocalAgency(row.agency_id, row.agency_code, row.name)


def channel_for(unit: UnitOfWork, contact: Contact, wanted: str = "") -> str:
    """Return the channel by which a document goes to an office, "" if there is none.

    The one asked for, else the registered one, else what the directory allows: the same installation, the
    office's own address, its mailbox.
    """
    if wanted:
        return wanted
    if contact.channel:
        return contact.channel
    if find_local(unit, contact.organ_id) is not None:
        return "internal"
    if contact.endpoint:
        return "http"
    return "email" if contact.email else ""
