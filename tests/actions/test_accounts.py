"""Keeping people, units and roles: by administrators, within their agency, nothing ever deleted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, text

from service.actions import accounts, memberships, organisation, partners
from service.actions.logins import Attempt, log_in
from service.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated
from service.domain.ids import new_id
from service.queries.organisation import read_account
from service.storage.database import Database
from service.storage.models import Account, Agency, AuditEvent, Membership, Outbox, Unit, table_of
from service.storage.unit_of_work import UnitOfWork
from tests.factories import Office, open_session, unit_for
from tests.harness import OPENING

ANY_ID = new_id(OPENING)
ACTIONS: dict[str, Callable[[UnitOfWork], object]] = {
    "agency.create": lambda unit: organisation.create_agency(unit, "xa_moi", "Xã mới", "party"),
    "unit.create": lambda unit: organisation.create_unit(unit, "moi", "Phòng mới"),
    "account.create": lambda unit: accounts.create_account(unit, "moi", "Người mới"),
    "account.disable": lambda unit: accounts.disable_account(unit, "vanthu"),
    "account.enable": lambda unit: accounts.enable_account(unit, "vanthu"),
    "account.reset_password": lambda unit: accounts.reset_password(unit, "vanthu"),
    "membership.grant": lambda unit: memberships.grant_role(unit, "vanthu", "leader"),
    "membership.end": lambda unit: memberships.end_role(unit, _membership_id(unit), date(2026, 3, 31)),
    "assistance.grant": lambda unit: memberships.grant_assistance(unit, "troly", "phochanhvp"),
}


def _membership_id(unit: UnitOfWork):
    return unit.session.execute(select(Membership.id).limit(1)).scalar_one()


@pytest.mark.parametrize("action", ACTIONS)
def test_an_administrator_may(database: Database, office: Office, action: str) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        ACTIONS[action](unit)
    with database.unit_of_work(office.system) as unit:
        assert unit.session.execute(select(AuditEvent.action)).scalars().all() == [action]


@pytest.mark.clause("S4-12.1")
@pytest.mark.parametrize(
    "action", ["account.create", "membership.grant", "membership.end", "assistance.grant"]
)
def test_the_head_of_the_office_manages_people_and_rights(
    database: Database, office: Office, action: str
) -> None:
    head = office.actor_for("chanhvp")
    with database.unit_of_work(head) as unit:
        ACTIONS[action](unit)
    with database.unit_of_work(head) as unit:
        written = select(table_of(AuditEvent).c.action).where(
            table_of(AuditEvent).c.actor_id == head.account_id
        )
        assert unit.session.execute(written).scalars().all() == [action]


@pytest.mark.parametrize("login", ["vanthu", "phochanhvp", "phantich", "giamsat"])
@pytest.mark.parametrize("action", ACTIONS)
def test_nobody_else_may(database: Database, office: Office, action: str, login: str) -> None:
    with database.unit_of_work(office.actor_for(login)) as unit, pytest.raises(Forbidden):
        ACTIONS[action](unit)


def test_a_new_account_has_a_first_password_that_must_be_changed(database: Database, office: Office) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        made = accounts.create_account(unit, "nguyen.lan", "  Nguyễn  Thị Lan ", "Chuyên viên")
    result = log_in(database, Attempt("nguyen.lan", made.password, "bearer", "10.0.0.1"))
    assert result.must_change_password
    assert result.full_name == "Nguyễn Thị Lan"


@pytest.mark.parametrize("login", ["", "a", "Lan", "lan mai", "lan@x", "-lan", "lần", "x" * 65])
def test_a_malformed_login_is_refused(database: Database, office: Office, login: str) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit, pytest.raises(InvalidInput):
        accounts.create_account(unit, login, "Lan")


def test_a_login_is_taken_in_the_whole_installation(
    database: Database, office: Office, other_office: Office
) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        for login in ("vanthu", "dongson.vanthu"):
            with pytest.raises(Conflict):
                accounts.create_account(unit, login, "Lan")
        accounts.create_account(unit, "free", "Lan")


def test_another_agencys_account_cannot_be_touched(
    database: Database, office: Office, other_office: Office
) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        for act in (accounts.disable_account, accounts.enable_account, accounts.reset_password):
            with pytest.raises(NotFound):
                act(unit, "dongson.vanthu")
        with pytest.raises(NotFound):
            memberships.grant_role(unit, "dongson.vanthu", "admin")


@pytest.mark.clause("S4-12.3")
def test_a_disabled_account_stays_with_its_history(
    database: Database, owner: Database, office: Office
) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        accounts.disable_account(unit, "vanthu")
    with owner.session() as session:
        kept = session.execute(select(Account).where(Account.login == "vanthu")).scalar_one()
        assert kept.disabled_at == OPENING
    with pytest.raises(Exception, match="permission denied"), database.session() as session:
        session.execute(text("DELETE FROM account"))


def test_nobody_disables_themselves(database: Database, office: Office) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit, pytest.raises(Conflict):
        accounts.disable_account(unit, "quantri")


def test_a_child_agency_stands_under_its_founders(
    database: Database, owner: Database, office: Office
) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        agency_id = organisation.create_agency(unit, "xa_an_binh", "Đảng ủy xã An Bình", "party", "A01.11.00")
        with pytest.raises(Conflict):
            organisation.create_agency(unit, "xa_an_binh", "Again", "party")
        with pytest.raises(InvalidInput):
            organisation.create_agency(unit, "xa_khac", "Xã khác", "church")
    with owner.session() as session:
        made = session.execute(select(Agency).where(Agency.id == agency_id)).scalar_one()
        assert (made.parent_id, made.side, made.organ_id) == (office.agency_id, "party", "A01.11.00")


def test_a_unit_may_stand_under_another(database: Database, office: Office) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        organisation.create_unit(unit, "to_tong_hop", "Tổ Tổng hợp", "tong_hop")
        parent = unit.session.execute(select(Unit.parent_id).where(Unit.code == "to_tong_hop")).scalar_one()
        with pytest.raises(NotFound):
            organisation.create_unit(unit, "lost", "Lost", "nowhere")
        with pytest.raises(Conflict):
            organisation.create_unit(unit, "tong_hop", "Again")
    assert parent == office.units["tong_hop"]


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        ({"role": "emperor"}, InvalidInput),
        ({"role": "leader", "unit_code": "nowhere"}, NotFound),
        ({"role": "leader", "from_on": date(2026, 3, 2), "to_on": date(2026, 3, 1)}, InvalidInput),
    ],
)
def test_a_role_that_makes_no_sense_is_refused(
    database: Database, office: Office, wanted: dict[str, Any], error: type[Exception]
) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit, pytest.raises(error):
        memberships.grant_role(unit, "vanthu", **wanted)


def test_an_ended_role_keeps_its_row(database: Database, office: Office) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        membership_id = memberships.grant_role(unit, "vanthu", "leader")
        memberships.end_role(unit, membership_id, date(2026, 3, 31))
        kept = unit.session.execute(
            select(Membership.to_on).where(Membership.id == membership_id)
        ).scalar_one()
        with pytest.raises(NotFound):
            memberships.end_role(unit, ANY_ID, date(2026, 3, 31))
    assert kept == date(2026, 3, 31)


def test_an_aide_is_not_their_own_leader_and_not_twice_the_same(database: Database, office: Office) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        with pytest.raises(InvalidInput):
            memberships.grant_assistance(unit, "troly", "troly")
        with pytest.raises(Conflict):
            memberships.grant_assistance(unit, "troly", "chanhvp")


def test_a_clerk_keeps_the_directory_of_partners(database: Database, office: Office) -> None:
    with database.unit_of_work(office.actor_for("vanthu")) as unit:
        partners.add_partner(unit, "H01.02.00", "Sở Nội vụ (mẫu)", email="sonoivu@example.vn")
        with pytest.raises(Conflict):
            partners.add_partner(unit, "H01.02.00", "Again")
        with pytest.raises(InvalidInput):
            partners.add_partner(unit, "x" * 36, "Too long")
    with database.unit_of_work(office.actor_for("chanhvp")) as unit, pytest.raises(Forbidden):
        partners.add_partner(unit, "H01.03.00", "Sở Tài chính (mẫu)")


def test_a_change_of_an_account_is_audited_with_what_it_was_and_became(
    database: Database, office: Office
) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        accounts.disable_account(unit, "vanthu")
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        accounts.enable_account(unit, "vanthu")
        organisation.create_unit(unit, "moi", "Phòng mới")
    with database.unit_of_work(office.system) as unit:
        digests = select(AuditEvent.before_sha256, AuditEvent.after_sha256).order_by(AuditEvent.id)
        disabled, enabled, created = unit.session.execute(digests).all()
    assert disabled.before_sha256 == enabled.after_sha256 != disabled.after_sha256 == enabled.before_sha256
    assert created.before_sha256 is None
    assert len(created.after_sha256) == 32


@pytest.mark.clause("S1-3.4", "S4-2.5")
def test_there_is_one_account_for_each_person_and_one_for_the_agency(
    database: Database, office: Office
) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        accounts.create_account(unit, "nguyen.lan", "Nguyễn Lan", staff_code=" CB-001 ")
        with pytest.raises(Conflict) as refusal:
            accounts.create_account(unit, "nguyen.lan2", "Nguyễn Lan", staff_code="CB-001")
        assert refusal.value.findings[0].pointer == "/staff_code"
        accounts.create_agency_account(unit, "vptu")
        with pytest.raises(Conflict):
            accounts.create_agency_account(unit, "vptu2")
        accounts.disable_account(unit, "vptu")
        accounts.create_agency_account(unit, "vptu2")
        with pytest.raises(Conflict):
            accounts.enable_account(unit, "vptu")
        view = read_account(unit, "vptu2")
    assert (view.kind, view.full_name) == ("agency", "Văn phòng Tỉnh ủy (mẫu)")


def test_a_person_is_given_another_name_position_or_staff_code(database: Database, office: Office) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        accounts.change_account(unit, "vanthu", full_name="Nguyễn Thị Lan Anh", staff_code="CB-9")
        accounts.change_account(unit, "vanthu", position="Văn thư trưởng", staff_code="CB-9")
        accounts.change_account(unit, "vanthu")
        with pytest.raises(Conflict):
            accounts.change_account(unit, "vanthu2", staff_code="CB-9")
        view = read_account(unit, "vanthu")
        accounts.change_account(unit, "vanthu", staff_code="")
        assert read_account(unit, "vanthu").staff_code is None
    assert (view.full_name, view.position, view.staff_code) == (
        "Nguyễn Thị Lan Anh",
        "Văn thư trưởng",
        "CB-9",
    )
    with database.unit_of_work(office.actor_for("vanthu")) as unit, pytest.raises(Forbidden):
        accounts.change_account(unit, "vanthu", full_name="x")


@pytest.mark.clause("S1-4.2b2", "S3-7.2b1")
def test_who_lost_control_locks_their_own_account_and_an_administrator_opens_it(
    database: Database, office: Office
) -> None:
    token = open_session(database, office.actor_for("vanthu"))
    with unit_for(database, token) as unit:
        accounts.lock_own_account(unit)
    with pytest.raises(Unauthenticated), unit_for(database, token):
        pass
    with database.unit_of_work(office.system) as unit:
        told = unit.session.execute(select(Outbox.destination, Outbox.payload)).all()
    assert [(row.destination, row.payload["kind"]) for row in told] == [("role:admin", "account_locked")]
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        assert read_account(unit, "vanthu").locked_at == OPENING
        renewed = accounts.reset_password(unit, "vanthu")
        assert read_account(unit, "vanthu").locked_at is None
    assert log_in(database, Attempt("vanthu", renewed.password, "bearer", "10.0.0.1")).must_change_password


def test_a_new_password_does_not_open_what_an_administrator_shut(database: Database, office: Office) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        accounts.disable_account(unit, "vanthu")
        accounts.reset_password(unit, "vanthu")
        assert read_account(unit, "vanthu").disabled_at == OPENING
