"""Connections: recovery after a restart, exact numbers, errors that pass."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from procrastinate.exceptions import ConnectorException
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from service.domain.clock import ManualClock
from service.domain.ids import new_id
from service.storage import embedded, jobs
from service.storage.database import Database, open_engine, runtime_conninfo, unavailable
from service.storage.json_text import dump_json, load_json
from service.storage.models import Document, Outbox, table_of
from tests.factories import Office
from tests.harness import FAST, OPENING, TestDatabase


@pytest.fixture
def restartable(server_directory: Path) -> Iterator[Path]:
    """A server of its own, for stopping and starting it."""
    data_dir = server_directory / "pg"
    embedded.ensure_running(data_dir, FAST)
    yield data_dir
    embedded.stop(data_dir)


def test_a_pool_recovers_from_a_restart_of_the_database(restartable: Path) -> None:
    conninfo = embedded.ensure_running(restartable)
    engine = open_engine(conninfo, pool_connections=2)
    with engine.connect() as first, engine.connect() as second:
        assert first.execute(text("SELECT 1")).scalar() == second.execute(text("SELECT 1")).scalar()
    embedded.stop(restartable)
    with pytest.raises(OperationalError) as down:
        engine.connect()
    assert unavailable(down.value)
    embedded.ensure_running(restartable)
    with engine.connect() as first, engine.connect() as second:
        assert first.execute(text("SELECT 1")).scalar() == second.execute(text("SELECT 1")).scalar()
    engine.dispose()


def test_a_connection_that_breaks_in_use_tells_that_it_passes(
    runtime_engine: Engine, owner_engine: Engine
) -> None:
    with runtime_engine.connect() as connection:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar()
        with owner_engine.connect() as killer:
            killer.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        with pytest.raises(DBAPIError) as broken:
            connection.execute(text("SELECT 1"))
        refusal = unavailable(broken.value)
        connection.invalidate()
    assert refusal is not None
    assert refusal.kind == "unavailable"


def test_a_ticket_that_cannot_be_written_passes_too(
    database: Database, owner_engine: Engine, office: Office
) -> None:
    def defer_on_a_broken_connection() -> None:
        with database.unit_of_work(office.system) as unit:
            pid = unit.session.execute(text("SELECT pg_backend_pid()")).scalar()
            with owner_engine.connect() as killer:
                killer.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
            jobs.defer(unit, [new_id(OPENING)])

    with pytest.raises((ConnectorException, OperationalError)) as broken:
        defer_on_a_broken_connection()
    assert unavailable(broken.value)


def test_another_database_error_is_no_passing_one(database: Database) -> None:
    with pytest.raises(DBAPIError) as wrong, database.session() as session:
        session.execute(text("SELECT 1 / 0"))
    assert unavailable(wrong.value) is None


def test_runtime_connections_have_their_role_zone_and_time_limit(worker_database: TestDatabase) -> None:
    conninfo = runtime_conninfo(worker_database.owner_conninfo, statement_timeout_seconds=1)
    engine = open_engine(conninfo, pool_connections=1)
    with engine.connect() as connection:
        assert connection.execute(text("SHOW statement_timeout")).scalar() == "1s"
        assert connection.execute(text("SHOW role")).scalar() == "congvan_app"
        assert connection.execute(text("SHOW timezone")).scalar() == "UTC"
    engine.dispose()


@pytest.mark.parametrize(
    "number", ["0.1", "12345678901234567890.123456789", "1E+3", "-0.30", "1000000000000000000000"]
)
def test_decimals_pass_through_the_database_exactly(database: Database, office: Office, number: str) -> None:
    with database.unit_of_work(office.system) as unit:
        unit.send("exchange", "A01", {"amount": Decimal(number), "who": "Lê Thị Hương"}, "key")
        unit.flush()
        payload = unit.session.execute(select(Outbox.payload)).scalar_one()
    assert payload["amount"] == Decimal(number)
    assert payload["who"] == "Lê Thị Hương"


def test_json_text_keeps_decimals_and_whole_numbers_apart() -> None:
    value = {"a": Decimal("1.50"), "b": 3, "c": [True, None, "ơ"]}
    assert load_json(dump_json(value)) == value
    assert isinstance(load_json("1.0"), Decimal)
    assert isinstance(load_json("1"), int)
    assert json.loads(dump_json({"a": Decimal("1.50")})) == {"a": 1.5}


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), object(), b"bytes"])
def test_what_json_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        dump_json({"a": value})


def test_a_unit_of_work_rolls_back_everything_on_an_error(database: Database, office: Office) -> None:
    def send_then_fail() -> None:
        with database.unit_of_work(office.system) as unit:
            unit.send("exchange", "A01", {}, "key")
            unit.flush()
            raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        send_then_fail()
    with database.unit_of_work(office.system) as unit:
        assert unit.session.execute(select(Outbox)).all() == []


def test_a_clock_is_the_only_source_of_a_units_now(
    database: Database, office: Office, clock: ManualClock
) -> None:
    with database.unit_of_work(office.system) as unit:
        assert unit.now == clock.now() == OPENING


def test_a_document_keeps_vietnamese_text_and_aware_times(database: Database, office: Office) -> None:
    row = {
        "id": new_id(OPENING),
        "agency_id": office.agency_id,
        "direction": "incoming",
        "status": "arrived",
        "channel": "paper",
        "type_name": "Công văn",
        "code_number": "12",
        "code_notation": "CV/TU",
        "organ_name": "Tỉnh ủy",
        "subject": "Về việc triển khai Nghị quyết",
        "urgency": "normal",
        "secrecy": "none",
        "category": "",
        "trace": [],
        "created_at": OPENING,
    }
    with database.unit_of_work(office.system) as unit:
        unit.session.execute(insert(table_of(Document)), {"language": "vi", **_defaults(), **row})
        read = unit.session.execute(select(Document.subject, Document.created_at)).one()
    assert tuple(read) == ("Về việc triển khai Nghị quyết", OPENING)


def _defaults() -> dict[str, object]:
    names = ("description", "signer_position", "signer_name", "to_places")
    return {**dict.fromkeys(names, ""), "is_public": False, "version": 1}
