"""The way out to partner offices: a status message as JSON to the partner's registered address (S3-14.2a).

The receiver drops repetitions by ``Idempotency-Key``: after a killed worker or a lost answer the same
message goes again under the same key. Messages about one document go in their order.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select

from handlers.contract import RetryLater
from handlers.delivery.peers import PeerRules, judge, post, refusal
from service.domain.dispatch_faults import fault_text
from service.storage.models import Outbox, Partner, table_of
from service.storage.unit_of_work import UnitOfWork

_OUTBOX = table_of(Outbox)
_PARTNER = table_of(Partner)

_REST: Final = timedelta(seconds=20)
"""So long a peer that could not be reached is left alone: others must not wait for its time-outs."""


class ExchangeChannel:
    """Sends to registered addresses of the directory, and nowhere else.

    Args:
        rules: how far a call may go.
    """

    def __init__(self, rules: PeerRules) -> None:
        self._rules = rules
        self._resting: dict[str, datetime] = {}

    def send(self, unit: UnitOfWork, destination: str, payload: Mapping[str, Any], dedupe_key: str) -> None:
        """Hand one message to the partner office ``destination`` (its organ id).

        Raises:
            RetryLater: the partner does not answer now, or an earlier message about the document waits.
            PolicyRefusal: it has no address, or refuses the message.
        """
        address = _address_of(unit, destination)
        _keep_order(unit, destination, payload, dedupe_key)
        rest = self._resting.get(address)
        if rest is not None and unit.now < rest:
            raise RetryLater(fault_text("peer.unreachable", "resting"))
        body = json.dumps(payload, ensure_ascii=False).encode()
        try:
            answer = post(self._rules, address, body, {"Idempotency-Key": dedupe_key})
        except RetryLater:
            self._resting[address] = unit.now + _REST
            raise
        self._resting.pop(address, None)
        judge(answer, unit.now)


def _address_of(unit: UnitOfWork, organ_id: str) -> str:
    found = unit.session.execute(select(_PARTNER.c.endpoint).where(_PARTNER.c.organ_id == organ_id)).first()
    if found is None:
        raise refusal("partner.unknown", organ_id)
    if not found.endpoint:
        raise refusal("partner.no_endpoint", organ_id)
    return str(found.endpoint)


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
