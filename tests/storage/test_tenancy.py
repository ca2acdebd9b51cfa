"""Row-level security: a session of one agency sees and writes nothing of another (architecture 3.11)."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, insert, select, text, update
from sqlalchemy.exc import ProgrammingError

from service.domain.ids import new_id
from service.storage.database import Database
from service.storage.models import Account, Base, Unit, table_of
from service.storage.models.base import Tenant
from tests.factories import Office

TENANT_TABLES = sorted(
    table_of(model.class_).name for model in Base.registry.mappers if issubclass(model.class_, Tenant)
)


def test_every_tenant_table_has_row_security_and_one_policy(owner_engine: Engine) -> None:
    with owner_engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT c.relname FROM pg_class c JOIN pg_policies p ON p.tablename = c.relname"
                " WHERE c.relrowsecurity AND p.qual = '(agency_id = current_agency())'"
                " AND p.with_check = p.qual AND p.cmd = 'ALL' AND 'public' = ANY (p.roles)",
            ),
        ).scalars()
        assert sorted(rows) == TENANT_TABLES


def test_tables_without_an_agency_are_these_and_no_others() -> None:
    others = {table.name for table in Base.metadata.sorted_tables} - set(TENANT_TABLES)
    assert others == {"agency", "audit_epoch", "audit_seal", "login_failure"}


def test_a_session_sees_its_own_agency_only(database: Database, office: Office, other_office: Office) -> None:
    with database.unit_of_work(office.system) as unit:
        logins = set(unit.session.execute(select(Account.login)).scalars())
        agencies = unit.session.execute(text("SELECT code FROM agency")).scalars().all()
    assert logins == set(office.accounts)
    assert agencies == [office.code]
    assert not logins & set(other_office.accounts)


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_without_an_agency_nothing_is_seen(database: Database, office: Office, table: str) -> None:
    with database.session() as session:
        assert session.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0


def test_a_row_cannot_be_written_into_another_agency(
    database: Database, office: Office, other_office: Office
) -> None:
    row = {"id": new_id(database.clock.now()), "agency_id": other_office.agency_id, "code": "x", "name": "x"}
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        database.unit_of_work(office.system) as unit,
    ):
        unit.session.execute(insert(table_of(Unit)), row)


def test_a_row_cannot_be_moved_into_another_agency(
    database: Database, office: Office, other_office: Office
) -> None:
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        database.unit_of_work(office.system) as unit,
    ):
        unit.session.execute(update(table_of(Unit)).values(agency_id=other_office.agency_id))


def test_another_agencys_rows_cannot_be_changed(
    database: Database, office: Office, other_office: Office
) -> None:
    unit_id = other_office.units["van_phong"]
    with database.unit_of_work(office.system) as unit:
        changed = unit.session.execute(
            update(table_of(Unit)).where(Unit.id == unit_id).values(name="changed").returning(Unit.id),
        ).all()
    assert changed == []


def test_the_runtime_role_is_no_owner_and_no_superuser(database: Database) -> None:
    with database.session() as session:
        role = session.execute(
            text(
                "SELECT current_user, rolsuper, rolbypassrls, rolcreaterole, rolcanlogin,"
                " EXISTS (SELECT 1 FROM pg_class c WHERE c.relowner = r.oid)"
                " FROM pg_roles r WHERE rolname = current_user",
            ),
        ).one()
    assert tuple(role) == ("congvan_app", False, False, False, False, False)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET action = 'x'",
        "DELETE FROM audit_event",
        "DELETE FROM audit_seal",
        "UPDATE audit_seal SET number = 1",
        "DELETE FROM history",
        "UPDATE history SET action = 'x'",
        "DELETE FROM registry_entry",
        "UPDATE registry_entry SET number = 1",
        "DELETE FROM number_series",
        "DELETE FROM account",
        "UPDATE process_definition SET bundle = ''",
        "INSERT INTO agency (id, code, name, side, created_at) VALUES (gen_random_uuid(), 'x', 'x', 'x', now())",
        "SELECT start_audit_epoch(now())",
        "CREATE TABLE mine (id int)",
    ],
)
def test_the_runtime_role_may_not(database: Database, office: Office, statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|row-level security"):  # noqa: SIM117
        with database.unit_of_work(office.system) as unit:
            unit.session.execute(text(statement))


def test_the_agency_of_a_transaction_does_not_outlive_it(database: Database, office: Office) -> None:
    engine = database.engine
    with engine.connect() as connection:
        connection.execute(
            text("SELECT set_config('app.agency_id', :id, true)"), {"id": str(office.agency_id)}
        )
        assert connection.execute(text("SELECT count(*) FROM account")).scalar() == len(office.accounts)
        connection.rollback()
        assert connection.execute(text("SELECT count(*) FROM account")).scalar() == 0
