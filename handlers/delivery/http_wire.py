"""Straight to the other installation: the package is posted to its registered address."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import BinaryIO, Final, cast

from handlers.contract import RetryLater
from handlers.delivery.peers import PeerRequest, PeerRules, call, judge, refusal
from handlers.delivery.wires import Parcel, packed
from service.domain.dispatch_faults import fault_text
from service.domain.sealing import Sealer
from service.storage.unit_of_work import UnitOfWork

MEDIA_TYPE: Final = "application/edxml+xml"
PACKAGE_SECONDS: Final = 300.0
"""For a whole package, however large, to be handed over."""

REST: Final = timedelta(seconds=20)
"""So long a peer that could not be reached is left alone: others must not wait for its time-outs."""


class RestingPeers:
    """Remembers which peers could not be reached a moment ago."""

    def __init__(self) -> None:
        self._until: dict[str, datetime] = {}

    def check(self, address: str, now: datetime) -> None:
        """Refuse to call a peer that rests.

        Raises:
            RetryLater: it rests.
        """
        until = self._until.get(address)
        if until is not None and now < until:
            raise RetryLater(fault_text("peer.unreachable", "resting"))

    def put(self, address: str, now: datetime) -> None:
        """Let a peer rest."""
        self._until[address] = now + REST

    def wake(self, address: str) -> None:
        """Forget that a peer rested."""
        self._until.pop(address, None)


class HttpWire:
    """Posts edXML to the partner's endpoint, with the token that the partner gave us.

    Args:
        rules: how far a call may go.
        sealer: opens the tokens that partners gave us.
    """

    def __init__(self, rules: PeerRules, sealer: Sealer) -> None:
        self._rules = rules
        self._sealer = sealer
        self._resting = RestingPeers()

    def carry(self, unit: UnitOfWork, parcel: Parcel) -> None:
        """Post the parcel; see :class:`~handlers.delivery.wires.Wire`."""
        receiver = parcel.receiver
        if not receiver.endpoint:
            raise refusal("partner.no_endpoint", receiver.organ_id)
        self._resting.check(receiver.endpoint, unit.now)
        headers = {"Content-Type": MEDIA_TYPE, "Idempotency-Key": parcel.dedupe_key}
        if receiver.sealed_token:
            token = self._sealer.open(receiver.sealed_token, f"exchange_link:{receiver.link_id}")
            headers["Authorization"] = f"Bearer {token}"
        with packed(parcel) as (stream, size):
            headers["Content-Length"] = str(size)
            request = PeerRequest("POST", receiver.endpoint, headers, cast("BinaryIO", stream))
            try:
                answer = call(self._rules, request)
            except RetryLater:
                self._resting.put(receiver.endpoint, unit.now)
                raise
        self._resting.wake(receiver.endpoint)
        judge(answer, unit.now)
