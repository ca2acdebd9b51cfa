"""What may be given to whom: every rule of an assignment, each fault told with the field it is about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, update

from handlers.assignments.given import Given, faults_of, read_given
from service.actions import delegations
from service.bootstrap import Runtime
from service.domain.errors import InvalidInput
from service.domain.ids import new_id
from service.storage.models import Unit, table_of
from service.storage.unit_of_work import UnitOfWork
from tests.factories import Office, open_session, unit_for
from tests.processes.assignment_desk import GIVEN, at

UNIT = table_of(Unit)
HEAD, LEADER, SPECIALIST = "tp.tonghop", "chanhvp", "cv.tonghop1"


def _blind(unit: UnitOfWork, document_id: UUID) -> bool:
    del unit, document_id
    return False


@pytest.fixture
def read(runtime: Runtime, office: Office) -> Any:
    """Read what a person gives, by default in their own name."""

    def reading(login: str | None = LEADER, given: Mapping[str, Any] | None = None, **changes: Any) -> Given:
        actor = office.actor_for(login) if login else office.system
        whole = GIVEN | ({"assigner": f"user:{login}"} if login else {}) | changes
        with runtime.database.unit_of_work(actor) as unit:
            return read_given(unit, whole if given is None else given, _blind)

    return reading


def _faults(read: Any, login: str | None = LEADER, **changes: Any) -> set[tuple[str, str]]:
    with pytest.raises(InvalidInput) as caught:
        read(login, **changes)
    assert all(one.vi and one.en for one in caught.value.findings)
    assert faults_of(caught.value)
    return {(one.pointer, one.code.removeprefix("assignment.")) for one in caught.value.findings}


@pytest.mark.clause("S0-11g1", "S0-11g5")
def test_what_is_right_is_read_with_everybody_found_and_the_day_until_office_close(read: Any) -> None:
    found = read(content="  Rà soát  ", urgency=None)
    assert (found.content, found.urgency, found.lead.name) == ("Rà soát", "normal", "Phòng Tổng hợp")
    assert found.lead.owners == ("role:unit_head@unit:tong_hop",)
    assert [one.reference for one in found.coordinators] == ["unit:hanh_chinh"]
    assert found.due_at == at(6, 17)
    assert found.deadline["clause"] == "S0-11g5"
    assert read(due_on=None).deadline == {}


@pytest.mark.clause("S0-11g1")
def test_all_faults_are_told_at_once_each_with_its_field(read: Any) -> None:
    wrong = {
        "content": " ",
        "description": "x" * 8001,
        "lead": "unit:khongco",
        "coordinators": ["user:khongco"],
        "monitor": "khongco",
        "urgency": "soon",
        "due_on": "2026-02-27",
        "document_id": str(uuid4()),
        "slip_id": "khong-phai-ma",
        "parent_id": str(uuid4()),
    }
    assert _faults(read, **wrong) == {
        ("/content", "no_content"),
        ("/description", "too_long"),
        ("/lead", "nobody"),
        ("/coordinators/0", "nobody"),
        ("/monitor", "nobody"),
        ("/urgency", "urgency"),
        ("/due_on", "past"),
        ("/document_id", "not_found"),
        ("/slip_id", "not_found"),
        ("/parent_id", "not_found"),
    }
    assert _faults(
        read, due_on="mai", coordinators=["unit:tong_hop"], monitor=LEADER, lead="unit:tong_hop"
    ) == {
        ("/due_on", "no_day"),
        ("/coordinators/0", "is_lead"),
    }
    assert _faults(read, lead="unit:van_thu") == {("/lead", "no_head")}
    assert _faults(read, lead=f"user:{LEADER}") == {("/lead", "to_self")}
    assert _faults(read, coordinators=["user:x"] * 51) == {("/coordinators", "too_many")}
    assert _faults(read, lead=f"user:{SPECIALIST}", monitor=SPECIALIST) == {("/monitor", "is_lead")}


@pytest.mark.clause("S0-10.3g1", "S0-11g1")
def test_a_head_gives_to_the_own_unit_and_those_under_it_a_leader_to_all(
    read: Any, runtime: Runtime, office: Office
) -> None:
    assert read(HEAD, lead=f"user:{SPECIALIST}").lead.reference == f"user:{SPECIALIST}"
    assert _faults(read, HEAD, lead="user:cv.hanhchinh1") == {("/lead", "out_of_reach")}
    assert _faults(read, HEAD, lead="unit:hanh_chinh", coordinators=[]) == {("/lead", "out_of_reach")}
    assert _faults(read, SPECIALIST, lead="user:cv.tonghop2") == {("/lead", "out_of_reach")}
    assert read(LEADER, lead="user:cv.hanhchinh1").lead.account_id == office.accounts["cv.hanhchinh1"]
    with runtime.database.unit_of_work(office.system) as unit:
        under = {"id": new_id(unit.now), "agency_id": office.agency_id, "code": "to_1", "name": "Tổ 1"}
        unit.session.execute(insert(UNIT).values(under | {"parent_id": office.units["tong_hop"]}))
        moved = update(UNIT).where(UNIT.c.code == "hanh_chinh")
        unit.session.execute(moved.values(parent_id=under["id"]))
    assert read(HEAD, lead="unit:hanh_chinh", coordinators=[]).lead.name == "Phòng Hành chính - Quản trị"


@pytest.mark.clause("S4-7c")
def test_work_is_given_in_anothers_name_by_aide_or_order_and_by_nobody_else(
    read: Any, runtime: Runtime, office: Office
) -> None:
    in_their_name = {"assigner": f"user:{LEADER}"}
    assert read("troly", **in_their_name).assigner.account_id == office.accounts[LEADER]
    assert _faults(read, HEAD, **in_their_name) == {("/assigner", "not_for_another")}
    assert read(None, **in_their_name).assigner.reference == f"user:{LEADER}"
    day = date(2026, 3, 2)
    order = delegations.NewOrder("vt.tonghop", ("assign",), day, day, basis="12-QĐ/VP")
    with runtime.database.unit_of_work(office.actor_for(HEAD)) as unit:
        delegations.give(unit, order)
    token = open_session(runtime.database, office.actor_for("vt.tonghop"))
    with unit_for(runtime.database, token) as unit:
        own = GIVEN | {"assigner": "user:vt.tonghop", "lead": f"user:{SPECIALIST}"}
        assert read_given(unit, own, _blind).lead.reference == f"user:{SPECIALIST}"
        assert (
            read_given(unit, own | {"assigner": f"user:{HEAD}"}, _blind).assigner.reference == f"user:{HEAD}"
        )
