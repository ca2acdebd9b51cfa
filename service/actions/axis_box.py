"""Emptying the agency's box on the exchange axis: each package is taken in a unit of work of its own.

What is taken, or will never be taken, is reported to the axis and waits there no longer; what cannot be taken
now stays and comes again in the next round, after what came since. A package over which a round breaks off
was marked before, and stands behind all others from then on: no package holds up the next.
"""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import update

from handlers.contract import RetryLater
from handlers.delivery.axis_wire import AXIS, find_account, open_account
from handlers.delivery.peers import PeerRules
from handlers.exchange.axis_client import AxisClient, BoxEntry
from service.actions.exchange import receive_package
from service.domain.actors import Actor, system_actor
from service.domain.dispatch_faults import fault_of
from service.domain.errors import CongVanError
from service.domain.sealing import Sealer
from service.engine.engine import ProcessEngine
from service.storage.database import Database
from service.storage.unit_of_work import AuditRecord, UnitOfWork

log = logging.getLogger("congvan.exchange")

EVERY: Final = timedelta(seconds=15)
AFTER_FAULT: Final = timedelta(seconds=60)
_PASSING: Final = frozenset({"message.no_receiver", "process_instance.suspended"})


@dataclass(frozen=True, slots=True)
class AxisTools:
    """What emptying a box needs of the house."""

    database: Database
    engine: ProcessEngine
    rules: PeerRules
    sealer: Sealer


def empty_box(tools: AxisTools, agency_id: UUID, agency_code: str) -> int:
    """Take what waits in an agency's box; return how many packages had their effect."""
    actor = system_actor(agency_id, agency_code, "axis")
    with tools.database.unit_of_work(actor) as unit:
        row = find_account(unit)
        if row is None:
            return 0
        _put_off(unit)
        client = AxisClient(tools.rules, open_account(row, tools.sealer))
    try:
        taken = _take_all(tools, actor, client)
    except RetryLater as error:
        fault = error.reason
    except CongVanError as error:
        fault = fault_of(error)
    else:
        _note(tools, actor, None)
        return taken
    _note(tools, actor, fault)
    return 0


def _take_all(tools: AxisTools, actor: Actor, client: AxisClient) -> int:
    entries = sorted(client.received(tools.database.clock.now()), key=lambda entry: entry.was_tried)
    return sum(_take(tools, actor, client, entry) for entry in entries)


def _take(tools: AxisTools, actor: Actor, client: AxisClient, entry: BoxEntry) -> bool:
    """Take one package; return whether it had its effect.

    Raises:
        RetryLater: the axis does not answer.
        CongVanError: the axis refuses.
    """
    content = client.fetch(tools.database.clock.now(), entry.package_id)
    if not entry.was_tried:
        client.update(tools.database.clock.now(), entry.package_id, "processing")
    try:
        with tools.database.unit_of_work(actor) as unit:
            receive_package(tools.engine, unit, io.BytesIO(content), "exchange")
    except CongVanError as error:
        if error.kind == "unavailable" or error.code in _PASSING:
            return False
        log.warning(
            "a package of the axis is not taken",
            extra={"action": "axis.refuse", "package": entry.package_id, "code": error.code},
        )
        _refuse(tools, actor, client, entry, error)
        return False
    client.update(tools.database.clock.now(), entry.package_id, "done")
    return True


def _refuse(tools: AxisTools, actor: Actor, client: AxisClient, entry: BoxEntry, error: CongVanError) -> None:
    """Tell the axis that a package will not be taken, and keep an audit event of it."""
    client.update(tools.database.clock.now(), entry.package_id, "fail")
    with tools.database.unit_of_work(actor) as unit:
        details = {"package": entry.package_id, "sender": entry.sender, "code": error.code}
        unit.audit(AuditRecord("packet.refused", "packet", None, details))


def _put_off(unit: UnitOfWork) -> None:
    """Let other agencies' boxes come first, should this round break off."""
    due_at = unit.now + AFTER_FAULT
    unit.session.execute(
        update(AXIS).where(AXIS.c.agency_id == unit.actor.agency_id).values(poll_due_at=due_at)
    )


def _note(tools: AxisTools, actor: Actor, fault: str | None) -> None:
    with tools.database.unit_of_work(actor) as unit:
        values = {
            "poll_due_at": unit.now + (AFTER_FAULT if fault else EVERY),
            "polled_at": unit.now,
            "last_error": fault,
        }
        unit.session.execute(update(AXIS).where(AXIS.c.agency_id == actor.agency_id).values(**values))
