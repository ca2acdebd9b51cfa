"""Between two offices of one installation: the receiver's own unit of work takes what the sender hands over.

Nothing reaches across agencies but this: a unit of work of the receiving agency, opened under its own
identifier, in which the same action runs that a package from outside would run. It commits by itself; if the
sender's worker dies before it notes the success, the same document comes again and changes nothing.
"""

from __future__ import annotations

from contextlib import ExitStack

from handlers.delivery.contacts import find_local
from handlers.delivery.organs import own_organs
from handlers.delivery.peers import refusal
from handlers.delivery.wires import Parcel
from service.actions.document_rows import FileSource
from service.actions.exchange import Incoming, internal_key, local_sender, take_message
from service.domain.actors import system_actor
from service.engine.engine import ProcessEngine
from service.storage.database import Database
from service.storage.unit_of_work import UnitOfWork


class InternalWire:
    """Hands parcels to other offices of this installation.

    Args:
        database: opens the receiver's unit of work.
        engine: starts the receiver's process.
    """

    def __init__(self, database: Database, engine: ProcessEngine) -> None:
        self._database = database
        self._engine = engine

    def carry(self, unit: UnitOfWork, parcel: Parcel) -> None:
        """Hand the parcel over; see :class:`~handlers.delivery.wires.Wire`."""
        sender = parcel.message.sender
        there = find_local(unit, parcel.receiver.organ_id)
        if there is None or sender.organ_id not in own_organs(unit, with_closed=True):
            raise refusal("partner.unknown", parcel.receiver.organ_id if there is None else sender.organ_id)
        actor = system_actor(there.agency_id, there.code, unit.actor.request_id)
        with ExitStack() as opened, self._database.unit_of_work(actor) as receiving:
            files = [FileSource(file.note.name, opened.enter_context(file.open())) for file in parcel.files]
            incoming = Incoming(
                "internal",
                local_sender(receiving, sender),
                parcel.message,
                internal_key(parcel.message),
                tuple(files),
            )
            take_message(self._engine, receiving, incoming)
