"""The audit chain: whatever an owner of the database does to sealed events shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, text

from service.actions import audit
from service.domain.ids import new_id
from service.storage.audit_chain import (
    Anchor,
    ChainReport,
    audit_head,
    parse_anchor,
    seal_audit,
    verify_audit,
)
from service.storage.database import Database
from service.storage.unit_of_work import AuditRecord
from tests.factories import Office
from tests.harness import OPENING, TestDatabase, wait_until_final

Tamper = Callable[[str], None]


@pytest.fixture
def tamper(worker_database: TestDatabase) -> Tamper:
    """Run SQL as the superuser, without any rule in the way."""
    import psycopg

    def run(statement: str) -> None:
        with psycopg.connect(worker_database.superuser_conninfo, autocommit=True) as connection:
            connection.execute(statement)

    return run


@pytest.fixture
def seals(database: Database, owner_engine: Engine, office: Office, other_office: Office) -> list[int]:
    """Three seals over events of two agencies; returns how many events each holds."""
    offices = (office, other_office)
    return [_write_and_seal(database, owner_engine, offices, count) for count in (2, 3, 4)]


def _write(database: Database, office: Office, action: str) -> None:
    with database.unit_of_work(office.actor_for(office.plan.people[0].login, request_id="r-1")) as unit:
        details: dict[str, Any] = {"số": 1.5, "lý do": "Trình ký “gấp” 🖋", "n": None}
        record = AuditRecord(action, "document", new_id(OPENING), details, before_sha256=b"\0" * 32)
        unit.audit(record)


def _write_and_seal(
    database: Database, owner_engine: Engine, offices: tuple[Office, Office], count: int
) -> int:
    for number in range(count):
        _write(database, offices[number % 2], f"document.change_{number}")
    wait_until_final(owner_engine)
    return audit.seal(database)


def _kinds(report: ChainReport) -> list[tuple[str, int]]:
    return [(finding.kind, finding.seal) for finding in report.findings]


def test_an_untouched_log_is_intact(owner_engine: Engine, seals: list[int]) -> None:
    report = verify_audit(owner_engine)
    assert seals == [2, 3, 4]
    assert report.is_intact
    assert (report.seals, report.events, report.unsealed) == (3, 9, 0)


def test_events_after_the_last_seal_are_counted_but_not_yet_judged(
    database: Database, owner_engine: Engine, office: Office, seals: list[int]
) -> None:
    _write(database, office, "document.read")
    report = verify_audit(owner_engine)
    assert report.is_intact
    assert report.unsealed == 1


def test_sealing_again_without_new_events_makes_no_seal(
    database: Database, owner_engine: Engine, seals: list[int]
) -> None:
    assert audit.seal(database) == 0
    assert verify_audit(owner_engine).seals == 3


MIDDLE = "(SELECT id FROM audit_event ORDER BY id OFFSET 3 LIMIT 1)"


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE audit_event SET action = 'document.sign' WHERE id = {MIDDLE}",
        f"UPDATE audit_event SET details = '{{}}' WHERE id = {MIDDLE}",
        f"UPDATE audit_event SET at = at + interval '1 microsecond' WHERE id = {MIDDLE}",
        f"UPDATE audit_event SET actor_id = null WHERE id = {MIDDLE}",
        f"UPDATE audit_event SET agency_id = gen_random_uuid() WHERE id = {MIDDLE}",
        f"UPDATE audit_event SET before_sha256 = null, after_sha256 = before_sha256 WHERE id = {MIDDLE}",
    ],
)
def test_a_changed_event_is_found(
    owner_engine: Engine, tamper: Tamper, seals: list[int], statement: str
) -> None:
    tamper(statement)
    assert _kinds(verify_audit(owner_engine)) == [("changed", 2)]


def test_a_deleted_event_is_found(owner_engine: Engine, tamper: Tamper, seals: list[int]) -> None:
    tamper(f"DELETE FROM audit_event WHERE id = {MIDDLE}")
    report = verify_audit(owner_engine)
    assert _kinds(report) == [("deleted", 2)]
    assert (report.findings[0].expected, report.findings[0].found) == (3, 2)


def test_an_inserted_event_is_found(owner_engine: Engine, tamper: Tamper, seals: list[int]) -> None:
    tamper(
        "INSERT INTO audit_event (agency_id, at, actor_id, action, object_kind, xact)"
        f" SELECT agency_id, at, actor_id, 'document.read', 'document', xact FROM audit_event WHERE id = {MIDDLE}",
    )
    assert _kinds(verify_audit(owner_engine)) == [("inserted", 2)]


def test_events_that_changed_places_are_found(owner_engine: Engine, tamper: Tamper, seals: list[int]) -> None:
    tamper(
        "UPDATE audit_event a SET action = b.action, object_id = b.object_id, details = b.details FROM audit_event b"
        " WHERE a.id IN (SELECT id FROM audit_event ORDER BY id OFFSET 2 LIMIT 2)"
        " AND b.id IN (SELECT id FROM audit_event ORDER BY id OFFSET 2 LIMIT 2) AND a.id <> b.id",
    )
    assert _kinds(verify_audit(owner_engine)) == [("changed", 2)]


def test_an_event_moved_into_another_seal_is_found(
    owner_engine: Engine, tamper: Tamper, seals: list[int]
) -> None:
    tamper(f"UPDATE audit_event SET xact = (SELECT max(xact) FROM audit_event) WHERE id = {MIDDLE}")
    assert _kinds(verify_audit(owner_engine)) == [("deleted", 2), ("inserted", 3)]


def test_an_event_replaced_by_a_forged_one_is_found(
    owner_engine: Engine, tamper: Tamper, seals: list[int]
) -> None:
    tamper(
        "WITH gone AS (DELETE FROM audit_event WHERE id = " + MIDDLE + " RETURNING *)"
        " INSERT INTO audit_event (agency_id, at, action, object_kind, xact)"
        " SELECT agency_id, at, action, object_kind, xact FROM gone",
    )
    assert _kinds(verify_audit(owner_engine)) == [("changed", 2)]


def test_a_removed_seal_is_found(owner_engine: Engine, tamper: Tamper, seals: list[int]) -> None:
    tamper("DELETE FROM audit_seal WHERE number = 2")
    assert _kinds(verify_audit(owner_engine)) == [("seal_missing", 2)]


def test_a_seal_recomputed_for_changed_events_breaks_the_next(
    owner_engine: Engine, tamper: Tamper, seals: list[int]
) -> None:
    tamper(f"UPDATE audit_event SET action = 'forged' WHERE id = {MIDDLE}")
    tamper("UPDATE audit_seal SET hash = sha256('forged') WHERE number = 2")
    assert _kinds(verify_audit(owner_engine)) == [("changed", 2), ("seal_changed", 3)]


def test_a_cut_off_end_shows_against_an_anchor_only(
    owner_engine: Engine, tamper: Tamper, seals: list[int]
) -> None:
    with owner_engine.connect() as connection:
        anchor = audit_head(connection)
    assert anchor is not None
    tamper("DELETE FROM audit_event WHERE xact >= (SELECT from_xact FROM audit_seal WHERE number = 3)")
    tamper("DELETE FROM audit_seal WHERE number = 3")
    assert verify_audit(owner_engine).is_intact
    assert _kinds(verify_audit(owner_engine, [anchor])) == [("truncated", 3)]


def test_a_chain_rewritten_from_the_middle_shows_against_an_anchor(
    database: Database, owner_engine: Engine, tamper: Tamper, seals: list[int]
) -> None:
    with owner_engine.connect() as connection:
        anchor = audit_head(connection)
    assert anchor is not None
    tamper(f"UPDATE audit_event SET action = 'forged' WHERE id = {MIDDLE}")
    tamper("DELETE FROM audit_seal WHERE number >= 2")
    assert audit.seal(database) == 7
    assert verify_audit(owner_engine).is_intact
    assert _kinds(verify_audit(owner_engine, [anchor])) == [("truncated", 3)]


def test_a_function_that_lies_about_events_does_not_help(
    owner_engine: Engine, tamper: Tamper, seals: list[int], worker_database: TestDatabase
) -> None:
    with owner_engine.connect() as connection:
        connection.execute(
            text(
                "CREATE OR REPLACE FUNCTION audit_event_digest(p_event audit_event) RETURNS bytea"
                " LANGUAGE sql STABLE RETURN sha256('always the same')",
            ),
        )
        connection.execute(text(f"UPDATE audit_event SET action = 'forged' WHERE id = {MIDDLE}"))
        connection.rollback()
    tamper(f"UPDATE audit_event SET action = 'forged' WHERE id = {MIDDLE}")
    assert _kinds(verify_audit(owner_engine)) == [("changed", 2)]


def test_a_backlog_is_sealed_piece_by_piece_and_never_within_a_transaction(
    database: Database, owner_engine: Engine, office: Office
) -> None:
    for count in (1, 5, 1, 1):
        with database.unit_of_work(office.actor_for("vanthu")) as unit:
            for number in range(count):
                unit.audit(AuditRecord(f"document.change_{number}", "document", None))
    wait_until_final(owner_engine)
    with database.session() as session:
        sealed = [seal_audit(session, OPENING, most=2) for _ in range(5)]
    assert sealed == [1, 5, 2, 0, 0]
    assert verify_audit(owner_engine).is_intact


def test_a_running_transaction_holds_the_seal_back_and_loses_nothing(
    database: Database, owner_engine: Engine, office: Office
) -> None:
    with database.unit_of_work(office.actor_for("vanthu")) as slow:
        slow.audit(AuditRecord("slow.first", "document", None))
        slow.flush()
        _write(database, office, "quick.second")
        assert audit.seal(database) == 0
        slow.audit(AuditRecord("slow.third", "document", None))
    wait_until_final(owner_engine)
    assert audit.seal(database) == 3
    assert verify_audit(owner_engine).is_intact


def test_a_log_restored_into_another_cluster_goes_on_behind_the_old_one(
    database: Database, owner_engine: Engine, office: Office, tamper: Tamper, seals: list[int]
) -> None:
    owner = Database(owner_engine, database.clock)
    far = 10**15
    tamper(f"UPDATE audit_epoch SET system_identifier = 1, xact_offset = {far}")
    tamper("DELETE FROM audit_seal")
    tamper(f"UPDATE audit_event SET xact = xact + {far}")
    with pytest.raises(Exception, match="another cluster"):
        audit.seal(database)
    try:
        with owner.session() as session:
            assert session.execute(text("SELECT start_audit_epoch(:now)"), {"now": OPENING}).scalar() is True
            assert session.execute(text("SELECT start_audit_epoch(:now)"), {"now": OPENING}).scalar() is False
        _write(database, office, "after.restore")
        offset = text("SELECT max(xact_offset) FROM audit_epoch")
        with owner.session() as session:
            wait_until_final(owner_engine, session.execute(offset).scalar_one())
        assert audit.seal(database) == 10
        assert verify_audit(owner_engine).is_intact
        with owner.session() as session:
            places = session.execute(text("SELECT xact FROM audit_event ORDER BY id")).scalars().all()
        assert places == sorted(places)
        assert places[-1] > far
    finally:
        tamper("DELETE FROM audit_epoch WHERE number > 1")
        tamper(
            "UPDATE audit_epoch SET xact_offset = 0, system_identifier = (pg_control_system()).system_identifier"
        )
        tamper("ALTER TABLE audit_event ALTER COLUMN xact SET DEFAULT (pg_current_xact_id()::text::bigint)")


def test_an_anchor_can_be_noted_and_read_back() -> None:
    anchor = Anchor(17, bytes(range(32)))
    assert parse_anchor(f" {anchor}\n") == anchor


@pytest.mark.parametrize("noted", ["", "17", "17:abcd", "x:" + "00" * 32])
def test_what_is_no_anchor_is_refused(noted: str) -> None:
    with pytest.raises(ValueError):
        parse_anchor(noted)


def test_an_empty_log_is_intact_and_has_no_head(database: Database, owner_engine: Engine) -> None:
    assert audit.seal(database) == 0
    assert verify_audit(owner_engine) == ChainReport((), 0, 0, 0, None)
