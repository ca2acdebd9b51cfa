"""Over the exchange axis: the package is handed to it, addressed to the receiver's identifier."""

from __future__ import annotations

from typing import BinaryIO, cast

from sqlalchemy import select

from handlers.delivery.peers import PeerRules, refusal
from handlers.delivery.wires import Parcel, packed
from handlers.exchange.axis_client import AxisAccount, AxisClient
from service.storage.models import ExchangeAxis, table_of
from service.storage.unit_of_work import UnitOfWork

AXIS = table_of(ExchangeAxis)


def find_account(unit: UnitOfWork) -> AxisAccount | None:
    """Return the agency's account on the axis, or None if it has none that is in use."""
    row = unit.session.execute(select(AXIS).where(AXIS.c.is_enabled)).first()
    return None if row is None else AxisAccount(row.endpoint, row.system_id, row.token)


class AxisWire:
    """Sends packages by the agency's account on the axis.

    Args:
        rules: how far a call may go.
    """

    def __init__(self, rules: PeerRules) -> None:
        self._rules = rules

    def carry(self, unit: UnitOfWork, parcel: Parcel) -> None:
        """Hand the parcel to the axis; see :class:`~handlers.delivery.wires.Wire`."""
        account = find_account(unit)
        if account is None:
            raise refusal("axis.not_set_up")
        client = AxisClient(self._rules, account)
        with packed(parcel) as (stream, size):
            client.send(unit, parcel.kind, parcel.receiver.organ_id, cast("BinaryIO", stream), size)
