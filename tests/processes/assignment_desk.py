"""A desk at which work is given: taken up, worked on, split, reported, confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from service.actions import messages
from service.storage.models import Assignment, AssignmentEntry, AssignmentParty, table_of
from tests.processes.slip_desk import AIDE, COLLEAGUE, LEADER, OTHER_HEAD, SPECIALIST, UNIT_HEAD, SlipDesk, at

ASSIGNMENT = table_of(Assignment)
ENTRY = table_of(AssignmentEntry)
PARTY = table_of(AssignmentParty)
DUE_ON = "2026-03-06"

GIVEN: dict[str, Any] = {
    "content": "Rà soát chế độ báo cáo của các phòng",
    "expected_product": "Báo cáo rà soát",
    "lead": "unit:tong_hop",
    "coordinators": ["unit:hanh_chinh"],
    "monitor": "phochanhvp",
    "due_on": DUE_ON,
    "assigner": f"user:{LEADER}",
}
DONE = {"outcome": "report", "words": "Đã rà soát xong 12 chế độ báo cáo"}


@dataclass
class AssignmentDesk(SlipDesk):
    """A desk whose process is the assignment; its id is that of the instance."""

    def give(self, login: str = LEADER, **changes: Any) -> UUID:
        """Give a complete assignment by starting its process."""
        given = GIVEN | {"assigner": f"user:{login}"} | changes
        self.instance_id = self.start("task_assignment", {"given": given}, login)
        return self.instance_id

    def describe(self, login: str = LEADER, **form: Any) -> UUID:
        """Start a process without anything given and fill its form in."""
        self.instance_id = self.start("task_assignment", {}, login)
        self.finish("describe_assignment", {"decision": "give"} | form, login)
        return self.instance_id

    def accepted(self, handler: str | None = SPECIALIST, **changes: Any) -> UUID:
        """Give an assignment and let the unit's head take it up."""
        given = self.give(**changes)
        answer = {"decision": "accept"} | ({"handler": handler} if handler else {})
        self.finish("receive_assignment", answer, UNIT_HEAD)
        return given

    def work(self, data: Mapping[str, Any], login: str = SPECIALIST, instance: UUID | None = None) -> None:
        """Update the work."""
        if instance is not None:
            self.instance_id = instance
        self.finish("work_on_assignment", data, login)

    def split(self, *people: str, **part: Any) -> list[UUID]:
        """Let the unit's head split the work; return the ids of the parts that began."""
        whole = self.instance_id
        data = {"outcome": "split", "part_content": "Lập danh mục", "part_people": list(people)}
        self.work(data | {f"part_{name}": value for name, value in part.items()}, UNIT_HEAD)
        self.send()
        return [row.id for row in self.parts(whole)]

    def finish_part(self, part: UUID, login: str, words: str = "Xong") -> None:
        """Let a person take up a part, do it, and the unit's head confirm it."""
        whole, self.instance_id = self.instance_id, part
        self.finish("receive_assignment", {"decision": "accept"}, login)
        self.finish("work_on_assignment", {"outcome": "report", "words": words}, login)
        self.finish("confirm_result", {"decision": "accept"}, UNIT_HEAD)
        self.instance_id = whole
        self.send()

    def parts(self, whole: UUID | None) -> list[Any]:
        """Return the rows of the parts of a whole, in the order in which they were given."""
        return sorted(self.rows(ASSIGNMENT, ASSIGNMENT.c.parent_id == whole), key=lambda row: str(row.id))

    def assignment(self, instance: UUID | None = None) -> Any:
        """Return the row of an assignment."""
        (row,) = self.rows(ASSIGNMENT, ASSIGNMENT.c.id == (instance or self.instance_id))
        return row

    def entries(self, instance: UUID | None = None) -> list[Any]:
        """Return the steps of an assignment in their order."""
        rows = self.rows(ENTRY, ENTRY.c.assignment_id == (instance or self.instance_id))
        return sorted(rows, key=lambda row: row.ordinal)

    def verbs(self, instance: UUID | None = None) -> list[str]:
        """Return what was done, in order."""
        return [row.verb for row in self.entries(instance)]

    def cancel(self, reason: str = "Không còn cần", login: str = LEADER) -> None:
        """Cancel the assignment as its assigner."""
        message = messages.Message("assignment_cancelled", str(self.instance_id), {"reason": reason})
        self.do(login, lambda unit: messages.correlate(self.engine, unit, message))
        self.send()


__all__ = [
    "AIDE",
    "ASSIGNMENT",
    "COLLEAGUE",
    "DONE",
    "DUE_ON",
    "ENTRY",
    "GIVEN",
    "LEADER",
    "OTHER_HEAD",
    "PARTY",
    "SPECIALIST",
    "UNIT_HEAD",
    "AssignmentDesk",
    "at",
]
