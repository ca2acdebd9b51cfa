"""Agencies under one another and units under one another: renamed, moved, closed, never deleted."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, update

from service.actions import memberships, organisation
from service.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from service.queries.organisation import list_agencies_below, list_units, read_agency
from service.storage.database import Database
from service.storage.models import Agency, AuditEvent, table_of
from tests.factories import Office


@pytest.mark.clause("S1-2", "S2-1.2", "S3-6.1")
def test_an_administrator_sees_the_agencies_below_and_nothing_of_what_is_in_them(
    database: Database, owner: Database, office: Office, other_office: Office, state_office: Office
) -> None:
    agency = table_of(Agency)
    with owner.session() as session:
        session.execute(
            update(agency).where(agency.c.id == other_office.agency_id).values(parent_id=office.agency_id)
        )
    with database.unit_of_work(other_office.actor_for("dongson.quantri")) as unit:
        organisation.create_agency(unit, "chi_bo_1", "Chi bộ thôn 1", "party")
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        below = [(one.depth, one.code, one.parent_code) for one in list_agencies_below(unit)]
        units = {one.code for one in list_units(unit)}
    assert below == [(1, "dongson", "vptu"), (2, "chi_bo_1", "dongson")]
    assert "van_phong" not in units
    with database.unit_of_work(other_office.actor_for("dongson.quantri")) as unit:
        assert [one.code for one in list_agencies_below(unit)] == ["chi_bo_1"]
    with database.unit_of_work(office.actor_for("vanthu")) as unit, pytest.raises(Forbidden):
        list_agencies_below(unit)


@pytest.mark.clause("S1-7.3")
def test_an_agency_changes_its_own_name_and_identifier(database: Database, office: Office) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        organisation.change_agency(unit, name="Văn phòng  Tỉnh ủy mới")
        organisation.change_agency(unit, organ_id="A01.01.01")
        organisation.change_agency(unit)
        with pytest.raises(InvalidInput):
            organisation.change_agency(unit, organ_id="x" * 36)
        view = read_agency(unit)
    assert (view.name, view.organ_id) == ("Văn phòng Tỉnh ủy mới", "A01.01.01")


def test_a_renamed_unit_keeps_its_code_and_the_audit_keeps_its_name(
    database: Database, office: Office
) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        organisation.rename_unit(unit, "tong_hop", "Phòng Tổng hợp - Đối ngoại")
        names = {one.code: one.name for one in list_units(unit)}
    assert names["tong_hop"] == "Phòng Tổng hợp - Đối ngoại"
    with database.unit_of_work(office.system) as unit:
        event = unit.session.execute(select(AuditEvent)).scalar_one()
    assert event.details == {
        "code": "tong_hop",
        "from": "Phòng Tổng hợp",
        "to_name": "Phòng Tổng hợp - Đối ngoại",
    }


def test_a_unit_moves_but_never_under_itself(database: Database, office: Office) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        organisation.create_unit(unit, "to_1", "Tổ 1", "tong_hop")
        organisation.create_unit(unit, "nhom_1", "Nhóm 1", "to_1")
        organisation.move_unit(unit, "to_1", "hanh_chinh")
        for below in ("to_1", "nhom_1"):
            with pytest.raises(Conflict):
                organisation.move_unit(unit, "to_1", below)
        organisation.move_unit(unit, "nhom_1", None)
        parents = {one.code: one.parent_code for one in list_units(unit)}
    assert (parents["to_1"], parents["nhom_1"]) == ("hanh_chinh", None)


def test_only_an_empty_unit_is_closed_and_nothing_is_put_into_it(database: Database, office: Office) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        organisation.create_unit(unit, "to_1", "Tổ 1")
        organisation.create_unit(unit, "nhom_1", "Nhóm 1", "to_1")
        membership = memberships.grant_role(unit, "vanthu", "specialist", "nhom_1")
        with pytest.raises(Conflict) as refusal:
            organisation.close_unit(unit, "to_1")
        assert refusal.value.extra["left"] == {"units": 1}
        with pytest.raises(Conflict) as refusal:
            organisation.close_unit(unit, "nhom_1")
        assert refusal.value.extra["left"] == {"roles": 1}
        memberships.end_role(unit, membership, date(2026, 3, 1))
        organisation.close_unit(unit, "nhom_1")
        organisation.close_unit(unit, "to_1")
        assert "to_1" not in {one.code for one in list_units(unit)}
        assert "to_1" in {one.code for one in list_units(unit, with_closed=True)}
        for refused in (
            lambda: organisation.close_unit(unit, "to_1"),
            lambda: organisation.rename_unit(unit, "to_1", "Tổ 2"),
            lambda: organisation.create_unit(unit, "nhom_2", "Nhóm 2", "to_1"),
            lambda: memberships.grant_role(unit, "vanthu", "specialist", "to_1"),
        ):
            with pytest.raises(Conflict):
                refused()
        with pytest.raises(NotFound):
            organisation.close_unit(unit, "nowhere")


@pytest.mark.parametrize("login", ["vanthu", "phochanhvp", "giamsat"])
def test_nobody_else_changes_units(database: Database, office: Office, login: str) -> None:
    with database.unit_of_work(office.actor_for(login)) as unit:
        for act in (
            lambda: organisation.rename_unit(unit, "tong_hop", "x"),
            lambda: organisation.move_unit(unit, "tong_hop", None),
            lambda: organisation.close_unit(unit, "tong_hop"),
            lambda: organisation.change_agency(unit, name="x"),
        ):
            with pytest.raises(Forbidden):
                act()
