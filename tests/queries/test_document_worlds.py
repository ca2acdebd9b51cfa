"""Random worlds: whatever ties people to documents, a list and a single reading say the same of each pair."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select, text, update

from service.domain.errors import NotFound
from service.domain.ids import new_id
from service.queries import document_access
from service.queries.document_access import standing_of
from service.queries.documents import DocumentFilter, list_documents
from service.storage.database import Database
from service.storage.models import (
    AccessGrant,
    AccessRequest,
    Document,
    DocumentReader,
    DocumentRecipient,
    Dossier,
    DossierItem,
    Draft,
    ProcessDefinition,
    ProcessInstance,
    Spill,
    SubmissionSlip,
    UserTask,
    table_of,
)
from service.storage.unit_of_work import UnitOfWork
from tests.factories import Office

DOCUMENT = table_of(Document)
READERS = ("vanthu", "chanhvp", "troly", "tp.tonghop", "cv.tonghop1", "tp.hanhchinh", "cv.coyeu1", "giamsat")
DOCUMENTS = 24


class World:
    """Documents, and what ties people to some of them, by the dice of ``random``."""

    def __init__(self, unit: UnitOfWork, office: Office, random: Random) -> None:
        self.unit, self.office, self.random, self.now = unit, office, random, unit.now
        self.people = [office.accounts[login] for login in READERS]
        self.references = sorted({ref for login in READERS for ref in office.actor_for(login).references})
        self.dossier_id = new_id(self.now)
        self.definition_id = new_id(self.now)
        self.request_id = new_id(self.now)

    def fill(self) -> None:
        """Write everything."""
        self._write(
            ProcessDefinition,
            id=self.definition_id,
            key="k",
            version=1,
            content_hash=b"k",
            active=True,
            info={},
            deployed_at=self.now,
        )
        self._write(
            Dossier,
            id=self.dossier_id,
            year=2026,
            notation="01",
            title="Hồ sơ",
            retention="10 năm",
            opened_on=self.now.date(),
        )
        self._write(
            AccessRequest,
            id=self.request_id,
            account_id=self.person(),
            reason="",
            scope="codes",
            codes=[],
            from_at=self.now,
            until_at=self.now + timedelta(1),
            may_download=False,
            state="granted",
            approvals=[],
            created_at=self.now,
        )
        for number in range(DOCUMENTS):
            self._add_document(self.now - timedelta(hours=number))
        self._grant(dossier_id=self.dossier_id)

    def person(self) -> UUID:
        """Return one of the readers."""
        return self.random.choice(self.people)

    def happens(self, chance: float) -> bool:
        """Throw the dice."""
        return self.random.random() < chance

    def _add_document(self, at: datetime) -> None:
        choose, instance_id, document_id = self.random.choice, self._add_instance(), new_id(self.now)
        texts = ("type_name", "code_notation", "organ_name", "subject", "category")
        self._write(
            Document,
            **dict.fromkeys(texts, "x"),
            id=document_id,
            code_number=str(document_id)[:8],
            direction=choose(["incoming", "outgoing"]),
            status=choose(["arrived", "issued", "recalled"]),
            channel="upload",
            urgency="normal",
            secrecy=choose(["none", "none", "confidential", "top_secret"]),
            is_public=self.happens(0.1),
            trace=self._trace(),
            created_at=at,
            created_by_id=self.person() if self.happens(0.2) else None,
            instance_id=instance_id,
        )
        if self.happens(0.3):
            self._add_task(instance_id)
        if self.happens(0.2):
            self._add_slip(document_id)
        if self.happens(0.2):
            self._add_draft(document_id)
        if self.happens(0.3):
            self._add_recipient(document_id)
        if self.happens(0.2):
            self._write(
                DossierItem, dossier_id=self.dossier_id, document_id=document_id, ordinal=1, added_at=self.now
            )
        if self.happens(0.2):
            self._grant(document_id=document_id)
        if self.happens(0.15):
            self._add_spill(document_id)

    def _add_draft(self, document_id: UUID) -> None:
        self._write(
            Draft,
            document_id=document_id,
            profile="party",
            profile_from=self.now.date(),
            type_code="CV",
            issuing_body_id=self.office.bodies["vptu"],
            drafter_id=self.person(),
            signer_id=self.person(),
            capacity="",
            signer_position="",
            fields={},
            origin="template",
            current_version=1,
        )

    def _add_recipient(self, document_id: UUID) -> None:
        receiver = (
            {"account_id": self.person()}
            if self.happens(0.5)
            else {"unit_id": self.random.choice(list(self.office.units.values()))}
        )
        self._write(
            DocumentRecipient,
            id=new_id(self.now),
            document_id=document_id,
            ordinal=1,
            kind="x",
            name="",
            channel="",
            purpose="to",
            **receiver,
        )

    def _add_spill(self, document_id: UUID) -> None:
        self._write(
            Spill,
            id=new_id(self.now),
            document_id=document_id,
            secrecy="secret",
            reason="",
            state=self.random.choice(["quarantined", "wiping", "rejected"]),
            readers=[],
            masked=[],
            reported_by_id=self.person(),
            reported_at=self.now,
        )

    def _trace(self) -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = [{"kind": "captured"}, {"kind": "opinion", "lead_unit": "tong_hop"}]
        if self.happens(0.3):
            lines.append({"kind": "notice_x", "recipients": self.random.sample(self.references, 2)})
        if self.happens(0.3):
            units = self.random.sample(sorted(self.office.units), 2)
            lines.append(
                {
                    "kind": "direction",
                    "lead_unit": self.random.choice([units[0], None]),
                    "coordinating_units": units[1:],
                }
            )
        return lines

    def _add_instance(self) -> UUID:
        instance_id = new_id(self.now)
        self._write(
            ProcessInstance,
            id=instance_id,
            definition_id=self.definition_id,
            key="k",
            state="active",
            rev=1,
            started_at=self.now,
        )
        return instance_id

    def _add_task(self, instance_id: UUID) -> None:
        is_open = self.happens(0.5)
        persons = ("owner_id", "delegator_id", "on_behalf_of_id", "completed_by_id")
        had = {name: self.person() for name in persons if self.happens(0.3)}
        self._write(
            UserTask,
            id=new_id(self.now),
            instance_id=instance_id,
            process_key="k",
            element_id="e",
            name="",
            subject="",
            form_key="",
            state="ready" if is_open else "completed",
            is_open=is_open,
            version=1,
            urgency="normal",
            owners=self.random.sample(self.references, 2),
            excluded=self.random.sample(self.references, 1),
            created_at=self.now,
            **had,
        )

    def _add_slip(self, document_id: UUID) -> None:
        instance_id = self._add_instance()
        self._write(
            SubmissionSlip,
            id=new_id(self.now),
            instance_id=instance_id,
            document_id=document_id,
            state="open",
            submission_number=1,
            matter="",
            urgency="normal",
            is_for_signature=False,
            mode="sequential",
            content={},
            earlier=[],
            leaders=[],
            consulted=[],
            submitter_id=self.person(),
            created_at=self.now,
            submitted_at=self.now,
            call_key=new_id(self.now),
            version=1,
        )
        self._add_task(instance_id)

    def _grant(self, **scope: UUID) -> None:
        ended = self.now if self.happens(0.2) else None
        self._write(
            AccessGrant,
            id=new_id(self.now),
            request_id=self.request_id,
            account_id=self.person(),
            from_at=self.now - timedelta(1),
            until_at=self.now + timedelta(self.random.choice([0, 2])),
            may_download=self.happens(0.5),
            created_at=self.now,
            ended_at=ended,
            **scope,
        )

    def _write(self, model: Any, **row: Any) -> None:
        self.unit.session.execute(insert(table_of(model)), {"agency_id": self.office.agency_id, **row})


def _listed(unit: UnitOfWork) -> dict[UUID, bool]:
    found: dict[UUID, bool] = {}
    for direction in ("incoming", "outgoing"):
        cursor = None
        while True:
            page = list_documents(unit, DocumentFilter(direction=direction), cursor, 5)
            found |= {one.id: not one.is_abstract_hidden for one in page.items}
            cursor = page.next_cursor
            if cursor is None:
                break
    return found


def _read_alone(unit: UnitOfWork, ids: list[UUID]) -> dict[UUID, bool]:
    found = {}
    for document_id in ids:
        try:
            found[document_id] = standing_of(unit, document_id).may_read
        except NotFound:
            continue
    return found


@pytest.mark.clause("S2-4.1", "S3-19.2")
@pytest.mark.parametrize("seed", [1, 2])
def test_a_list_holds_what_can_be_read_alone_and_nothing_else(
    database: Database, owner: Database, office: Office, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    with owner.unit_of_work(office.system) as unit:
        World(unit, office, Random(seed)).fill()
        ids = list(unit.session.execute(select(DOCUMENT.c.id)).scalars())
    sizes = set()
    for login in READERS:
        with database.unit_of_work(office.actor_for(login)) as unit:
            alone = _read_alone(unit, ids)
            for most in (2_000, 0):  # beginning at the person, and at the newest document
                monkeypatch.setattr(document_access, "MOST_NAMED", most)
                assert _listed(unit) == alone, (login, most)
        sizes.add(len(alone))
    assert len(sizes) > 3, "a world in which everybody sees the same shows nothing"


def test_readers_follow_the_trace_and_nobody_else_writes_them(
    database: Database, owner: Database, office: Office
) -> None:
    reader = table_of(DocumentReader)

    def readers(unit: UnitOfWork, document_id: UUID) -> set[str]:
        rows = select(reader.c.reference).where(reader.c.document_id == document_id)
        return set(unit.session.execute(rows).scalars())

    with owner.unit_of_work(office.system) as unit:
        World(unit, office, Random(3)).fill()
    with database.unit_of_work(office.system) as unit:
        document_id = unit.session.execute(select(DOCUMENT.c.id).limit(1)).scalar_one()
        line = update(DOCUMENT).where(DOCUMENT.c.id == document_id)
        told = {"kind": "notice_x", "recipients": ["user:vanthu", "user:vanthu"]}
        directed = {"kind": "direction", "lead_unit": "co_yeu", "coordinating_units": None}
        unit.session.execute(line.values(trace=[told, directed]))
        heads = {"role:unit_head@unit:co_yeu", "role:unit_clerk@unit:co_yeu"}
        assert readers(unit, document_id) == {"user:vanthu"} | heads
        unit.session.execute(line.values(trace=[told]))
        assert readers(unit, document_id) == {"user:vanthu"}
        allowed = "SELECT has_table_privilege('congvan_app', 'document_reader', '{}')"
        rights = [
            unit.session.execute(text(allowed.format(name))).scalar_one() for name in ("SELECT", "INSERT")
        ]
        assert rights == [True, False]
