"""How partner offices are connected: the channel, what each shows to the other, the account on the axis.

A partner's program shows a token that this house gave it; only its hash is kept. What a partner gave us is
kept sealed, since it must be shown again. The directory's addresses are the only ones that are ever called.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from handlers.delivery.axis_wire import AXIS
from handlers.delivery.contacts import LINK, Contact, find_contact
from service.actions.sessions import token_hash
from service.domain.actors import Actor
from service.domain.delivery import DELIVERY_CHANNELS
from service.domain.edxml import ATTACHMENT_ENCODINGS
from service.domain.endpoints import check_endpoint
from service.domain.errors import Finding, InvalidInput, NotFound, Unauthenticated
from service.domain.permissions import require
from service.domain.sealing import Sealer
from service.storage.unit_of_work import AuditRecord, UnitOfWork

PEER_PREFIX: Final = "cvp_"
"""Tokens of partners' programs begin so: they open the door of the exchange and nothing else."""

_AUTHENTICATE: Final = text("SELECT authenticate_peer(:token_hash)")
_GRANTS: Final = frozenset({"packet.receive"})
_TOKEN_BYTES: Final = 32
_PLAIN: Final = (
    "channel",
    "folder",
    "accepts_unsigned",
    "may_refuse_recall",
    "pinned_certificate",
    "attachment_encoding",
)
"""What is kept of a connection as it is named."""


@dataclass(frozen=True, slots=True)
class LinkView:
    """A partner's connection as the administrator sees it; of secrets only whether they are there."""

    organ_id: str
    name: str
    contact_point: str
    channel: str
    endpoint: str | None
    email: str | None
    folder: str | None
    accepts_unsigned: bool
    may_refuse_recall: bool
    pinned_certificate: str | None
    attachment_encoding: str
    has_inbound_token: bool
    has_outbound_token: bool
    is_locked: bool
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class AxisView:
    """The agency's account on the axis; the token is never told."""

    endpoint: str
    system_id: str
    is_enabled: bool
    polled_at: datetime | None
    last_error: str | None


def read_link(unit: UnitOfWork, organ_id: str) -> LinkView:
    """Return a partner's connection: its own, or that of its contact point.

    Raises:
        Forbidden: the actor neither runs nor oversees the exchange.
        NotFound: the organ id is not in the directory.
    """
    require(unit.actor, "exchange.read")
    contact = _find(unit, organ_id)
    row = unit.session.execute(select(LINK).where(LINK.c.partner_id == contact.link_id)).first()
    return _view(contact, row)


def keep_link(unit: UnitOfWork, sealer: Sealer, organ_id: str, changes: Mapping[str, Any]) -> LinkView:
    """Register or change a partner's connection; what is not named stays.

    Args:
        unit: of an administrator.
        sealer: seals ``outbound_token``.
        organ_id: of the partner.
        changes: ``channel`` ("" = as the directory's addresses allow), ``folder``, ``accepts_unsigned``,
            ``may_refuse_recall``, ``pinned_certificate``, ``attachment_encoding``, ``outbound_token`` (what
            the partner gave us), ``is_locked``.

    Raises:
        Forbidden: the actor is no administrator.
        NotFound: the organ id is not in the directory.
        InvalidInput: no such channel or encoding.
    """
    require(unit.actor, "exchange.keep")
    contact = _find(unit, organ_id)
    values = _values(unit, sealer, contact, changes)
    blank = {
        "partner_id": contact.partner_id,
        "agency_id": unit.actor.agency_id,
        "channel": "http",
        "accepts_unsigned": False,
        "may_refuse_recall": False,
        "attachment_encoding": ATTACHMENT_ENCODINGS[0],
        "changed_at": unit.now,
    }
    statement = insert(LINK).values(blank | values)
    changed = values | {"changed_at": unit.now}
    unit.session.execute(statement.on_conflict_do_update(index_elements=["partner_id"], set_=changed))
    record = {"organ_id": organ_id, "names": sorted(changes)}
    unit.audit(AuditRecord("exchange_link.change", "partner", contact.partner_id, record))
    return read_link(unit, organ_id)


def give_token(unit: UnitOfWork, organ_id: str) -> str:
    """Return a new token for a partner's program, told this once; an earlier one ends.

    Raises:
        Forbidden: the actor is no administrator.
        NotFound: the partner has no connection.
    """
    require(unit.actor, "exchange.keep")
    contact = _find(unit, organ_id)
    token = PEER_PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
    changed = update(LINK).where(LINK.c.partner_id == contact.partner_id).returning(LINK.c.partner_id)
    values = {"inbound_token_hash": token_hash(token), "changed_at": unit.now}
    if unit.session.execute(changed.values(**values)).first() is None:
        vi, en = "Đơn vị này chưa đăng ký kết nối.", "This office has no registered connection."
        raise NotFound("exchange_link.not_found", vi, en)
    unit.audit(AuditRecord("exchange_link.token", "partner", contact.partner_id, {"organ_id": organ_id}))
    return token


def peer_identity(token: str, request_id: str | None) -> Callable[[Session, datetime], Actor]:
    """Return a function for :class:`UnitOfWork` that turns a partner's token into an actor.

    The actor is no person; its grants let it hand packages over and do nothing else.

    Raises:
        Unauthenticated: (from the function) no connection in force has this token.
    """
    known_by = token_hash(token)

    def identify(session: Session, now: datetime) -> Actor:
        del now
        answer = session.execute(_AUTHENTICATE, {"token_hash": known_by}).scalar()
        if answer is None:
            raise Unauthenticated(
                "session.ended",
                "Mã kết nối không còn hiệu lực.",
                "The token of this connection is not in force.",
            )
        return Actor(
            agency_id=UUID(answer["agency_id"]),
            agency_code=answer["agency_code"],
            account_id=None,
            login=f"peer:{answer['organ_id']}",
            full_name=answer["name"],
            grants=_GRANTS,
            request_id=request_id,
        )

    return identify


def read_axis(unit: UnitOfWork) -> AxisView | None:
    """Return the agency's account on the axis, None if it has none.

    Raises:
        Forbidden: the actor neither runs nor oversees the exchange.
    """
    require(unit.actor, "exchange.read")
    row = unit.session.execute(select(AXIS)).first()
    if row is None:
        return None
    return AxisView(row.endpoint, row.system_id, row.is_enabled, row.polled_at, row.last_error)


def keep_axis(
    unit: UnitOfWork, sealer: Sealer, *, endpoint: str, system_id: str, token: str, is_enabled: bool = True
) -> None:
    """Register the agency's account on the axis, in place of an earlier one.

    Raises:
        Forbidden: the actor is no administrator.
        InvalidInput: the endpoint is no http(s) address.
    """
    require(unit.actor, "exchange.keep")
    check_endpoint(endpoint)
    agency_id = unit.actor.agency_id
    values = {
        "endpoint": endpoint,
        "system_id": system_id,
        "token": sealer.seal(token, f"exchange_axis:{agency_id}"),
        "is_enabled": is_enabled,
        "poll_due_at": unit.now,
        "last_error": None,
    }
    statement = insert(AXIS).values(values | {"agency_id": agency_id})
    unit.session.execute(statement.on_conflict_do_update(index_elements=["agency_id"], set_=values))
    unit.audit(AuditRecord("exchange_axis.change", "agency", agency_id, {"endpoint": endpoint}))


def drop_axis(unit: UnitOfWork) -> None:
    """End the agency's account on the axis.

    Raises:
        Forbidden: the actor is no administrator.
    """
    require(unit.actor, "exchange.keep")
    unit.session.execute(delete(AXIS))
    unit.audit(AuditRecord("exchange_axis.end", "agency", unit.actor.agency_id))


def _find(unit: UnitOfWork, organ_id: str) -> Contact:
    contact = find_contact(unit, organ_id)
    if contact is None:
        vi, en = "Không có cơ quan này trong danh bạ.", "There is no such partner."
        raise NotFound("partner.not_found", vi, en)
    return contact


def _values(unit: UnitOfWork, sealer: Sealer, contact: Contact, changes: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: changes[name] for name in _PLAIN if name in changes}
    _check(values)
    if "outbound_token" in changes:
        token = changes["outbound_token"]
        place = f"exchange_link:{contact.partner_id}"
        values["outbound_token"] = sealer.seal(token, place) if token else None
    if "is_locked" in changes:
        values["locked_at"] = unit.now if changes["is_locked"] else None
    return values


def _check(values: Mapping[str, Any]) -> None:
    if values.get("channel") and values["channel"] not in DELIVERY_CHANNELS:
        vi, en = "Không có kênh gửi này.", "There is no such channel."
        raise InvalidInput("link.channel", vi, en, [Finding("link.channel", vi, en, "/channel")])
    if values.get("attachment_encoding", ATTACHMENT_ENCODINGS[0]) not in ATTACHMENT_ENCODINGS:
        vi, en = "Không có cách mã hóa tệp này.", "Files are not encoded in this way."
        finding = Finding("link.attachment_encoding", vi, en, "/attachment_encoding")
        raise InvalidInput("link.attachment_encoding", vi, en, [finding])


def _view(contact: Contact, row: Row[Any] | None) -> LinkView:
    return LinkView(
        contact.organ_id,
        contact.name,
        contact.contact_point,
        contact.channel,
        contact.endpoint,
        contact.email,
        contact.folder,
        contact.accepts_unsigned,
        contact.may_refuse_recall,
        contact.pinned_certificate,
        contact.attachment_encoding,
        bool(row is not None and row.inbound_token_hash),
        bool(contact.sealed_token),
        contact.is_locked,
        row.changed_at if row is not None else None,
    )


__all__ = [
    "PEER_PREFIX",
    "AxisView",
    "LinkView",
    "drop_axis",
    "give_token",
    "keep_axis",
    "keep_link",
    "peer_identity",
    "read_axis",
    "read_link",
]
