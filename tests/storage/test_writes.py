"""Writes that go together: one statement, nothing lost, what belongs in order stays in order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from service.domain.ids import new_id
from service.storage.database import Database
from service.storage.models import AuditEvent, Outbox, Partner, table_of
from service.storage.unit_of_work import AuditRecord
from service.storage.writes import MOST_ROWS
from tests.factories import Office
from tests.harness import OPENING

PARTNER = table_of(Partner)


def _partner(office: Office, organ_id: str, **values: Any) -> dict[str, Any]:
    row = {"id": new_id(OPENING), "agency_id": office.agency_id, "organ_id": organ_id, "name": "Sở Nội vụ"}
    return row | {"endpoint": None, "email": None} | values


def test_everything_gathered_goes_in_one_statement(database: Database, office: Office) -> None:
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    event.listen(database.engine, "before_cursor_execute", note)
    with database.unit_of_work(office.system) as unit:
        statements.clear()
        unit.insert(PARTNER, _partner(office, "A", email="a@example.vn"))
        unit.insert(PARTNER, _partner(office, "B"))
        unit.send("exchange", "A", {"n": 1}, "k1")
        unit.send("exchange", "B", {"n": 2}, "k2")
        unit.audit(AuditRecord("partner.add", "partner", None))
        unit.audit(AuditRecord("partner.add", "partner", None, {"lý do": "thử"}))
    event.remove(database.engine, "before_cursor_execute", note)
    assert len(statements) == 1
    with database.unit_of_work(office.system) as unit:
        partners = unit.session.execute(
            select(PARTNER.c.organ_id, PARTNER.c.email).order_by("organ_id")
        ).all()
        sent = unit.session.execute(
            select(Outbox.destination, Outbox.payload).order_by(Outbox.destination)
        ).all()
    assert [tuple(row) for row in partners] == [("A", "a@example.vn"), ("B", None)]
    assert [tuple(row) for row in sent] == [("A", {"n": 1}), ("B", {"n": 2})]


@pytest.mark.parametrize("count", [1, 2, MOST_ROWS * 2 + 1])
def test_audit_events_of_one_transaction_are_numbered_in_their_order(
    database: Database, office: Office, count: int
) -> None:
    records = [
        AuditRecord(
            f"step.{number}",
            "document",
            new_id(OPENING) if number % 2 else None,
            {"n": number} if number % 3 else None,
            before_sha256=b"b" if number % 5 else None,
        )
        for number in range(count)
    ]
    with database.unit_of_work(office.actor_for("vanthu")) as unit:
        for record in records:
            unit.audit(record)
    with database.unit_of_work(office.system) as unit:
        kept = unit.session.execute(select(AuditEvent).order_by(AuditEvent.id)).scalars().all()
        told = [(row.action, row.object_id, row.details, row.before_sha256) for row in kept]
    assert told == [(row.action, row.object_id, row.details, row.before_sha256) for row in records]


def test_an_update_sees_what_was_flushed_before_it(database: Database, office: Office) -> None:
    row = _partner(office, "A")
    with database.unit_of_work(office.system) as unit:
        unit.insert(PARTNER, row)
        unit.flush_writes()
        unit.update(PARTNER, {"id": row["id"]}, {"name": "Sở Tài chính", "email": None})
    with database.unit_of_work(office.system) as unit:
        assert unit.session.execute(select(PARTNER.c.name)).scalar_one() == "Sở Tài chính"


def test_what_was_gathered_goes_with_a_rollback(database: Database, office: Office) -> None:
    def write_then_fail() -> None:
        with database.unit_of_work(office.system) as unit:
            unit.insert(PARTNER, _partner(office, "A"))
            unit.audit(AuditRecord("partner.add", "partner", None))
            raise InterruptedError

    with pytest.raises(InterruptedError):
        write_then_fail()
    with database.unit_of_work(office.system) as unit:
        assert unit.session.execute(select(PARTNER)).all() == []
        assert unit.session.execute(select(AuditEvent)).all() == []


def test_a_part_that_fails_alone_takes_its_rows_with_it(database: Database, office: Office) -> None:
    with database.unit_of_work(office.system) as unit:
        unit.audit(AuditRecord("kept.first", "partner", None))
        with pytest.raises(InterruptedError):
            _fail_within(unit, _partner(office, "A"))
        unit.insert(PARTNER, _partner(office, "B"))
        unit.audit(AuditRecord("kept.second", "partner", None))
    with database.unit_of_work(office.system) as unit:
        assert unit.session.execute(select(PARTNER.c.organ_id)).scalars().all() == ["B"]
        actions = unit.session.execute(select(AuditEvent.action).order_by(AuditEvent.id)).scalars().all()
        assert unit.session.execute(select(Outbox)).all() == []
    assert actions == ["kept.first", "kept.second"]


def _fail_within(unit: Any, row: dict[str, Any]) -> None:
    with unit.nested():
        unit.insert(PARTNER, row)
        unit.audit(AuditRecord("lost", "partner", None))
        unit.send("exchange", "A", {}, "k")
        raise InterruptedError


def test_calls_after_the_commit_run_only_then(database: Database, office: Office) -> None:
    called: list[timedelta] = []
    with database.unit_of_work(office.system) as unit:
        unit.after_commit(lambda: called.append(timedelta()))
        assert called == []
    assert called == [timedelta()]
