"""The clerical desk of a test: documents arrive, people do their tasks, the clock moves, the worker runs."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from service.actions import deployments, documents, dossiers, intake
from service.actions.document_rows import FileSource
from service.actions.documents import NewDocument
from service.engine.definition.bundle import Bundle
from service.queries.definitions import DefinitionView
from service.storage.models import AuditEvent, Document, Outbox, table_of
from tests.engine.rows.house import ANALYST, House
from tests.pdf_files import plain_pdf

ROOT = Path(__file__).parents[2]
DOCUMENT = table_of(Document)
OUTBOX = table_of(Outbox)
AUDIT = table_of(AuditEvent)

CLERK, LEADER, AIDE = "vanthu", "chanhvp", "troly"
UNIT_HEAD, SPECIALIST, COLLEAGUE = "tp.tonghop", "cv.tonghop1", "cv.tonghop2"
OTHER_HEAD = "tp.hanhchinh"
PARTNER = "A01.02.00"

METADATA: dict[str, Any] = {
    "type_name": "Thông báo",
    "code_number": "05",
    "code_notation": "TB/TU",
    "issued_on": "2026-02-27",
    "organ_name": "Ban Tổ chức Tỉnh ủy (mẫu)",
    "subject": "Thông báo kết luận về công tác cán bộ",
    "signer_position": "Trưởng ban",
    "signer_name": "Nguyễn Văn An",
}
CHECKED = {
    "is_complete": True,
    "is_whole": True,
    "is_authentic": True,
    "is_rightly_addressed": True,
    "legal_value": "original",
    "decision": "accept",
}
CONFIRMED = {name: value for name, value in METADATA.items() if name != "secrecy"}
TO_UNIT = {"decision": "assign", "lead_unit": "tong_hop", "opinion": "Giao Phòng Tổng hợp tham mưu"}
TO_SPECIALIST = {"decision": "assign", "specialist": SPECIALIST}


@dataclass
class Desk(House):
    """A house that works on incoming documents.

    Attributes:
        document_id: of the document that arrived last.
        instance_id: of its process.
    """

    document_id: UUID | None = None
    instance_id: UUID | None = None

    def deploy_bundle(self, key: str = "incoming_document") -> DefinitionView:
        """Deploy a process of the repository."""
        folders = ROOT / "processes"
        bundle = Bundle.from_directory(folders / key, ROOT / "forms", folders / "shared")
        with self.unit(ANALYST) as unit:
            return deployments.deploy(self.runtime.checker, unit, bundle)

    def enter(self, *, pdf: bytes | None = None, login: str = CLERK, **changes: Any) -> UUID:
        """Let a clerk enter a document; returns its id."""
        files = [FileSource("van-ban.pdf", io.BytesIO(plain_pdf() if pdf is None else pdf))]
        options = {"channel": "paper", "is_attested": True, "files": files}
        options |= {
            name: changes.pop(name) for name in tuple(changes) if name in NewDocument.__dataclass_fields__
        }
        new = NewDocument(METADATA | changes, **options)
        entered = self.do(login, lambda unit: documents.enter_document(self.engine, unit, new))
        self.document_id, self.instance_id = entered.document_id, entered.instance_id
        self.run_jobs()
        return entered.document_id

    def packet(self, *, exchange_id: str = "P-1", pdf: bytes | None = None, **changes: Any) -> dict[str, Any]:
        """Return a packet of the partner with one file."""
        content = base64.b64encode(plain_pdf() if pdf is None else pdf).decode()
        return {
            "kind": "new",
            "from": {"organ_id": PARTNER},
            "document": METADATA | {"exchange_id": exchange_id} | changes,
            "files": [{"file_name": "thông báo.pdf", "content": content}],
        }

    def receive(self, packet: Mapping[str, Any] | None = None) -> intake.Received:
        """Take a packet from the exchange."""
        given = self.packet() if packet is None else packet
        received = self.do(None, lambda unit: intake.receive_packet(self.engine, unit, given))
        self.document_id, self.instance_id = received.document_id, received.instance_id
        self.run_jobs()
        return received

    def recall(self, exchange_id: str = "P-1", reason: str = "Ban hành nhầm") -> intake.Received:
        """Let the sender recall the document."""
        packet = {
            "kind": "recall",
            "from": {"organ_id": PARTNER},
            "exchange_id": exchange_id,
            "reason": reason,
        }
        received = self.do(None, lambda unit: intake.receive_packet(self.engine, unit, packet))
        self.run_jobs()
        return received

    def finish(
        self, element: str, data: Mapping[str, Any] | None = None, login: str = CLERK, **more: Any
    ) -> Any:
        """Complete the one open task of an element, then let the worker run."""
        done = self.complete(element, data, login, self.instance_id, **more)
        self.run_jobs()
        return done

    def dossier(self, login: str = SPECIALIST, notation: str = "01.TH") -> str:
        """Open a dossier and return its id."""
        new = dossiers.NewDossier(2026, notation, "Hồ sơ công tác cán bộ năm 2026", "10 năm", "tong_hop")
        return str(self.do(login, lambda unit: dossiers.open_dossier(unit, new)).id)

    def to_registration(self) -> None:
        """Check and confirm: the document is registered."""
        self.finish("check_document", CHECKED)
        self.finish("confirm_metadata", CONFIRMED)

    def to_direction(self) -> None:
        """Up to the leader's task."""
        self.to_registration()
        self.finish("present_document", {"route": "leader", "leader": LEADER})

    def to_assignment(self, **direction: Any) -> None:
        """Up to the unit head's task."""
        self.to_direction()
        self.finish("give_direction", TO_UNIT | direction, LEADER)

    def to_handling(self, direction: Mapping[str, Any] | None = None, **assignment: Any) -> None:
        """Up to the specialist's work on the document."""
        self.to_assignment(**(direction or {}))
        self.finish("assign_specialist", TO_SPECIALIST | assignment, UNIT_HEAD)
        self.finish("start_handling", {}, SPECIALIST)

    def to_completion(self) -> None:
        """From the specialist's work to the end."""
        self.finish("work_on_document", {"outcome": "done", "result": "advised"}, SPECIALIST)
        self.finish("confirm_result", {"decision": "confirm"}, UNIT_HEAD)
        self.finish("file_document", {"dossier_id": self.dossier()}, SPECIALIST)

    def document(self) -> Any:
        """Return the row of the document that arrived last."""
        (row,) = self.rows(DOCUMENT, DOCUMENT.c.id == self.document_id)
        return row

    def trace(self, kind: str) -> list[dict[str, Any]]:
        """Return the lines of one kind in the document's trace."""
        return [line for line in self.document().trace if line["kind"] == kind]

    def sent_codes(self) -> list[str]:
        """Return the status codes sent to the partner, in order."""
        rows = self.rows(OUTBOX, OUTBOX.c.channel == "exchange")
        return [row.payload["status_code"] for row in sorted(rows, key=lambda row: row.id)]

    def notices(self, kind: str) -> list[str]:
        """Return who got notices of a kind."""
        rows = self.rows(OUTBOX, OUTBOX.c.channel == "notice")
        return sorted(row.destination for row in rows if row.payload["kind"] == kind)

    def reached(self) -> list[str]:
        """Return the end events that were reached."""
        entries = self.timeline(self.instance_id)
        steps = [step for entry in entries for step in entry.steps]
        return [step.element_id for step in steps if step.element_type == "endEvent"]


def direct_publicly(desk: Desk) -> None:
    """Let the leader give a direction that opens the document to everyone, the second factor just proved."""
    actor = replace(desk.office.actor_for(LEADER), stepped_up_at=desk.clock.now())
    task = desk.task("give_direction", desk.instance_id)
    with desk.runtime.database.unit_of_work(actor) as unit:
        desk.completion(task.id, TO_UNIT | {"is_public": True})(unit)
    desk.run_jobs()
