"""Registers: no gap and no double, with many writers, rollbacks and killed writers."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from service.domain.errors import Conflict, InvalidInput, NotFound
from service.domain.ids import new_id
from service.domain.numbering import SeriesKey
from service.storage import register
from service.storage.database import Database, open_engine
from service.storage.models import AuditEvent, Document, NumberSeries, RegistryEntry, table_of
from tests.factories import Office
from tests.harness import OPENING, TestDatabase

SERIES = SeriesKey("vptu", "incoming", "2026")
WRITER = Path(__file__).with_name("register_writer.py")


@pytest.fixture
def document_id(database: Database, office: Office) -> UUID:
    """A document to register."""
    row = {
        "id": new_id(OPENING),
        "agency_id": office.agency_id,
        "created_at": OPENING,
        "is_public": False,
        "version": 1,
        "trace": [],
        "secrecy": "none",
        "urgency": "normal",
        "direction": "incoming",
        "status": "arrived",
        "channel": "paper",
        "language": "vi",
    }
    texts = ("type_name", "code_number", "code_notation", "organ_name", "subject", "description")
    texts += ("signer_position", "signer_name", "category", "to_places")
    with database.unit_of_work(office.system) as unit:
        unit.session.execute(insert(table_of(Document)), {**dict.fromkeys(texts, ""), **row})
    return row["id"]


def _enter(database: Database, office: Office, document_id: UUID, series: SeriesKey = SERIES) -> int:
    with database.unit_of_work(office.actor_for("vanthu")) as unit:
        return register.enter(unit, series, document_id, {"note": "bản giấy"}).number


def _enter_unless(database: Database, office: Office, document_id: UUID, *, is_interrupted: bool) -> int:
    with database.unit_of_work(office.actor_for("vanthu")) as unit:
        number = register.enter(unit, SERIES, document_id, {}).number
        if is_interrupted:
            raise InterruptedError
    return number


def _numbers(database: Database, office: Office) -> list[int]:
    with database.unit_of_work(office.system) as unit:
        assert register.find_gaps(unit) == []
        return list(
            unit.session.execute(select(RegistryEntry.number).order_by(RegistryEntry.number)).scalars()
        )


@pytest.mark.clause("S0-6.3")
def test_numbers_run_from_one_in_each_series(database: Database, office: Office, document_id: UUID) -> None:
    next_year = SeriesKey("vptu", "incoming", "2027")
    assert [_enter(database, office, document_id) for _ in range(3)] == [1, 2, 3]
    assert _enter(database, office, document_id, next_year) == 1
    assert _enter(database, office, document_id) == 4


def test_two_agencies_count_for_themselves(
    database: Database, office: Office, other_office: Office, document_id: UUID
) -> None:
    _enter(database, office, document_id)
    with database.unit_of_work(other_office.system) as unit:
        assert register.allot(unit, SERIES).number == 1
        unit.session.rollback()


def test_a_rollback_gives_the_number_back(database: Database, office: Office, document_id: UUID) -> None:
    _enter(database, office, document_id)
    with pytest.raises(InterruptedError):
        _enter_unless(database, office, document_id, is_interrupted=True)
    assert _enter(database, office, document_id) == 2
    assert _numbers(database, office) == [1, 2]


def test_sixteen_writers_with_rollbacks_leave_no_gap_and_no_double(
    worker_database: TestDatabase, database: Database, office: Office, document_id: UUID
) -> None:
    engine = open_engine(worker_database.runtime_conninfo, pool_connections=16)
    crowded = Database(engine, database.clock)

    def write(turn: int) -> int | None:
        try:
            return _enter_unless(crowded, office, document_id, is_interrupted=turn % 10 == 0)
        except InterruptedError:
            return None

    with ThreadPoolExecutor(16) as pool:
        given = [number for number in pool.map(write, range(400)) if number is not None]
    engine.dispose()
    assert sorted(given) == list(range(1, 361))
    assert _numbers(database, office) == list(range(1, 361))


def test_killed_writers_leave_no_gap_and_lose_nothing_that_was_answered(
    worker_database: TestDatabase, database: Database, office: Office, document_id: UUID
) -> None:
    answered: list[int] = []
    for crowd in (4, 2):
        writers = [_start_writer(worker_database, office, document_id) for _ in range(crowd)]
        for writer in writers:
            answered += _read_then_kill(writer)
    numbers = _numbers(database, office)
    assert numbers == list(range(1, len(numbers) + 1))
    assert set(answered) <= set(numbers)
    assert len(set(answered)) == len(answered) >= 18


def _start_writer(worker_database: TestDatabase, office: Office, document_id: UUID) -> subprocess.Popen[str]:
    arguments = [worker_database.runtime_conninfo, str(office.agency_id), str(document_id)]
    return subprocess.Popen([sys.executable, str(WRITER), *arguments], stdout=subprocess.PIPE, text=True)


def _read_then_kill(writer: subprocess.Popen[str]) -> list[int]:
    assert writer.stdout is not None
    answered = [int(writer.stdout.readline()) for _ in range(3)]
    writer.kill()
    rest, _ = writer.communicate()
    return answered + [int(line) for line in rest.splitlines(keepends=True) if line.endswith("\n")]


def test_a_voided_number_stays_taken_and_keeps_its_reason(
    database: Database, office: Office, document_id: UUID
) -> None:
    _enter(database, office, document_id)
    with database.unit_of_work(office.actor_for("vanthu")) as unit:
        entry_id = unit.session.execute(select(RegistryEntry.id)).scalar_one()
        register.void(unit, entry_id, " Đăng ký nhầm sổ ")
    with database.unit_of_work(office.system) as unit:
        entry = unit.session.execute(select(RegistryEntry)).scalar_one()
        assert (entry.number, entry.void_reason, entry.voided_at) == (1, "Đăng ký nhầm sổ", OPENING)
        with pytest.raises(Conflict):
            register.void(unit, entry_id, "again")
    assert _enter(database, office, document_id) == 2


def test_voiding_needs_a_reason_and_an_entry(database: Database, office: Office) -> None:
    with database.unit_of_work(office.system) as unit:
        with pytest.raises(InvalidInput):
            register.void(unit, new_id(OPENING), "  ")
        with pytest.raises(NotFound):
            register.void(unit, new_id(OPENING), "reason")


def test_a_closed_register_gives_no_more_numbers(
    database: Database, office: Office, document_id: UUID
) -> None:
    _enter(database, office, document_id)
    with database.unit_of_work(office.actor_for("vanthu")) as unit:
        assert register.close(unit, SERIES) == 1
    with pytest.raises(Conflict, match="closed"):
        _enter(database, office, document_id)
    with database.unit_of_work(office.system) as unit, pytest.raises(Conflict):
        register.close(unit, SERIES)


def test_an_unused_register_can_be_closed_too(database: Database, office: Office, document_id: UUID) -> None:
    with database.unit_of_work(office.system) as unit:
        assert register.close(unit, SERIES) == 0
    with pytest.raises(Conflict, match="closed"):
        _enter(database, office, document_id)


def test_a_gap_made_by_hand_is_found(
    database: Database, owner: Database, office: Office, document_id: UUID
) -> None:
    for _ in range(3):
        _enter(database, office, document_id)
    with owner.session() as session:
        session.execute(RegistryEntry.__table__.delete().where(RegistryEntry.number == 2))
    with database.unit_of_work(office.system) as unit:
        series_id = unit.session.execute(select(NumberSeries.id)).scalar_one()
        assert register.find_gaps(unit) == [register.Gap(series_id, (2,))]


def test_every_entry_is_audited_with_its_number(
    database: Database, office: Office, document_id: UUID
) -> None:
    _enter(database, office, document_id)
    with database.unit_of_work(office.system) as unit:
        event = unit.session.execute(
            select(AuditEvent).where(AuditEvent.action == "register.enter")
        ).scalar_one()
    assert event.details == {"book": "incoming", "period": "2026", "number": 1}
    assert event.actor_id == office.accounts["vanthu"]
