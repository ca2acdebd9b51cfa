"""A house of an earlier release goes on after the upgrade: nothing is lost, running processes run on.

What stands in the houses:

- ``0004``: four documents arrived; one handled to its end, one refused, one recalled, one still being worked on.
- ``0016``: the same and one unchecked; a slip before the leader; outgoing documents waiting for the leader's
  signature, issued, and recalled; a printed register; an order of delegation; a request for access that the unit
  has agreed to; a leader and a clerk with code generators.

The next one is made at the next release: ``tests/storage/release_house.py`` says how.
"""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from psycopg import sql
from sqlalchemy import create_engine, text

from service.actions import audit
from service.app import Application, create_app
from service.bootstrap import Runtime, build
from service.domain.actors import Actor, system_actor
from service.domain.clock import ManualClock
from service.domain.one_time_codes import code_at
from service.storage import register, schema
from service.storage.database import open_engine
from service.worker import rounds
from tests.api.callers import Caller
from tests.factories import PASSWORD, open_session
from tests.harness import TestDatabase, TestServer, test_settings

HERE = Path(__file__).parent
UPGRADED_AT = {
    "0004": datetime(2026, 11, 26, 2, 0, tzinfo=UTC),
    "0016": datetime(2026, 3, 5, 1, 0, tzinfo=UTC),
}
"""When each house is upgraded: the next working day."""

MAY_CHANGE = frozenset({"alembic_version", "audit_epoch"})
"""What an upgrade writes itself."""

Values = Mapping[tuple[str, str], tuple[int, str | None]]


def values_of(database: TestDatabase) -> Values:
    """Return count and digest of what each column of each table holds, by table and column."""
    columns = (
        "SELECT table_name, column_name FROM information_schema.columns JOIN pg_class ON relname = table_name"
        " WHERE table_schema = 'public' AND relkind = 'r'"
    )
    digest = "SELECT count(*), md5(string_agg(coalesce({0}::text, '-'), '|' ORDER BY {0}::text)) FROM {1}"
    with psycopg.connect(database.superuser_conninfo) as connection:
        return {
            (table, column): connection.execute(
                sql.SQL(digest).format(sql.Identifier(column), sql.Identifier(table))
            ).fetchone()
            for table, column in connection.execute(columns).fetchall()
            if table not in MAY_CHANGE
        }


def load(server: TestServer, release: str, name: str) -> TestDatabase:
    """Make a database of an earlier release with its rows."""
    created = server.create_database(name)
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(created.owner_conninfo))
    with engine.connect() as connection:
        config = schema.alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, release)
        connection.commit()
    engine.dispose()
    rows = gzip.decompress((HERE / f"release_{release}.sql.gz").read_bytes())
    with psycopg.connect(created.superuser_conninfo) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(rows.decode())
    return created


@dataclass
class House:
    """A house of an earlier release at this one.

    Attributes:
        release: the earlier revision.
        before: what its columns held.
        facts: where things are.
    """

    release: str
    database: TestDatabase
    runtime: Runtime
    application: Application
    clock: ManualClock
    before: Values
    facts: Mapping[str, Any]

    def actor(self, login: str) -> Actor:
        """Return a person of the provincial office, for opening a session."""
        with self.runtime.database.session() as session:
            row = session.execute(text("SELECT * FROM find_login(:login)"), {"login": login}).one()
        return Actor(row.agency_id, row.agency_code, row.account_id, row.login, row.full_name)

    def sign_in(self, login: str) -> Caller:
        """Return a person with an open session."""
        token = open_session(self.runtime.database, self.actor(login))
        return Caller(self.application.test_client(), token)

    def log_in(self, login: str) -> Caller:
        """Return a person who proved password and code generator a moment ago."""
        self.clock.advance(timedelta(seconds=30))
        caller = Caller(self.application.test_client())
        wanted = answered(caller.post("/api/v1/sessions", {"login": login, "password": PASSWORD}), 202)
        proof = {"login_token": wanted["login_token"], "totp": code_at(self.facts["totp"][login], self.now)}
        caller.token = answered(caller.post("/api/v1/sessions/second-factor", proof), 201)["token"]
        return caller

    @property
    def now(self) -> datetime:
        """The instant of the house's clock."""
        return self.clock.now()

    def work(self) -> None:
        """Let the worker do what is due."""
        while rounds.run_due_jobs(self.runtime):
            pass

    def complete(self, person: Caller, instance: str, element: str, data: Mapping[str, Any]) -> None:
        """Let a person complete their open task of an instance, then the worker run."""
        items = person.get("/api/v1/tasks").get_json()["items"]
        (task,) = [one for one in items if (one["instance_id"], one["element_id"]) == (instance, element)]
        answered(person.post(f"/api/v1/tasks/{task['id']}/complete", {"data": data}), 200)
        self.work()


def answered(answer: Any, status: int) -> Any:
    """Return the JSON of an answer of a status."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_json()


@pytest.fixture(scope="module", params=sorted(UPGRADED_AT))
def house(
    request: pytest.FixtureRequest,
    server: TestServer,
    worker_name: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[House]:
    """A house of each earlier release, upgraded; each test has things of its own in it."""
    release: str = request.param
    clock = ManualClock(UPGRADED_AT[release])
    directory = tmp_path_factory.mktemp(f"release_{release}")
    facts: dict[str, Any] = {}
    if (files := HERE / f"release_{release}.files.zip").exists():
        with zipfile.ZipFile(files) as archive:
            archive.extractall(directory)
        (directory / "secret.key").chmod(0o600)
        facts = json.loads((directory / "facts.json").read_text())
    database = load(server, release, f"old_{release}_{worker_name}")
    before = values_of(database)
    engine = open_engine(database.owner_conninfo, pool_connections=1)
    assert schema.migrate(engine, clock.now())[0] > release
    engine.dispose()
    runtime = build(test_settings(directory, database.owner_conninfo), clock)
    yield House(release, database, runtime, create_app(runtime), clock, before, facts)
    runtime.close()


release_0004 = pytest.mark.parametrize("house", ["0004"], indirect=True)
release_0016 = pytest.mark.parametrize("house", ["0016"], indirect=True)


def test_no_value_is_lost(house: House) -> None:
    after = values_of(house.database)
    assert {column: after.get(column) for column in house.before} == house.before


def test_numbers_and_the_audit_chain_still_hold(house: House) -> None:
    clerk = house.actor("vanthu")
    with house.runtime.database.unit_of_work(system_actor(clerk.agency_id, clerk.agency_code)) as unit:
        assert register.find_gaps(unit) == []
    audit.seal(house.runtime.database)
    owner = open_engine(house.database.owner_conninfo, pool_connections=1)
    assert audit.verify(owner).findings == ()
    owner.dispose()


def test_whoever_a_trace_names_is_found_for_lists(house: House) -> None:
    named = (
        "SELECT count(*), count(r.reference) FROM document d CROSS JOIN readers_in_trace(d.trace) AS named"
        " LEFT JOIN document_reader r ON r.document_id = d.id AND r.reference = named"
    )
    owner = open_engine(house.database.owner_conninfo, pool_connections=1)
    with owner.connect() as connection:
        wanted, found = connection.execute(text(named)).one()
    owner.dispose()
    assert found == wanted > 0


@release_0004
def test_a_document_under_way_is_worked_on(house: House) -> None:
    specialist = house.sign_in("cv.tonghop2")
    (task,) = specialist.get("/api/v1/tasks").get_json()["items"]
    assert task["element_id"] == "start_handling"
    answered(specialist.post(f"/api/v1/tasks/{task['id']}/complete", {"data": {}}), 200)
    (following,) = specialist.get("/api/v1/tasks").get_json()["items"]
    assert following["element_id"] == "work_on_document"


@release_0016
def test_a_document_that_waited_for_its_signature_is_signed_numbered_sealed_and_issued(house: House) -> None:
    document, instance = house.facts["to_sign"]["document"], house.facts["to_sign"]["instance"]
    address = f"/api/v1/documents/{document}"

    def consent(person: Caller, act: str) -> str:
        files = answered(person.get(address), 200)["files"]
        newest = max((one for one in files if one["role"] == "main"), key=lambda one: one["version"])
        body = {"act": act, "file_sha256": newest["sha256"], "method": "stored_key"}
        return str(answered(person.post(f"{address}/signing-consents", body), 201)["id"])

    leader, clerk = house.log_in("chanhvp"), house.log_in("vanthu")
    signed = {"decision": "sign", "consent_id": consent(leader, "leader")}
    house.complete(leader, instance, "sign_draft", signed)
    house.complete(clerk, instance, "check_format", {"decision": "pass"})
    house.complete(clerk, instance, "seal_document", {"consent_id": consent(clerk, "seal")})
    found = answered(clerk.get(address), 200)
    assert (found["status"], found["code_number"]) == ("issued", "03")
    (file,) = answered(clerk.get(f"{address}/signatures"), 200)["files"]
    assert (file["verdict"]["value"], [one["act"] for one in file["signatures"]]) == (
        "valid",
        ["leader", "seal"],
    )


@release_0016
def test_a_slip_before_the_leader_is_decided(house: House) -> None:
    instance = house.facts["slip"]["instance"]
    leader = house.sign_in("chanhvp")
    house.complete(leader, instance, "give_decision", {"decision": "agree"})
    found = answered(house.sign_in("giamsat").get(f"/api/v1/instances/{instance}"), 200)
    assert found["view"]["state"] == "completed"


@release_0016
def test_an_arrival_under_way_is_handled_to_its_end(house: House) -> None:
    instance = house.facts["being_handled"]["instance"]
    specialist, head = house.sign_in("cv.tonghop1"), house.sign_in("tp.tonghop")
    (dossier,) = answered(specialist.get("/api/v1/dossiers"), 200)["items"]
    done = {"outcome": "done", "result": "advised"}
    house.complete(specialist, instance, "work_on_document", done)
    house.complete(head, instance, "confirm_result", {"decision": "confirm"})
    house.complete(specialist, instance, "file_document", {"dossier_id": dossier["id"]})
    document = answered(head.get(f"/api/v1/documents/{house.facts['being_handled']['document']}"), 200)
    assert document["status"] == "completed"


@release_0016
def test_orders_requests_and_recalled_documents_stand(house: House) -> None:
    deputy, asker = house.sign_in("phochanhvp"), house.sign_in("cv.hanhchinh1")
    (order,) = answered(deputy.get("/api/v1/delegations"), 200)["items"]
    assert (order["delegator"], order["state"]) == ("chanhvp", "effective")
    leader = house.sign_in("chanhvp")
    house.complete(leader, house.facts["access"]["instance"], "consider_in_office", {"decision": "agree"})
    seen = asker.get(f"/api/v1/documents/{house.facts['handled']['document']}")
    assert answered(seen, 200)["code_number"] == "05"
    recalled = answered(leader.get(f"/api/v1/documents/{house.facts['recalled']['document']}"), 200)
    assert recalled["status"] == "recalled"


@release_0016
def test_what_was_printed_of_a_register_stays_printed(house: House) -> None:
    clerk, printed = house.sign_in("vanthu"), house.facts["print"]
    (print_,) = answered(clerk.get(f"/api/v1/registers/{printed['register']}/prints"), 200)["items"]
    assert (print_["id"], print_["line_count"]) == (printed["print"], printed["lines"])
    lines = answered(clerk.get(f"/api/v1/registers/{printed['register']}/lines"), 200)["items"]
    wrong = {"columns": {"subject": "Trích yếu đúng"}, "reason": "Nhập nhầm"}
    mended = answered(clerk.post(f"/api/v1/registry-entries/{lines[0]['entry_id']}/corrections", wrong), 201)
    assert mended["columns"] == lines[0]["columns"]
    assert [one["columns"] for one in mended["addenda"]] == [wrong["columns"]]
