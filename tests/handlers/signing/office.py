"""An office that signs: keys on record, an outgoing document with its fields, and a process that signs it."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from sqlalchemy import insert, select, update

from handlers.resources import HandlerResources
from handlers.signing.acts import SIGNATURE
from handlers.signing.demo_authority import DemoAuthority, Holder
from handlers.signing.fields import prepare
from handlers.signing.key_ring import COMMON_PASSPHRASE
from handlers.signing.keys import Pkcs12Key
from handlers.signing.pdf_inspector import inspect
from service.actions import signing
from service.actions.signing_keys import NewKey, register_key
from service.domain.actors import Actor
from service.domain.ids import new_id
from service.domain.signatures import SignatureLayout
from service.domain.signing_places import SigningPlaces
from service.domain.step_up import STEP_UP_VALIDITY
from service.queries.consents import ConsentView
from service.storage.models import Blob, Document, DocumentFile, Draft, RegistryEntry, table_of
from service.storage.unit_of_work import UnitOfWork
from tests.engine.rows.house import House, form, process, task
from tests.engine.spiff.bpmn import boundary, end, error, flow, path, service, start
from tests.handlers.signing.desk import LAYOUT, draw_seal, draw_signature
from tests.harness import OPENING
from tests.pdf_files import plain_pdf

LEADER, UNIT_HEAD, CLERK, DRAFTER = "chanhvp", "tp.tonghop", "vanthu", "cv.tonghop1"
PASSPHRASE = "khóa thử nghiệm"
BODY = "tinhuy"
UNIT_HEAD_TOKEN, BODY_TOKEN = "tp.tonghop.token", "tinhuy.token"
"""Other keys of the same two, for what comes after their first was disabled."""
DOCUMENT = table_of(Document)
FILE = table_of(DocumentFile)
DRAFT = table_of(Draft)
ENTRY = table_of(RegistryEntry)
BLOB = table_of(Blob)
CONSENT_FORM = form("consent_id", consent_id={"type": "string", "maxLength": 60})


@cache
def authority() -> tuple[DemoAuthority, dict[str, Holder]]:
    """Return the authority of all tests and the keys that it issued, made once."""
    made = DemoAuthority.create(OPENING)
    return made, {
        LEADER: made.issue_person("Trần Văn Minh", "Văn phòng Tỉnh ủy (mẫu)"),
        UNIT_HEAD: made.issue_person("Hoàng Đức Thắng", "Văn phòng Tỉnh ủy (mẫu)"),
        UNIT_HEAD_TOKEN: made.issue_person("Hoàng Đức Thắng", "Văn phòng Tỉnh ủy (mẫu)"),
        BODY: made.issue_agency("Tỉnh ủy Sông Hồng", "A01.01"),
        BODY_TOKEN: made.issue_agency("Tỉnh ủy Sông Hồng", "A01.01"),
        "tsa": made.issue_timestamper("Dịch vụ dấu thời gian"),
    }


def unlocked(name: str) -> Pkcs12Key:
    """Return a key as its holder has it."""
    return Pkcs12Key.open(locked(name), PASSPHRASE)


@cache
def locked(name: str) -> bytes:
    """Return a key's file, locked by few rounds: hundreds of tests open it."""
    made, holders = authority()
    holder = holders[name]
    lock = serialization.PrivateFormat.PKCS12.encryption_builder().kdf_rounds(100).build(PASSPHRASE.encode())
    return pkcs12.serialize_key_and_certificates(
        name.encode(), holder.key, holder.certificate, [made.issuer.certificate], lock
    )


def put_keys(places: SigningPlaces, at: datetime) -> None:
    """Write what an installation that signs has: whom it trusts, and the keys of the three who sign."""
    assert places.trust_dir
    assert places.key_dir
    authority()[0].save_trust(places.trust_dir, at)
    places.key_dir.mkdir(parents=True, exist_ok=True)
    (places.key_dir / COMMON_PASSPHRASE).write_text(PASSPHRASE + "\n", encoding="utf-8")
    for name in (LEADER, UNIT_HEAD, BODY):
        (places.key_dir / f"{name}.p12").write_bytes(locked(name))


def new_keys() -> dict[str, NewKey]:
    """Return what each of the three registers, by login."""
    blue, red = png(draw_signature()), png(draw_seal())
    return {
        LEADER: NewKey("pkcs12", reference=LEADER, image=blue),
        UNIT_HEAD: NewKey("pkcs12", reference=UNIT_HEAD, image=blue),
        CLERK: NewKey("pkcs12", issuing_body=BODY, reference=BODY, image=red),
    }


def png(content: bytes) -> str:
    """Return an image as the API takes it."""
    return base64.b64encode(content).decode()


def signing_process() -> tuple[str, ...]:
    """Return a process whose leader signs and whose clerk seals; what is refused comes back to them."""
    tasks = (
        task("initial", '"user:tp.tonghop"', form="shared/consent"),
        task("approve", '"user:chanhvp"', form="shared/consent"),
        task("seal", '"role:clerk"', form="shared/consent"),
    )
    given = {"document_id": "document_id", "consent_id": "consent_id"}
    steps = (
        service("sign_initials", "sign.approve", "initialled", **given),
        service("sign_leader", "sign.approve", "approved", **given),
        service("seal_it", "seal.issue", "sealed", **given),
        service("raise_it", "signature.raise", "raised", document_id="document_id"),
    )
    back = (
        boundary("initials_refused", "sign_initials", error("signature.refused")),
        flow("initials_refused", "initial"),
        boundary("leader_refused", "sign_leader", error("signature.refused")),
        flow("leader_refused", "approve"),
        boundary("seal_refused", "seal_it", error("seal.refused")),
        flow("seal_refused", "seal"),
    )
    flows = path("s initial sign_initials approve sign_leader seal seal_it raise_it e")
    return (process("sign_trial", start(), *tasks, *steps, *back, end(), flows),)


@dataclass
class SigningOffice(House):
    """A house with keys, one outgoing document and its process.

    Attributes:
        document_id: of the document.
        instance_id: of its process.
    """

    document_id: UUID = field(default=UUID(int=0))
    instance_id: UUID = field(default=UUID(int=0))

    @property
    def resources(self) -> HandlerResources:
        """Return what handlers are given."""
        found: HandlerResources = self.engine.resources.handler_resources
        return found

    def with_signing(self, **changes: Any) -> None:
        """Change where signing finds what it needs."""
        engine = self.engine.resources
        places = replace(self.resources.signing, **changes)
        resources = replace(engine, handler_resources=replace(self.resources, signing=places))
        self.runtime = replace(self.runtime, engine=type(self.engine)(resources))

    def set_up(self) -> None:
        """Write trust and keys, register them, deploy the process, and draft a document."""
        put_keys(self.resources.signing, self.clock.now())
        for login, new in new_keys().items():
            self.register(login, new)
        forms = {"shared/consent": CONSENT_FORM}
        self.deploy(*signing_process(), forms=forms, errors="signature.refused seal.refused")
        self.draft()

    def stepped_up(self, login: str) -> Actor:
        """Return a person who has just proved their second factor."""
        moment = self.clock.now() - STEP_UP_VALIDITY / 2
        return replace(self.office.actor_for(login), stepped_up_at=moment)

    def stepped_up_unit(self, login: str) -> UnitOfWork:
        """Return a unit of work of such a person."""
        return self.runtime.database.unit_of_work(self.stepped_up(login))

    def register(self, login: str, new: NewKey) -> Any:
        """Register a key as a person."""
        with self.stepped_up_unit(login) as unit:
            return register_key(unit, self.resources, new)

    def draft(self, layout: SignatureLayout = LAYOUT, **changes: Any) -> UUID:
        """Write an outgoing document whose file is ready to be signed, and start its process."""
        stream = BytesIO(plain_pdf())
        prepare(stream, layout)
        with self.unit(DRAFTER) as unit:
            self.document_id = self._insert_document(unit, stream, **changes)
        variables = {"document_id": str(self.document_id), "consent_id": ""}
        self.instance_id = self.start("sign_trial", variables, login=DRAFTER)
        with self.unit() as unit:
            statement = update(DOCUMENT).where(DOCUMENT.c.id == self.document_id)
            unit.session.execute(statement.values(instance_id=self.instance_id))
        return self.document_id

    def add_file(self, content: bytes, ordinal: int, role: str, kind: str) -> UUID:
        """Add a file to the document."""
        with self.unit(DRAFTER) as unit:
            return self._insert_file(unit, self.document_id, BytesIO(content), ordinal, role, kind)

    def consent(self, login: str, act: str, **changes: Any) -> ConsentView:
        """Give a consent as a person, about the newest file."""
        options = {"act": act, "file_sha256": bytes(self.main_file().sha256), "method": "stored_key"}
        with self.stepped_up_unit(login) as unit:
            new = signing.NewConsent(**(options | changes))
            return signing.give_consent(unit, self.resources, self.document_id, new)

    def give(self, login: str, consent_id: UUID, given: signing.SignatureGiven) -> ConsentView:
        """Give a signature back."""
        with self.unit(login) as unit:
            return signing.give_signature(unit, self.resources, self.document_id, consent_id, given)

    def hand_in(self, element: str, login: str, consent_id: Any) -> None:
        """Complete a task with a consent; the process signs with it, or comes back."""
        self.complete(element, {"consent_id": str(consent_id)}, login, self.instance_id)

    def initialled(self) -> None:
        """Bring the document to the leader."""
        self.hand_in("initial", UNIT_HEAD, self.consent(UNIT_HEAD, "initials").id)

    def approved(self) -> None:
        """Bring the document to the clerk."""
        self.initialled()
        self.hand_in("approve", LEADER, self.consent(LEADER, "leader").id)

    def sealed(self) -> None:
        """Bring the document to its end."""
        self.approved()
        self.hand_in("seal", CLERK, self.consent(CLERK, "seal").id)
        self.run_jobs()

    def refusal(self) -> str:
        """Return why the process came back the last time."""
        return str(self.variables(self.instance_id)["error_message"])

    def document(self) -> Any:
        """Return the document's row."""
        (row,) = self.rows(DOCUMENT, DOCUMENT.c.id == self.document_id)
        return row

    def main_file(self) -> Any:
        """Return the newest version of the main file."""
        found = self.rows(FILE, FILE.c.document_id == self.document_id, FILE.c.role == "main")
        return max(found, key=lambda row: row.version)

    def content(self) -> bytes:
        """Return the bytes of the newest version of the main file."""
        return self.runtime.blobs.path_of(bytes(self.main_file().sha256)).read_bytes()

    def signatures(self) -> list[Any]:
        """Return the signatures on record, oldest first."""
        rows = self.rows(SIGNATURE, SIGNATURE.c.document_id == self.document_id)
        return sorted(rows, key=lambda row: (row.signed_at, row.id))

    def entries(self) -> list[Any]:
        """Return the lines of all registers, by number."""
        statement = select(ENTRY).order_by(ENTRY.c.series_id, ENTRY.c.number)
        return self.do(None, lambda unit: unit.session.execute(statement).all())

    def _insert_document(self, unit: UnitOfWork, stream: BytesIO, **changes: Any) -> UUID:
        document_id = new_id(unit.now)
        texts = ("code_number", "code_notation", "description", "to_places")
        row = dict.fromkeys(texts, "") | {
            "id": document_id,
            "agency_id": self.office.agency_id,
            "direction": "outgoing",
            "status": "awaiting_signature",
            "channel": "upload",
            "type_name": "Thông báo",
            "organ_name": "Tỉnh ủy Sông Hồng",
            "subject": "Thông báo lịch làm việc tuần",
            "language": "vi",
            "signer_name": "Trần Văn Minh",
            "signer_position": "Chánh Văn phòng",
            "urgency": "normal",
            "secrecy": "none",
            "category": "general",
            "is_public": False,
            "trace": [],
            "version": 1,
            "created_at": unit.now,
            "created_by_id": unit.actor.account_id,
        }
        draft = {
            "document_id": document_id,
            "agency_id": self.office.agency_id,
            "profile": "party",
            "profile_from": OPENING.date(),
            "type_code": "TB",
            "issuing_body_id": self.office.bodies[changes.pop("body", BODY)],
            "drafting_unit_id": self.office.units["tong_hop"],
            "drafter_id": self.office.accounts[DRAFTER],
            "signer_id": self.office.accounts[changes.pop("signer", LEADER)],
            "capacity": "",
            "signer_position": "Chánh Văn phòng",
            "fields": changes.pop("fields", {}),
            "origin": "template",
            "current_version": 1,
        }
        draft |= {name: changes.pop(name) for name in tuple(changes) if name in DRAFT.c}
        unit.session.execute(insert(DOCUMENT).values(row | changes))
        unit.session.execute(insert(DRAFT).values(draft))
        self._insert_file(unit, document_id, stream, 0, "main", "final")
        return document_id

    def _insert_file(  # noqa: PLR0917 - a row's columns
        self, unit: UnitOfWork, document_id: UUID, stream: BytesIO, ordinal: int, role: str, kind: str
    ) -> UUID:
        stream.seek(0)
        stored = self.runtime.blobs.put(unit, stream)
        row = {
            "id": new_id(unit.now),
            "agency_id": self.office.agency_id,
            "document_id": document_id,
            "ordinal": ordinal,
            "version": 1,
            "role": role,
            "file_name": f"van-ban-{ordinal}.pdf",
            "sha256": stored.sha256,
            "size_bytes": stored.size_bytes,
            "media_type": stored.media_type,
            "added_by_id": unit.actor.account_id,
            "added_at": unit.now,
            "reason": "",
            "kind": kind,
            "note": "",
        }
        unit.session.execute(insert(FILE).values(row))
        return row["id"]


def judge(content: bytes, folder: Path, trust: Path, at: Any = OPENING) -> dict[str, Any]:
    """Return what our verifier says of a file."""
    path = folder / "judged.pdf"
    path.write_bytes(content)
    request = {"path": str(path), "trust_dir": str(trust), "moment": at.isoformat(), "is_strict": True}
    return inspect(request)
