"""Reading the audit log: newest first, one's own agency, by those who supervise."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.actions.audit import note_reading
from service.domain.clock import ManualClock
from service.domain.errors import Forbidden, InvalidInput
from service.domain.ids import new_id
from service.queries.audit import AuditFilter, list_audit_events
from service.storage.database import Database
from tests.factories import Office
from tests.harness import OPENING

DOCUMENT = new_id(OPENING)


def _read_document(database: Database, office: Office, login: str) -> None:
    with database.unit_of_work(office.actor_for(login, request_id=f"r-{login}")) as unit:
        note_reading(unit, "document", DOCUMENT, {"version": 1})


def test_reading_a_document_leaves_a_trace_with_who_and_when(database: Database, office: Office) -> None:
    _read_document(database, office, "chanhvp")
    with database.unit_of_work(office.actor_for("giamsat")) as unit:
        (event,) = list_audit_events(unit, AuditFilter(object_id=DOCUMENT)).items
    assert (event.action, event.actor, event.at) == ("document.read", "chanhvp", OPENING)
    assert (event.request_id, event.details) == ("r-chanhvp", {"version": 1})


def test_events_come_newest_first_page_by_page_and_of_ones_own_agency(
    database: Database, office: Office, other_office: Office
) -> None:
    for login in ("vanthu", "chanhvp", "troly"):
        _read_document(database, office, login)
    _read_document(database, other_office, "dongson.vanthu")
    with database.unit_of_work(office.actor_for("giamsat")) as unit:
        first = list_audit_events(unit, AuditFilter(), limit=2)
        second = list_audit_events(unit, AuditFilter(), first.next_cursor, 2)
    assert [event.actor for event in (*first.items, *second.items)] == ["troly", "chanhvp", "vanthu"]
    assert second.next_cursor is None


def test_events_are_filtered_by_person_action_and_time(
    database: Database, office: Office, clock: ManualClock
) -> None:
    _read_document(database, office, "vanthu")
    clock.advance(timedelta(hours=1))
    _read_document(database, office, "chanhvp")
    with database.unit_of_work(office.actor_for("giamsat")) as unit:

        def actors(wanted: AuditFilter) -> list[str | None]:
            return [event.actor for event in list_audit_events(unit, wanted).items]

        assert actors(AuditFilter(actor="vanthu")) == ["vanthu"]
        assert actors(AuditFilter(since=clock.now())) == ["chanhvp"]
        assert actors(AuditFilter(until=clock.now())) == ["vanthu"]
        assert actors(AuditFilter(action="document.sign")) == []


@pytest.mark.parametrize("login", ["vanthu", "chanhvp", "phantich"])
def test_others_may_not_read_it(database: Database, office: Office, login: str) -> None:
    with database.unit_of_work(office.actor_for(login)) as unit, pytest.raises(Forbidden):
        list_audit_events(unit, AuditFilter())


@pytest.mark.parametrize("cursor", ["x", "WyJhIl0", "W3RydWVd"])
def test_a_cursor_of_somewhere_else_is_refused(database: Database, office: Office, cursor: str) -> None:
    with database.unit_of_work(office.actor_for("giamsat")) as unit, pytest.raises(InvalidInput):
        list_audit_events(unit, AuditFilter(), cursor)
