"""The demonstration offices: loaded once, usable at once, apart from each other."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from service.actions.logins import Attempt, log_in
from service.demo import COMMUNE_OFFICE, PARTY_OFFICE, PLANS, AgencyPlan, load_demo
from service.domain.errors import Unauthenticated
from service.domain.permissions import ROLES
from service.queries import organisation
from service.queries.issuing_bodies import list_issuing_bodies
from service.storage.database import Database
from service.storage.models import Account, Agency, IssuingBody, Membership, Unit, table_of
from tests.factories import unit_for

PASSWORD = "mat khau trung bay"
SMALL = AgencyPlan(
    "nho",
    "Nhỏ",
    "party",
    "A09",
    (("van_phong", "Một"),),
    COMMUNE_OFFICE.people[:1],
    partners=(("A01", "Một"),),
)


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.code)
def test_a_plan_fits_together(plan: AgencyPlan) -> None:
    units = {code for code, _name in plan.units}
    logins = {person.login for person in plan.people}
    held = [role for person in plan.people for role in person.held]
    assert {role for role, _unit in held} <= set(ROLES)
    assert {unit for _role, unit in held if unit} <= units
    assert all(aide in logins and leader in logins for aide, leader in plan.aides)
    assert len(logins) == len(plan.people)


def test_the_party_office_has_every_role() -> None:
    assert {role for person in PARTY_OFFICE.people for role, _unit in person.held} == set(ROLES)


def test_everyone_of_the_demonstration_can_log_in_once_loaded(database: Database, owner: Database) -> None:
    result = load_demo(owner, password=PASSWORD)
    assert result.password == PASSWORD
    assert len(result.people) == sum(len(plan.people) for plan in PLANS)
    token = log_in(database, Attempt("troly", PASSWORD, "bearer", "10.0.0.1")).token
    with unit_for(database, token) as unit:
        assert set(unit.actor.assists) == {"chanhvp"}
        assert organisation.read_agency(unit).code == "vptu"
        assert len(organisation.list_partners(unit)) == len(PARTY_OFFICE.partners)
        bodies = list_issuing_bodies(unit)
    assert [(body.code, body.notation, body.term) for body in bodies] == [
        ("tinhuy", "TU", "2025-2030"),
        ("vptu", "VPTU", "2025-2030"),
    ]


def test_loading_again_changes_nothing(database: Database, owner: Database) -> None:
    first = load_demo(owner, [SMALL])
    assert first.password is not None
    assert load_demo(owner, [SMALL]).password is None
    with owner.session() as session:
        counts = [
            session.execute(select(func.count()).select_from(model)).scalar()
            for model in (Agency, Account, Membership)
        ]
    assert counts == [1, 1, 1]
    assert log_in(database, Attempt("dongson.vanthu", first.password, "bearer", "10.0.0.1"))


def test_passwords_can_be_renewed(database: Database, owner: Database) -> None:
    load_demo(owner, [SMALL], PASSWORD)
    renewed = load_demo(owner, [SMALL], renew_passwords=True)
    assert renewed.password is not None
    with pytest.raises(Unauthenticated):
        log_in(database, Attempt("dongson.vanthu", PASSWORD, "bearer", "10.0.0.1"))
    assert log_in(database, Attempt("dongson.vanthu", renewed.password, "bearer", "10.0.0.1"))


def test_units_of_one_code_in_two_offices_stay_apart(owner: Database) -> None:
    load_demo(owner, password=PASSWORD)
    unit, agency, membership = table_of(Unit), table_of(Agency), table_of(Membership)
    astray = select(membership.c.id).join(unit, unit.c.id == membership.c.unit_id)
    with owner.session() as session:
        shared = session.execute(select(unit.c.code).group_by(unit.c.code).having(func.count() > 1)).scalars()
        assert "hanh_chinh" in set(shared)
        assert session.execute(astray.where(unit.c.agency_id != membership.c.agency_id)).all() == []
        assert session.execute(select(func.count()).select_from(agency)).scalar() == len(PLANS)


def test_an_office_of_an_earlier_release_gets_its_issuing_bodies(owner: Database) -> None:
    load_demo(owner, [replace(SMALL, bodies=())])
    load_demo(owner, [replace(SMALL, bodies=COMMUNE_OFFICE.bodies)])
    load_demo(owner, [replace(SMALL, bodies=COMMUNE_OFFICE.bodies)])
    with owner.session() as session:
        assert session.execute(select(IssuingBody.code)).scalars().all() == ["danguy"]
