"""Whom documents go to and come from: a partner of the directory, and how it is reached.

Addresses come from the directory only, never from a package or a process (S0-9.2g2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select, text

from service.storage.models import ExchangeLink, Partner, table_of
from service.storage.unit_of_work import UnitOfWork

PARTNER = table_of(Partner)
POINT = PARTNER.alias("contact_point")
LINK = table_of(ExchangeLink)

_FIND_AGENCY: Final = text("SELECT agency_id, agency_code, name FROM find_agency_by_organ(:organ_id)")


@dataclass(frozen=True, slots=True)
class Contact:
    """An office and how it is reached.

    Attributes:
        partner_id: its row in the directory; None for an office of this installation that is not in it.
        contact_point: identifier of the office through which it is reached and speaks (S3-16); "" = itself.
        link_id: the row of the directory whose connection this is: its own, or its contact point's.
        channel: the one registered for it, "" = none.
        folder: of that channel, below the folder of the deployment.
        attachment_encoding: one of :data:`~service.domain.edxml.ATTACHMENT_ENCODINGS`.
        sealed_token: what we show to it, sealed for ``exchange_link:<link id>``.
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
    is_locked: bool = False
    link_id: UUID | None = None
    contact_point: str = ""
    attachment_encoding: str = "base64"


@dataclass(frozen=True, slots=True)
class LocalAgency:
    """An office of this installation; ``name`` is that of the body which was asked for."""

    agency_id: UUID
    code: str
    name: str


def find_contact(unit: UnitOfWork, organ_id: str) -> Contact | None:
    """Return the office of that identifier in the agency's directory, or None.

    What is not registered for it itself is taken from its contact point: addresses and the connection. Either
    of the two being locked locks it.
    """
    statement = (
        select(
            PARTNER,
            POINT.c.organ_id.label("point_organ_id"),
            POINT.c.endpoint.label("point_endpoint"),
            POINT.c.email.label("point_email"),
        )
        .select_from(PARTNER.outerjoin(POINT, POINT.c.id == PARTNER.c.contact_point_id))
        .where(PARTNER.c.organ_id == organ_id)
    )
    row = unit.session.execute(statement).first()
    if row is None:
        return None
    found = select(LINK).where(LINK.c.partner_id.in_((row.id, row.contact_point_id)))
    links = {link.partner_id: link for link in unit.session.execute(found)}
    return _contact(row, links)


def _contact(row: Row[Any], links: Mapping[UUID, Row[Any]]) -> Contact:
    contact = Contact(
        row.id,
        organ_id=row.organ_id,
        name=row.name,
        endpoint=row.endpoint or row.point_endpoint,
        email=row.email or row.point_email,
        contact_point=row.point_organ_id or "",
        is_locked=any(link.locked_at is not None for link in links.values()),
    )
    link = links.get(row.id) or links.get(row.contact_point_id)
    if link is None:
        return contact
    return replace(
        contact,
        link_id=link.partner_id,
        channel=link.channel,
        folder=link.folder,
        accepts_unsigned=link.accepts_unsigned,
        may_refuse_recall=link.may_refuse_recall,
        pinned_certificate=link.pinned_certificate,
        sealed_token=link.outbound_token,
        attachment_encoding=link.attachment_encoding,
    )


def find_local(unit: UnitOfWork, organ_id: str) -> LocalAgency | None:
    """Return the office of this installation that answers to the identifier, or None.

    That may be the office itself: its bodies send documents to each other (S3-16).
    """
    row = unit.session.execute(_FIND_AGENCY, {"organ_id": organ_id}).first()
    if row is None:
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
