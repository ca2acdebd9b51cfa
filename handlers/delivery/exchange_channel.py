"""The way of statuses to the offices that documents came from (S3-10.5, S3-14.2a).

A status goes as the office is connected: edXML to a registered connection, over the axis, straight into an
office of this installation; to an office that has nothing but an address in the directory as a small JSON
message. The receiver drops repetitions: after a killed worker or a lost answer the same message goes again
under the same key. Messages about one document go in their order.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select

from handlers.contract import RetryLater
from handlers.delivery.axis_wire import find_account
from handlers.delivery.contacts import Contact, find_contact, find_local
from handlers.delivery.http_wire import RestingPeers
from handlers.delivery.letters import sending_key, status_of, unknown_contact
from handlers.delivery.peers import PeerRules, judge, post, refusal
from handlers.delivery.wires import Parcel, Wire
from service.domain.dispatch_faults import fault_text
from service.domain.signing_places import SigningPlaces
from service.storage.models import Outbox, table_of
from service.storage.unit_of_work import UnitOfWork

_OUTBOX = table_of(Outbox)
_SILENT: Final = frozenset({"email", "paper"})
"""Connections over which no status goes back."""


class ExchangeChannel:
    """Sends statuses to registered offices of the directory, and nowhere else.

    Args:
        rules: how far a call may go.
        wires: the ways out by connection; without them only JSON messages go.
        places: where the keys are that packages are signed with.
    """

    def __init__(
        self,
        rules: PeerRules,
        wires: Mapping[str, Wire] | None = None,
        places: SigningPlaces | None = None,
    ) -> None:
        self._rules = rules
        self._wires = wires or {}
        self._places = places or SigningPlaces()
        self._resting = RestingPeers()

    def send(self, unit: UnitOfWork, destination: str, payload: Mapping[str, Any], dedupe_key: str) -> None:
        """Hand one status to the office ``destination`` (its organ id).

        Raises:
            RetryLater: the office does not answer now, or an earlier message about the document waits.
            PolicyRefusal: it has no address, or refuses the message.
        """
        contact = _contact(unit, destination)
        connection = _connection(unit, contact)
        if connection in _SILENT:
            return
        if not connection and not contact.endpoint:
            raise refusal("partner.no_endpoint", destination)
        _keep_order(unit, destination, payload, dedupe_key)
        if connection:
            self._carry(unit, replace(contact, channel=connection), payload, dedupe_key)
        else:
            self._post(unit, str(contact.endpoint), payload, dedupe_key)

    def _carry(self, unit: UnitOfWork, contact: Contact, payload: Mapping[str, Any], dedupe_key: str) -> None:
        wire = self._wires.get(contact.channel)
        if wire is None:
            raise refusal("partner.no_channel", contact.channel)
        message = status_of(payload)
        key = sending_key(unit, self._places, message.sender)
        wire.carry(unit, Parcel(contact, message, dedupe_key, key=key))

    def _post(self, unit: UnitOfWork, address: str, payload: Mapping[str, Any], dedupe_key: str) -> None:
        self._resting.check(address, unit.now)
        body = json.dumps(payload, ensure_ascii=False).encode()
        try:
            answer = post(self._rules, address, body, {"Idempotency-Key": dedupe_key})
        except RetryLater:
            self._resting.put(address, unit.now)
            raise
        self._resting.wake(address)
        judge(answer, unit.now)


def _contact(unit: UnitOfWork, organ_id: str) -> Contact:
    """Return the office of the directory, or the one of this installation that it does not hold.

    Raises:
        PolicyRefusal: there is none, or exchange with it is locked.
    """
    contact = find_contact(unit, organ_id)
    if contact is None:
        local = find_local(unit, organ_id)
        if local is None:
            raise refusal("partner.unknown", organ_id)
        return unknown_contact(organ_id, local.name)
    if contact.is_locked:
        raise refusal("partner.locked", organ_id)
    return contact


def _connection(unit: UnitOfWork, contact: Contact) -> str:
    """Return how edXML goes to an office, "" if it takes JSON messages or nothing."""
    if contact.channel:
        return contact.channel
    if find_local(unit, contact.organ_id) is not None:
        return "internal"
    return "exchange" if not contact.endpoint and find_account(unit) is not None else ""


def _keep_order(unit: UnitOfWork, destination: str, payload: Mapping[str, Any], dedupe_key: str) -> None:
    """Wait while an earlier message about the same document is still to be sent.

    Raises:
        RetryLater: until when the earlier one is due.
    """
    about = payload.get("response_for")
    if about is None:
        return
    own = select(_OUTBOX.c.id).where(_OUTBOX.c.dedupe_key == dedupe_key).scalar_subquery()
    earlier = unit.session.execute(
        select(_OUTBOX.c.due_at)
        .where(
            _OUTBOX.c.channel == "exchange",
            _OUTBOX.c.destination == destination,
            _OUTBOX.c.state == "pending",
            _OUTBOX.c.payload["response_for"] == about,
            _OUTBOX.c.id < own,
        )
        .order_by(_OUTBOX.c.id.desc())
        .limit(1),
    ).first()
    if earlier is not None:
        wait = max(timedelta(seconds=1), earlier.due_at - unit.now + timedelta(seconds=1))
        raise RetryLater(fault_text("dispatch.waits"), wait)
