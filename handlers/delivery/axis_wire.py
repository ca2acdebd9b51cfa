"""Over the exchange axis: the package is handed to it, addressed to the receiver's identifier."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from sqlalchemy import Row, select

from handlers.delivery.peers import PeerRules, refusal
from handlers.delivery.wires import Parcel, packed
from handlers.exchange.axis_client import AxisAccount, AxisClient
from service.domain.sealing import Sealer
from service.storage.models import ExchangeAxis, table_of
from service.storage.unit_of_work import UnitOfWork

AXIS = table_of(ExchangeAxis)


def find_account(unit: UnitOfWork) -> Row[Any] | None:
    """Return the row of the agency's account on the axis, or None if it has none that is in use."""
    return unit.session.execute(select(AXIS).where(AXIS.c.is_enabled)).first()


def open_account(row: Row[Any], sealer: Sealer) -> AxisAccount:
    """Return the account of a row, its token opened.

    Raises:
        Unavailable: the token cannot be opened.
    """
    token = sealer.open(row.token, f"exchange_axis:{row.agency_id}")
    return AxisAccount(row.endpoint, row.system_id, token)


class AxisWire:
    """Sends packages by the agency's account on the axis.

    Args:
        rules: how far a call may go.
        sealer: opens the account's token.
    """

    def __init__(self, rules: PeerRules, sealer: Sealer) -> None:
        self._rules = rules
        self._sealer = sealer

    def carry(self, unit: UnitOfWork, parcel: Parcel) -> None:
        """Hand the parcel to the axis; see :class:`~handlers.delivery.wires.Wire`."""
        account = find_account(unit)
        if account is None:
            raise refusal("axis.not_set_up")
        client = AxisClient(self._rules, open_account(account, self._sealer))
        with packed(parcel) as (stream, size):
            client.send(unit.now, parcel.kind, parcel.receiver.organ_id, cast("BinaryIO", stream), size)
