"""Reading the organisation: one's own agency, page by page."""

from __future__ import annotations

from datetime import date

import pytest

from service.actions import accounts, memberships, partners
from service.domain.actors import Actor
from service.domain.errors import Forbidden, InvalidInput, NotFound
from service.queries import organisation
from service.storage.database import Database
from tests.factories import Office


def test_a_person_reads_their_agency_and_its_units(
    database: Database, office: Office, other_office: Office
) -> None:
    with database.unit_of_work(office.actor_for("cv.tonghop1")) as unit:
        agency = organisation.read_agency(unit)
        units = organisation.list_units(unit)
    assert (agency.code, agency.organ_id) == ("vptu", "A01.01.00")
    assert [found.code for found in units] == ["co_yeu", "hanh_chinh", "tong_hop", "van_thu"]


def test_people_come_page_by_page_without_a_double_or_a_gap(
    database: Database, office: Office, other_office: Office
) -> None:
    logins: list[str] = []
    cursor = None
    with database.unit_of_work(office.actor_for("vanthu")) as unit:
        while True:
            page = organisation.list_people(unit, cursor, 4)
            logins += [person.login for person in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
    assert sorted(logins) == sorted(office.accounts)
    assert len(logins) == len(set(logins))


def test_people_are_found_by_name_unit_and_role_of_today(database: Database, office: Office) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        memberships.grant_role(unit, "vanthu", "specialist", "tong_hop", from_on=date(2026, 3, 3))
    with database.unit_of_work(office.actor_for("vanthu")) as unit:
        by_unit = organisation.list_people(unit, unit_code="tong_hop", role="specialist").items
        by_text = organisation.list_people(unit, text="minh").items
        by_wildcard = organisation.list_people(unit, text="%").items
    assert sorted(person.login for person in by_unit) == ["cv.tonghop1", "cv.tonghop2"]
    assert {person.login for person in by_text} == {"chanhvp", "vt.hanhchinh"}
    assert by_wildcard == []


def test_disabled_people_cannot_be_chosen_but_the_administrator_sees_them(
    database: Database, office: Office
) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        accounts.disable_account(unit, "troly")
        assert "troly" not in [person.login for person in organisation.list_people(unit).items]
        assert "troly" in [person.login for person in organisation.list_accounts(unit).items]


def test_an_account_shows_its_roles_and_leaders(database: Database, office: Office) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        account = organisation.read_account(unit, "troly")
        with pytest.raises(NotFound):
            organisation.read_account(unit, "nobody")
    assert [(role.role, role.unit_code) for role in account.roles] == [("aide", None)]
    assert account.assists == ("chanhvp",)


@pytest.mark.parametrize("cursor", ["x", "W10", "WzEsMl0", "!!!"])
def test_a_cursor_of_somewhere_else_is_refused(database: Database, office: Office, cursor: str) -> None:
    with database.unit_of_work(office.actor_for("vanthu")) as unit, pytest.raises(InvalidInput):
        organisation.list_people(unit, cursor)


def test_accounts_are_for_those_who_keep_them(database: Database, office: Office) -> None:
    with database.unit_of_work(office.actor_for("vanthu")) as unit:
        with pytest.raises(Forbidden):
            organisation.list_accounts(unit)
        with pytest.raises(Forbidden):
            organisation.read_account(unit, "vanthu")


def test_whoever_holds_no_role_sees_nothing(database: Database, office: Office) -> None:
    nobody = Actor(office.agency_id, office.code, office.accounts["vanthu"], "vanthu", "Nguyễn Thị Lan")
    with database.unit_of_work(nobody) as unit:
        for read in (organisation.read_agency, organisation.list_units, organisation.list_partners):
            with pytest.raises(Forbidden):
                read(unit)


def test_the_directory_of_partners_is_read_by_name(database: Database, office: Office) -> None:
    with database.unit_of_work(office.actor_for("vanthu")) as unit:
        partners.add_partner(unit, "H02", "Sở Y tế (mẫu)")
        partners.add_partner(unit, "H01", "Sở Nội vụ (mẫu)")
        assert [partner.organ_id for partner in organisation.list_partners(unit)] == ["H01", "H02"]
