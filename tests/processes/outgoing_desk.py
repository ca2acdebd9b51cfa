"""A desk that issues documents: real drafts, real keys and signatures, deliveries to a partner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from handlers.resources import HandlerResources
from handlers.signing.acts import SIGNATURE
from service.actions import intake, signing, user_tasks
from service.actions.draft_rows import DraftFacts
from service.actions.drafts import change_draft, create_draft
from service.actions.receipts import take_status
from service.actions.signing_keys import NewKey, register_key
from service.domain.edxml import DocumentReference, Organ, StatusLetter
from service.domain.ids import new_id
from service.domain.step_up import STEP_UP_VALIDITY
from service.storage.models import Delivery, DocumentFile, Draft, Partner, RegistryEntry, table_of
from service.storage.unit_of_work import UnitOfWork
from tests.handlers.drafts.drafting import FACTS
from tests.handlers.signing.office import BODY, new_keys, put_keys
from tests.processes.desk import (
    AIDE,
    CLERK,
    COLLEAGUE,
    LEADER,
    OTHER_HEAD,
    OUTBOX,
    PARTNER,
    SPECIALIST,
    UNIT_HEAD,
)
from tests.processes.slip_desk import SECOND_LEADER, SlipDesk, at

FILE = table_of(DocumentFile)
DRAFT = table_of(Draft)
ENTRY = table_of(RegistryEntry)
DELIVERY = table_of(Delivery)
PARTNER_NAME = "Ban Tổ chức Tỉnh ủy (mẫu)"
SUBMITTED = {"action": "submit"}


@dataclass
class OutgoingDesk(SlipDesk):
    """A desk with keys on record and the outgoing process deployed."""

    def set_up(self) -> None:
        """Write trust and keys, register them, deploy the process."""
        put_keys(self.resources.signing, self.clock.now())
        for login, new in new_keys().items():
            self.register(login, new)
        with self.unit() as unit:
            row = {"id": new_id(unit.now), "agency_id": self.office.agency_id, "organ_id": PARTNER}
            row |= {"name": PARTNER_NAME, "endpoint": "https://bantochuc.example/edxml"}
            unit.session.execute(insert(table_of(Partner)).values(row).on_conflict_do_nothing())
        self.deploy_bundle("outgoing_document")

    @property
    def resources(self) -> HandlerResources:
        """Return what handlers are given."""
        found: HandlerResources = self.engine.resources.handler_resources
        return found

    def stepped_up_unit(self, login: str) -> UnitOfWork:
        """Return a unit of work of a person who has just proved their second factor."""
        actor = replace(self.office.actor_for(login), stepped_up_at=self.clock.now() - STEP_UP_VALIDITY / 2)
        return self.runtime.database.unit_of_work(actor)

    def register(self, login: str, new: NewKey) -> Any:
        """Register a key as a person."""
        with self.stepped_up_unit(login) as unit:
            return register_key(unit, self.resources, new)

    def draft(self, login: str = SPECIALIST, **changes: Any) -> UUID:
        """Let a person begin a draft; its process starts with it."""
        facts = DraftFacts(**{**FACTS, "signer": LEADER, "capacity": "TM", **changes})
        drafted = self.do(login, lambda unit: create_draft(self.engine, unit, BODY, facts))
        self.document_id, self.instance_id = drafted.document_id, drafted.instance_id
        self.run_jobs()
        return drafted.document_id

    def edit(self, login: str, **changes: Any) -> Any:
        """Let a person change what the draft says."""
        facts = DraftFacts(**{**FACTS, "signer": LEADER, "capacity": "TM", **changes})
        document_id = self.document_id
        return self.do(
            login,
            lambda unit: change_draft(
                unit, self.resources, document_id, facts, why="Sửa thể thức", seen_version=None
            ),
        )

    def consent(self, login: str, act: str) -> str:
        """Give a consent as a person, about the newest file; return its id."""
        options = {"act": act, "file_sha256": bytes(self.main_file().sha256), "method": "stored_key"}
        document_id = self.document_id
        assert document_id
        with self.stepped_up_unit(login) as unit:
            return str(
                signing.give_consent(unit, self.resources, document_id, signing.NewConsent(**options)).id
            )

    def run_jobs(self) -> int:
        """Run jobs until none is left: one may lead to the next."""
        total = 0
        while done := super().run_jobs():
            total += done
        return total

    # --- the way through ---

    def to_review(self, login: str = SPECIALIST, edit: dict[str, Any] | None = None, **changes: Any) -> None:
        """Up to the unit head's task."""
        self.draft(login, **changes)
        self.finish("edit_draft", SUBMITTED | (edit or {}), login)

    def to_aide(self, **changes: Any) -> None:
        """Up to the aide's check of the dossier."""
        self.to_review(**changes)
        self.finish("review_draft", {"decision": "up"}, UNIT_HEAD)

    def to_signer(self, **changes: Any) -> None:
        """Up to the signer's task."""
        self.to_aide(**changes)
        self.finish("check_dossier", {"decision": "forward"}, AIDE)

    def sign(self, **more: Any) -> None:
        """Let the leader sign."""
        self.finish(
            "sign_draft", {"decision": "sign", "consent_id": self.consent(LEADER, "leader")} | more, LEADER
        )

    def to_format_check(self, **changes: Any) -> None:
        """Up to the clerk's check of the form."""
        self.to_signer(**changes)
        self.sign()

    def to_seal(self, **changes: Any) -> None:
        """Up to the clerk's number and seal."""
        self.to_format_check(**changes)
        self.finish("check_format", {"decision": "pass"})

    def seal(self, **more: Any) -> None:
        """Let the clerk number, seal and issue."""
        self.finish("seal_document", {"consent_id": self.consent(CLERK, "seal")} | more)

    def to_issue(self, **changes: Any) -> None:
        """Up to the tracking of the issued document."""
        self.to_seal(**changes)
        self.seal()

    def receipt(self, code: str, description: str = "", organ_id: str = PARTNER) -> None:
        """Let a receiver's status come back: the board moves and the process hears of it."""
        (delivery,) = [one for one in self.board() if one.organ_id == organ_id and one.channel != "paper"]
        about = DocumentReference(organ_id, document_id=delivery.exchange_id)
        status = StatusLetter(Organ(organ_id), about, code, description, self.clock.now())
        sender = intake.Sender(organ_id, delivery.receiver_name)
        self.do(None, lambda unit: take_status(unit, sender, status, new_id(unit.now)))
        sent = self.rows(OUTBOX, OUTBOX.c.channel == "message", OUTBOX.c.destination == "document_receipt")
        payload = max(sent, key=lambda row: row.id).payload["payload"]
        self.message("document_receipt", str(self.document_id), **payload)
        self.run_jobs()

    def claim(self, task_id: UUID, login: str) -> None:
        """Let a person take a task: whoever has one may change the draft."""
        self.do(login, lambda unit: user_tasks.claim(unit, task_id, None))

    def comment_on_draft(self, login: str, opinion: Mapping[str, Any]) -> None:
        """Let the head of an asked unit give its opinion on the draft."""
        (task,) = [
            one for one in self.tasks(self.instance_id, login) if one.element_id == "give_draft_opinion"
        ]
        self.do(login, self.completion(task.id, opinion))
        self.run_jobs()

    # --- what there is ---

    def main_file(self) -> Any:
        """Return the newest version of the main file."""
        found = self.rows(FILE, FILE.c.document_id == self.document_id, FILE.c.role == "main")
        return max(found, key=lambda row: row.version)

    def content(self) -> bytes:
        """Return the bytes of the newest version of the main file."""
        return self.runtime.blobs.path_of(bytes(self.main_file().sha256)).read_bytes()

    def signatures(self, *, is_standing: bool = True) -> list[str]:
        """Return the acts of the signatures on record that stand, or that were voided."""
        rows = self.rows(SIGNATURE, SIGNATURE.c.document_id == self.document_id)
        return sorted(row.act for row in rows if (row.voided_at is None) == is_standing)

    def board(self) -> list[Any]:
        """Return the document's deliveries, oldest first."""
        rows = self.rows(DELIVERY, DELIVERY.c.document_id == self.document_id)
        return sorted(rows, key=lambda row: row.id)

    def ways(self) -> list[tuple[str, str]]:
        """Return receiver and channel of each delivery, sorted."""
        return sorted((one.receiver_name, one.channel) for one in self.board())

    def statuses(self) -> list[str]:
        """Return the statuses that the document went through, in order."""
        return [line["status"] for line in self.trace("status")]


__all__ = [
    "AIDE",
    "CLERK",
    "COLLEAGUE",
    "ENTRY",
    "LEADER",
    "OTHER_HEAD",
    "PARTNER_NAME",
    "SECOND_LEADER",
    "SPECIALIST",
    "UNIT_HEAD",
    "OutgoingDesk",
    "at",
]
