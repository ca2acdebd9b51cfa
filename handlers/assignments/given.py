"""What somebody gives another to do, read and checked as a whole: whoever gives it learns all faults at once.

The same rules hold wherever an assignment comes from: the form of its process, the API, a slip, an incoming
document, the part of a whole (S0-11g1, S0-11g3).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, func, select

from handlers.assignments.assignment_row import ASSIGNMENT, PARTY
from handlers.assignments.people import Party, Reach, find_party, reach_of
from handlers.contract import Json
from handlers.outgoing.facts import heads_of
from handlers.resources import Sight
from service.domain.assignment_rights import PROCESS
from service.domain.assignments import AT_WORK, MAX_PARTS
from service.domain.clock import OFFICE_ZONE
from service.domain.deadlines import compute_deadline, read_rule
from service.domain.errors import Finding, InvalidInput
from service.domain.records import URGENCIES
from service.storage.calendars import read_calendar
from service.storage.models import Document, SubmissionSlip, table_of
from service.storage.unit_of_work import UnitOfWork

_DOCUMENT = table_of(Document)
_SLIP = table_of(SubmissionSlip)

LONGEST: Final[Mapping[str, int]] = {"content": 500, "description": 8000, "expected_product": 1000}
"""Characters of each text."""

DUE_CLAUSE: Final = "S0-11g5"
_TAKES_PARTS: Final = AT_WORK | {"waiting"}


@dataclass(frozen=True, slots=True)
class Given:
    """An assignment as it was given, with everybody found and the deadline computed.

    Attributes:
        content: what is to be done.
        description: more of it.
        expected_product: what is to come of it.
        urgency: of the house's urgencies.
        assigner: who gives it.
        lead: who is to do it.
        coordinators: who is to help.
        monitor: who watches over it beside the assigner.
        due_at: aware; None = no deadline was set.
        deadline: rule, clause and derivation of ``due_at``, as a task keeps it; ``{}`` without one.
        document_id: the source document.
        slip_id: the slip that it follows.
        parent_id: the assignment that it is a part of.
        is_announced: the whole was told of this part when it was split.
    """

    content: str
    description: str
    expected_product: str
    urgency: str
    assigner: Party
    lead: Party
    coordinators: tuple[Party, ...]
    monitor: Party | None
    due_at: datetime | None
    deadline: Json
    document_id: UUID | None
    slip_id: UUID | None
    parent_id: UUID | None
    is_announced: bool


def read_given(
    unit: UnitOfWork, given: Mapping[str, Any], sees: Sight, *, is_from_task: bool = False
) -> Given:
    """Return what was given, checked; where it is a part of a whole, the whole stays locked.

    Args:
        unit: the open unit of work.
        given: the variable ``given`` (docs/processes/task_assignment.md).
        sees: says whether the actor may see the source document.
        is_from_task: the actor has just completed a user task of the assigner, so that whether they may
            speak for the assigner is settled.

    Raises:
        InvalidInput: ``assignment.invalid``; each finding's pointer names a field of ``given``.
    """
    reading = _Reading(unit, given, sees)
    assigner = reading.person("assigner", given.get("assigner"))
    lead = reading.party("lead", given.get("lead"))
    document = reading.document()
    parent = reading.parent()
    if assigner is not None:
        kind = None if document is None else document.type_name
        if not is_from_task:
            reading.check_actor(assigner, kind)
        reading.check_reach(assigner, lead, parent, kind)
    due_at, deadline = reading.deadline(parent)
    read: Json = {
        **{name: reading.words(name) for name in LONGEST},
        "urgency": reading.urgency(),
        "coordinators": reading.coordinators(lead),
        "monitor": reading.monitor(lead),
        "due_at": due_at,
        "deadline": deadline,
        "document_id": None if document is None else document.id,
        "slip_id": reading.slip(),
        "parent_id": None if parent is None else parent.id,
        "is_announced": given.get("is_announced") is True,
    }
    if reading.faults or assigner is None or lead is None:
        vi, en = "Nhiệm vụ giao chưa hợp lệ.", "The assignment cannot be given like this."
        raise InvalidInput("assignment.invalid", vi, en, reading.faults)
    return Given(assigner=assigner, lead=lead, **read)


@dataclass(slots=True)
class _Reading:
    """One reading: takes fields, finds what they name, gathers faults."""

    unit: UnitOfWork
    given: Mapping[str, Any]
    sees: Sight
    faults: list[Finding] = field(default_factory=list)

    def fault(self, pointer: str, reason: str, vi: str, en: str) -> None:
        self.faults.append(Finding(f"assignment.{reason}", vi, en, f"/{pointer}"))

    def words(self, name: str) -> str:
        value = self.given.get(name)
        text = unicodedata.normalize("NFC", value.strip()) if isinstance(value, str) else ""
        if name == "content" and not text:
            self.fault(name, "no_content", "Chưa ghi nội dung công việc.", "Say what is to be done.")
        if len(text) > LONGEST[name]:
            vi, en = f"Dài quá {LONGEST[name]} ký tự.", f"Over {LONGEST[name]} characters."
            self.fault(name, "too_long", vi, en)
        return text

    def urgency(self) -> str:
        value = self.given.get("urgency") or "normal"
        if value not in URGENCIES:
            self.fault("urgency", "urgency", "Không có độ khẩn này.", "There is no such urgency.")
            return "normal"
        return str(value)

    def party(self, pointer: str, reference: Any) -> Party | None:
        found = find_party(self.unit, reference) if isinstance(reference, str) else None
        if found is None:
            name = str(reference or "").rpartition(":")[2]
            vi = f"Không có người hay đơn vị “{name}”." if name else "Chưa chọn người hay đơn vị."
            en = f"There is no person or unit “{name}”." if name else "Name a person or a unit."
            self.fault(pointer, "nobody", vi, en)
        return found

    def person(self, pointer: str, reference: Any) -> Party | None:
        found = self.party(pointer, reference)
        if found is not None and found.account_id is None:
            self.fault(pointer, "no_person", "Phải là một người.", "This must be a person.")
            return None
        return found

    def check_actor(self, assigner: Party, document_type: str | None) -> None:
        """Refuse who gives work in another's name without being their aide or holding their order."""
        actor, login = self.unit.actor, assigner.reference.removeprefix("user:")
        stands_in = any(
            one.principal.login == login
            and "assign" in one.authorities
            and one.covers(PROCESS, document_type)
            for one in actor.mandates
        )
        if not (actor.is_system or actor.login == login or login in actor.assists or stands_in):
            vi = "Anh/chị không được giao việc thay người này."
            self.fault("assigner", "not_for_another", vi, "You may not give work in this person's name.")

    def check_reach(
        self, assigner: Party, lead: Party | None, parent: Row[Any] | None, document_type: str | None
    ) -> None:
        """Refuse what the assigner's word does not reach to: a lead, a part of a whole."""
        reach = reach_of(self.unit, assigner, document_type)
        if lead is not None:
            self.check_lead(assigner, lead, reach)
        if parent is not None:
            self.check_part(parent, reach)

    def check_lead(self, assigner: Party, lead: Party, reach: Reach) -> None:
        heads = heads_of(self.unit, lead.unit_id) if lead.unit_id is not None else frozenset()
        doers = {lead.account_id} if lead.unit_id is None else heads
        if not doers:
            vi = f"{lead.name} chưa có trưởng đơn vị để nhận việc."
            self.fault("lead", "no_head", vi, f"{lead.name} has no head who could take it up.")
        elif doers == {assigner.account_id}:
            self.fault("lead", "to_self", "Không tự giao việc cho mình.", "Nobody gives work to themselves.")
        elif not reach.covers(self.unit, lead):
            vi = "Người giao không có thẩm quyền giao việc cho người, đơn vị này."
            self.fault("lead", "out_of_reach", vi, "The assigner may not give work to this person or unit.")

    def coordinators(self, lead: Party | None) -> tuple[Party, ...]:
        named = self.given.get("coordinators") or []
        if not isinstance(named, Sequence) or isinstance(named, str) or len(named) > MAX_PARTS:
            vi, en = f"Nhiều nhất {MAX_PARTS} nơi phối hợp.", f"At most {MAX_PARTS} coordinators."
            self.fault("coordinators", "too_many", vi, en)
            return ()
        found: dict[str, Party] = {}
        for place, reference in enumerate(named):
            party = self.party(f"coordinators/{place}", reference)
            if party is not None and lead is not None and party.reference == lead.reference:
                vi, en = "Nơi chủ trì không đồng thời phối hợp.", "The lead does not coordinate as well."
                self.fault(f"coordinators/{place}", "is_lead", vi, en)
            elif party is not None:
                found[party.reference] = party
        return tuple(found.values())

    def monitor(self, lead: Party | None) -> Party | None:
        login = self.given.get("monitor")
        if login in (None, ""):
            return None
        found = self.person("monitor", f"user:{str(login).removeprefix('user:')}")
        if found is not None and lead is not None and found.reference == lead.reference:
            vi, en = "Người thực hiện không tự theo dõi.", "Who does the work does not watch over it."
            self.fault("monitor", "is_lead", vi, en)
        return found

    def document(self) -> Row[Any] | None:
        """Return the source document; one that the actor may not see is no document at all."""
        wanted = self._id("document_id")
        if wanted is None:
            return None
        found = self.unit.session.execute(select(_DOCUMENT).where(_DOCUMENT.c.id == wanted)).one_or_none()
        if found is None or not self.sees(self.unit, wanted):
            self._absent("document_id", "Không có văn bản này.", "There is no such document.")
            return None
        return found

    def slip(self) -> UUID | None:
        """Return the slip that it follows; a person may name one that they submitted or decide on."""
        wanted = self._id("slip_id")
        if wanted is None:
            return None
        found = self.unit.session.execute(select(_SLIP).where(_SLIP.c.id == wanted)).one_or_none()
        actor = self.unit.actor
        names = {actor.login, *actor.assists}
        is_theirs = found is not None and (
            actor.is_system or found.submitter_id == actor.account_id or not names.isdisjoint(found.leaders)
        )
        if not is_theirs:
            self._absent("slip_id", "Không có phiếu trình này.", "There is no such slip.")
        return wanted

    def parent(self) -> Row[Any] | None:
        wanted = self._id("parent_id")
        if wanted is None:
            return None
        statement = select(ASSIGNMENT).where(ASSIGNMENT.c.id == wanted).with_for_update()
        found = self.unit.session.execute(statement).one_or_none()
        if found is None:
            self._absent("parent_id", "Không có nhiệm vụ này.", "There is no such assignment.")
        elif found.state not in _TAKES_PARTS:
            vi, en = "Nhiệm vụ lớn không còn ở bước thực hiện.", "The whole is not being worked on."
            self.fault("parent_id", "parent_closed", vi, en)
        return found

    def check_part(self, parent: Row[Any], reach: Reach) -> None:
        """Refuse parts from others than those who carry out the whole, and too many of them."""
        named = select(PARTY.c.reference).where(
            PARTY.c.assignment_id == parent.id, PARTY.c.part.in_(("lead", "handler"))
        )
        carriers = {
            one
            for one in self.unit.session.execute(named).scalars()
            if not one.startswith("role:unit_clerk@")
        }
        if carriers.isdisjoint(reach.references):
            vi = "Chỉ người thực hiện nhiệm vụ lớn được chia nhỏ."
            self.fault("parent_id", "not_theirs", vi, "Only who carries out the whole may split it.")
        count = select(func.count()).select_from(ASSIGNMENT).where(ASSIGNMENT.c.parent_id == parent.id)
        if self.unit.session.execute(count).scalar_one() >= MAX_PARTS:
            vi, en = f"Nhiều nhất {MAX_PARTS} phần.", f"At most {MAX_PARTS} parts."
            self.fault("parent_id", "too_many", vi, en)

    def deadline(self, parent: Row[Any] | None) -> tuple[datetime | None, Json]:
        """Return the end of the day that was set; a part without one is due with its whole."""
        value = self.given.get("due_on")
        if value in (None, ""):
            return (None, {}) if parent is None else (parent.due_at, dict(parent.deadline))
        try:
            day = value if isinstance(value, date) else date.fromisoformat(str(value))
        except ValueError:
            self.fault("due_on", "no_day", "Ngày không hợp lệ.", "This is no day.")
            return None, {}
        due_at, deadline = deadline_on(self.unit, day)
        if day < self.unit.now.astimezone(OFFICE_ZONE).date() or due_at <= self.unit.now:
            self.fault("due_on", "past", "Thời hạn đã qua.", "The deadline has passed.")
        elif parent is not None and parent.due_at is not None and due_at > parent.due_at:
            vi, en = "Sau thời hạn của nhiệm vụ lớn.", "Later than the whole is due."
            self.fault("due_on", "after_whole", vi, en)
        return due_at, deadline

    def _id(self, name: str) -> UUID | None:
        value = self.given.get(name)
        if value in (None, ""):
            return None
        try:
            return UUID(str(value))
        except ValueError:
            self._absent(name, "Mã không hợp lệ.", "This is no id.")
            return None

    def _absent(self, pointer: str, vi: str, en: str) -> None:
        self.fault(pointer, "not_found", vi, en)


def deadline_on(unit: UnitOfWork, day: date) -> tuple[datetime, Json]:
    """Return when the office closes on a day that somebody set, and the deadline as a task keeps it."""
    rule = read_rule({"rule": "fixed", "on": day, "clause": DUE_CLAUSE})
    found = compute_deadline(rule, unit.now, read_calendar(unit))
    kept = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in found.as_context().items()
    }
    return found.due_at, kept


def faults_of(error: InvalidInput) -> str:
    """Return the faults as one Vietnamese text, for the person who filled a form in."""
    return " ".join(f"{_FIELDS.get(one.pointer.split('/')[1], '')}: {one.vi}" for one in error.findings)


_FIELDS: Final[Mapping[str, str]] = {
    "content": "Nội dung công việc",
    "description": "Yêu cầu cụ thể",
    "expected_product": "Sản phẩm dự kiến",
    "assigner": "Người giao",
    "lead": "Chủ trì thực hiện",
    "coordinators": "Phối hợp",
    "monitor": "Người theo dõi",
    "urgency": "Độ khẩn",
    "due_on": "Thời hạn",
    "document_id": "Văn bản nguồn",
    "slip_id": "Phiếu trình",
    "parent_id": "Nhiệm vụ lớn",
}

__all__ = ["DUE_CLAUSE", "LONGEST", "Given", "deadline_on", "faults_of", "read_given"]
