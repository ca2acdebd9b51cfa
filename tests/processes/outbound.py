"""An issued document of the house, as the earlier steps leave it, and its real way to the receivers."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, select

from handlers.contract import HandlerContext
from handlers.delivery.delivery_rows import DELIVERY
from handlers.registry import by_operation
from service.actions.document_rows import DOCUMENT, DOCUMENT_FILE
from service.actions.exchange_links import keep_link
from service.domain.ids import new_id
from service.storage.models import Document, DocumentRecipient, Partner, table_of
from service.storage.unit_of_work import UnitOfWork
from tests.engine.rows.house import House
from tests.pdf_files import plain_pdf

RECIPIENT = table_of(DocumentRecipient)
PARTNER_TABLE = table_of(Partner)
ADMIN, CLERK, DRAFTER = "quantri", "vanthu", "cv.tonghop1"
BOARD = "A01.02.00"
"""The partner that most of these tests send to."""


def partner(
    organ_id: str = BOARD, name: str = "Ban Tổ chức Tỉnh ủy (mẫu)", channel: str = ""
) -> dict[str, Any]:
    """Return a partner as a recipient."""
    return {"kind": "partner", "organ_id": organ_id, "name": name, "channel": channel}


@dataclass
class Outbound:
    """The sending side of a house.

    Attributes:
        house: whose documents leave.
        document_id: of the one issued last.
    """

    house: House
    document_id: UUID | None = None
    numbers: int = field(default=0)

    def issue(self, recipients: Sequence[Mapping[str, Any]] = (), **changes: Any) -> UUID:
        """Write an issued document with its PDF and its recipients, as signing and numbering leave it."""
        self.numbers += 1
        chosen = list(recipients) or [partner()]
        with self.house.unit() as unit:
            self.document_id = self._insert(unit, chosen, changes)
        return self.document_id

    def _insert(
        self, unit: UnitOfWork, recipients: Sequence[Mapping[str, Any]], changes: Mapping[str, Any]
    ) -> UUID:
        document_id, ours = new_id(unit.now), {"agency_id": unit.actor.agency_id}
        row = {
            "id": document_id,
            "direction": "outgoing",
            "status": "issued",
            "channel": "upload",
            "type_name": "Công văn",
            "code_number": str(10 + self.numbers),
            "code_notation": "CV/VPTU",
            "issued_on": date(2026, 3, 2),
            "organ_id": "A01.01.00",
            "organ_name": "Văn phòng Tỉnh ủy (mẫu)",
            "subject": "V/v chuẩn bị hội nghị",
            "description": "",
            "language": "vi",
            "signer_position": "Chánh Văn phòng",
            "signer_name": "Trần Văn Minh",
            "to_places": "Như trên; Lưu VT",
            "urgency": "normal",
            "secrecy": "none",
            "category": "general",
            "is_public": False,
            "trace": [],
            "version": 1,
            "created_at": unit.now,
            "created_by_id": self.house.office.accounts[DRAFTER],
            **ours,
        }
        values = row | {name: value for name, value in changes.items() if name in Document.__table__.c}
        unit.session.execute(insert(DOCUMENT).values(values))
        pdf = changes.get("pdf", plain_pdf())
        if pdf is not None:
            self._insert_file(unit, document_id, pdf)
        blank = {"organ_id": None, "unit_id": None, "account_id": None, "channel": "", "purpose": "to"}
        rows = [
            blank
            | dict(one)
            | {"id": new_id(unit.now), "document_id": document_id, "ordinal": number, **ours}
            for number, one in enumerate(recipients)
        ]
        unit.session.execute(insert(RECIPIENT), rows)
        return document_id

    def _insert_file(self, unit: UnitOfWork, document_id: UUID, pdf: bytes) -> None:
        stored = self.house.runtime.blobs.put(unit, io.BytesIO(pdf))
        row = {
            "id": new_id(unit.now),
            "agency_id": unit.actor.agency_id,
            "document_id": document_id,
            "ordinal": 0,
            "version": 1,
            "role": "main",
            "kind": "issued",
            "note": "",
            "file_name": "cong-van.pdf",
            "sha256": stored.sha256,
            "size_bytes": stored.size_bytes,
            "media_type": stored.media_type,
            "added_at": unit.now,
            "reason": "",
        }
        unit.session.execute(insert(DOCUMENT_FILE).values(row))

    def add_partner(self, organ_id: str = BOARD, name: str = "Ban", **more: Any) -> None:
        """Enter a partner into the directory."""
        with self.house.unit() as unit:
            row = {
                "id": new_id(unit.now),
                "agency_id": unit.actor.agency_id,
                "organ_id": organ_id,
                "name": name,
            }
            unit.session.execute(insert(PARTNER_TABLE).values(row | more))

    def link(self, organ_id: str = BOARD, **changes: Any) -> None:
        """Register a partner's connection."""
        sealer = self.house.runtime.sealer
        self.house.do(ADMIN, lambda unit: keep_link(unit, sealer, organ_id, changes))

    def run(self, operation: str, key: UUID | None = None, **params: Any) -> Any:
        """Run an operation as a service task would."""

        def call(unit: UnitOfWork) -> Any:
            context = HandlerContext(
                unit, uuid4(), "step", None, key or uuid4(), self.house.engine.resources.handler_resources
            )
            return by_operation()[operation]({"document_id": str(self.document_id)} | params, context)

        return self.house.do(None, call)

    def dispatch(self, mode: str = "electronic", **more: Any) -> Any:
        """Send the document."""
        return self.run("delivery.dispatch", mode=mode, **more)

    def summary(self) -> dict[str, Any]:
        """Return how far the document came."""
        return dict(self.run("delivery.summary"))

    def board(self) -> list[Any]:
        """Return the rows of its deliveries."""
        statement = select(DELIVERY).where(DELIVERY.c.document_id == self.document_id).order_by(DELIVERY.c.id)
        with self.house.unit() as unit:
            return list(unit.session.execute(statement))

    def states(self) -> list[str]:
        """Return the states of its deliveries."""
        return [row.state for row in self.board()]
