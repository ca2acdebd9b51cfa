"""Assignments with their parties, written as rows: by the dice, or one as a test wants it."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from service.domain.assignments import STATE_NAMES
from service.domain.ids import new_id
from service.storage.models import Assignment, AssignmentEntry, AssignmentParty, Document, table_of
from service.storage.unit_of_work import UnitOfWork
from tests.factories import Office

PEOPLE = (
    "chanhvp",
    "phochanhvp",
    "tp.tonghop",
    "cv.tonghop1",
    "cv.tonghop2",
    "tp.hanhchinh",
    "cv.hanhchinh1",
)
UNITS = ("tong_hop", "hanh_chinh", "co_yeu")


class AssignmentWorld:
    """Writes assignments of an office, in a unit of work of the owner."""

    def __init__(self, unit: UnitOfWork, office: Office) -> None:
        self.unit, self.office = unit, office

    def give(self, **row: Any) -> UUID:
        """Write an assignment that began now, and return its id; ``parties``: part → logins and unit codes."""
        parties = row.pop("parties", {"assigner": ["chanhvp"], "lead": ["cv.tonghop1"]})
        assignment_id, now = new_id(self.unit.now), self.unit.now
        plain = dict.fromkeys(("description", "expected_product"), "")
        values = {
            **plain,
            "id": assignment_id,
            "instance_id": new_id(now),
            "state": "in_progress",
            "percent": 0,
            "content": "Chuẩn bị báo cáo",
            "urgency": "normal",
            "assigner_id": self.office.accounts[parties["assigner"][0]],
            "lead_id": self.office.accounts.get(parties["lead"][0]),
            "lead_unit_id": self.office.units.get(parties["lead"][0]),
            "assigned_at": now,
            "deadline": {},
            "products": [],
            "call_key": new_id(now),
            "version": 1,
            **row,
        }
        self._write(Assignment, values)
        for part, names in parties.items():
            for name in names:
                self._add_party(assignment_id, part, name)
        return assignment_id

    def add_document(self, *, secrecy: str = "none", **row: Any) -> UUID:
        """Write a document that nobody but its kind of reader sees, and return its id."""
        texts = ("type_name", "code_notation", "organ_name", "subject", "category", "code_number")
        document_id = new_id(self.unit.now)
        values = {
            **dict.fromkeys(texts, "x"),
            "id": document_id,
            "direction": "incoming",
            "status": "in_progress",
            "channel": "upload",
            "urgency": "normal",
            "secrecy": secrecy,
            "is_public": False,
            "trace": [],
            "created_at": self.unit.now,
            **row,
        }
        self._write(Document, values)
        return document_id

    def add_entry(self, assignment_id: UUID, verb: str, by: str, **row: Any) -> None:
        """Write a step of its life."""
        values = {
            "id": new_id(self.unit.now),
            "assignment_id": assignment_id,
            "ordinal": 1,
            "verb": verb,
            "at": self.unit.now,
            "by_id": self.office.accounts[by],
            "words": "",
            "details": {},
            "call_key": new_id(self.unit.now),
            **row,
        }
        self._write(AssignmentEntry, values)

    def fill(self, random: Random, count: int) -> list[UUID]:
        """Write assignments by the dice: any parties, some about secret documents, in any state."""
        documents = [
            None,
            None,
            self.add_document(type_name="Công văn"),
            self.add_document(secrecy="secret", type_name="Công văn"),
            self.add_document(type_name="Báo cáo"),
        ]
        made: list[UUID] = []
        for number in range(count):
            parties = {"assigner": [random.choice(PEOPLE)], "lead": [random.choice(PEOPLE + UNITS)]}
            for part, some in {"monitor": PEOPLE, "handler": PEOPLE, "coordinator": PEOPLE + UNITS}.items():
                if random.random() < 0.25:
                    parties[part] = [random.choice(some)]
            due = random.choice([None, -2, 0, 3])
            made.append(
                self.give(
                    parties=parties,
                    state=random.choice(list(STATE_NAMES)),
                    document_id=random.choice(documents),
                    parent_id=random.choice([None, *made[-1:]]),
                    assigned_at=self.unit.now - timedelta(hours=number // 2),
                    due_at=None if due is None else self.unit.now + timedelta(days=due),
                )
            )
        return made

    def _add_party(self, assignment_id: UUID, part: str, name: str) -> None:
        row = {"assignment_id": assignment_id, "part": part, "account_id": None, "unit_id": None}
        if name in self.office.accounts:
            row |= {"reference": f"user:{name}", "account_id": self.office.accounts[name]}
            self._write(AssignmentParty, row)
            return
        row["unit_id"] = self.office.units[name]
        for role in ("unit_head", "unit_clerk"):
            self._write(AssignmentParty, row | {"reference": f"role:{role}@unit:{name}"})

    def _write(self, model: Any, row: dict[str, Any]) -> None:
        self.unit.session.execute(insert(table_of(model)), {"agency_id": self.office.agency_id, **row})
