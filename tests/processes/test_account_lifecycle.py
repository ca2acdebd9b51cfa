"""The life of an account: asked for, confirmed, made, changed, handed over, shut; guests; lost control (D9)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from service.actions import accounts, agency_accounts, delegations, guests, posts
from service.actions.delegations import NewOrder
from service.actions.logins import Attempt, log_in
from service.actions.sessions import change_password, token_identity
from service.domain.errors import Conflict, Forbidden, NotFound, Unauthenticated
from service.queries.organisation import read_account
from service.queries.task_detail import read_task
from service.storage.models import Dossier, table_of
from service.worker import rounds
from tests.factories import open_session, unit_for
from tests.processes.desk import AIDE, CLERK, COLLEAGUE, LEADER, SPECIALIST, UNIT_HEAD, Desk

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
ADMIN, DEPUTY = "quantri", "phochanhvp"
DOSSIER = table_of(Dossier)
NEW = {"kind": "new", "full_name": "Nguyễn Văn Mới", "role": "specialist", "unit": "tong_hop"}
LEAVE = {"kind": "leave", "person": SPECIALIST, "effective_on": "2026-03-04", "basis": "Nghỉ hưu"}
CHANGE = {"kind": "change_post", "person": SPECIALIST, "post": "tp_moi", "effective_on": "2026-03-04"}
GUEST = {
    "kind": "guest",
    "full_name": "Lê Khách",
    "meeting": "Hội nghị",
    "until": "2026-03-02T11:00:00+07:00",
}


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=HANOI)


@pytest.fixture
def life(desk: Desk) -> Desk:
    """A desk with the process deployed."""
    desk.deploy_bundle("account_lifecycle")
    return desk


def ask(life: Desk, request: dict[str, Any], login: str = UNIT_HEAD) -> UUID:
    life.instance_id = life.start("account_lifecycle", login=login)
    life.finish("describe_request", request, login)
    return life.instance_id


def confirm(life: Desk, login: str = LEADER) -> None:
    life.finish("confirm_request", {"decision": "confirm"}, login)


def account(life: Desk, login: str) -> Any:
    return life.do(ADMIN, lambda unit: read_account(unit, login))


def roles(life: Desk, login: str) -> set[tuple[str, str | None]]:
    today = life.clock.now().astimezone(HANOI).date()
    held = account(life, login).roles
    return {
        (one.role, one.unit_code) for one in held if (one.to_on or today) >= today >= (one.from_on or today)
    }


def made(life: Desk, login: str = "nguyen.moi", **request: Any) -> None:
    """Up to the new person's own task."""
    ask(life, NEW | request)
    confirm(life)
    life.finish("prepare_account", {"login": login}, ADMIN)


@pytest.mark.clause("S0-9.3g3", "S3-3.2", "S4-4.1", "S4-11.2b", "S2-9.1a")
def test_a_new_person_gets_an_account_changes_the_password_and_reads_the_guide(life: Desk) -> None:
    made(life)
    person = account(life, "nguyen.moi")
    assert person.must_change_password
    assert roles(life, "nguyen.moi") == {("specialist", "tong_hop")}
    first = life.do(ADMIN, lambda unit: accounts.reset_password(unit, "nguyen.moi"))
    life.finish("hand_over_password", {"is_handed_over": True}, ADMIN)
    assert first.password not in str(life.variables(life.instance_id))
    token = log_in(life.runtime.database, Attempt("nguyen.moi", first.password, "bearer", "10.0.0.1")).token
    database = life.runtime.database
    allowed = token_identity(token, carrier="bearer", for_password_change=True)
    with database.unit_of_work(allowed) as unit:
        change_password(unit, first.password, "mot mat khau rieng cua toi")
    task_id = life.task("read_guide", life.instance_id).id
    with unit_for(database, token) as unit:
        life.completion(task_id, {"has_read": True})(unit)
    assert life.reached() == ["account_in_use"]
    assert life.state(life.instance_id) == "completed"


@pytest.mark.clause("S1-3.4", "S4-2.5")
def test_a_login_that_is_taken_goes_back_to_the_administrator(life: Desk) -> None:
    made(life, login=CLERK)
    detail = life.do(ADMIN, lambda unit: read_task(life.engine, unit, life.task("prepare_account").id))
    assert "tồn tại" in str(detail)
    life.finish("prepare_account", {"login": "nguyen.moi"}, ADMIN)
    assert life.waits_at(life.instance_id) == ["hand_over_password"]


@pytest.mark.clause("S4-2.5")
def test_nobody_gets_a_second_account(life: Desk) -> None:
    life.do(ADMIN, lambda unit: accounts.change_account(unit, SPECIALIST, staff_code="CB-1"))
    ask(life, NEW | {"staff_code": "CB-1"})
    assert life.waits_at(life.instance_id) == ["describe_request"]
    assert "mỗi người một tài khoản" in life.variables(life.instance_id)["examination"]["problems"]


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        (NEW | {"unit": "nowhere"}, "đơn vị “nowhere”"),
        (NEW | {"post": "nowhere"}, "chức danh “nowhere”"),
        (LEAVE | {"person": "nobody"}, "Không có người này"),
        (LEAVE | {"person": "quantri"}, "quản trị viên duy nhất"),
        (GUEST | {"until": "2026-03-01T11:00:00+07:00"}, "kết thúc họp"),
        ({"kind": "lost", "person": "chanhvp"}, "báo thay"),
    ],
)
def test_a_request_that_makes_no_sense_goes_back_with_what_is_wrong(
    life: Desk, request_: dict[str, Any], told: str
) -> None:
    ask(life, request_)
    assert life.waits_at(life.instance_id) == ["describe_request"]
    assert told in life.variables(life.instance_id)["examination"]["problems"]
    life.finish("describe_request", LEAVE, UNIT_HEAD)
    assert life.waits_at(life.instance_id) == ["confirm_request"]


def test_a_refused_request_changes_nothing_and_tells_the_one_who_asked(life: Desk) -> None:
    ask(life, LEAVE)
    life.finish("confirm_request", {"decision": "refuse", "reason": "Chưa có quyết định"}, LEADER)
    assert life.reached() == ["request_refused"]
    assert life.notices("account_request_refused") == [f"user:{UNIT_HEAD}"]
    assert account(life, SPECIALIST).disabled_at is None


def test_nobody_confirms_what_they_asked_for_themselves(life: Desk) -> None:
    ask(life, LEAVE, LEADER)
    with pytest.raises((Forbidden, NotFound, Conflict)):
        confirm(life, LEADER)
    confirm(life, DEPUTY)
    assert life.waits_at(life.instance_id) == []


@pytest.mark.clause("S4-12.1")
def test_who_confirms_a_change_of_post_sees_who_gains_and_loses_what(life: Desk) -> None:
    life.do(
        ADMIN, lambda unit: posts.create_post(unit, "tp_moi", "Trưởng phòng mới", ["unit_head"], "hanh_chinh")
    )
    ask(life, CHANGE)
    shown = life.variables(life.instance_id)["examination"]
    assert (shown["gains"], shown["loses"]) == ("Trưởng đơn vị (hanh_chinh)", None)
    assert shown["keeps"] == "Chuyên viên (tong_hop)"


@pytest.mark.clause("S0-9.3g3", "S4-12.3")
def test_a_post_changes_on_its_day_with_the_rights_and_not_before(life: Desk) -> None:
    create = posts.create_post
    life.do(ADMIN, lambda unit: create(unit, "tp_moi", "Trưởng phòng mới", ["unit_head"], "hanh_chinh"))
    life.do(ADMIN, lambda unit: create(unit, "cu", "Tổ trưởng", ["unit_clerk"], "tong_hop"))
    taking = posts.Taking(SPECIALIST, "cu", at(2, 0).date())
    life.do(ADMIN, lambda unit: posts.take_post(unit, taking))
    ask(life, CHANGE)
    confirm(life)
    before = {("specialist", "tong_hop"), ("unit_clerk", "tong_hop")}
    assert roles(life, SPECIALIST) == before
    life.clock.set(at(3, 23, 59))
    life.fire()
    assert roles(life, SPECIALIST) == before
    life.clock.set(at(4, 0))
    life.fire()
    assert roles(life, SPECIALIST) == {("specialist", "tong_hop"), ("unit_head", "hanh_chinh")}
    assert account(life, SPECIALIST).position == "Trưởng phòng mới"
    assert life.reached() == ["post_changed"]
    assert life.notices("post_changed") == ["role:unit_head@unit:tong_hop", f"user:{SPECIALIST}"]


@pytest.mark.clause("S2-9.2")
def test_a_leaving_is_to_be_confirmed_within_one_working_day(life: Desk) -> None:
    life.clock.set(at(6, 14))
    ask(life, LEAVE | {"effective_on": "2026-03-20"})
    task = life.task("confirm_request", life.instance_id)
    assert task.due_at == at(9, 17)
    assert task.deadline["clause"] == "S2-9.2"
    life.clock.set(at(9, 17))
    life.fire()
    assert life.reached() == ["late_confirmation_reported"]
    assert life.notices("account_request_late") == ["role:admin", "role:head_of_office"]
    assert life.waits_at(life.instance_id) == ["confirm_request"]


@pytest.mark.clause("S2-9.2", "S4-12.3")
def test_who_leaves_is_shut_out_at_the_effective_time_and_stays_in_history(life: Desk) -> None:
    ask(life, LEAVE)
    confirm(life)
    life.clock.set(at(3, 23, 30))
    token = open_session(life.runtime.database, life.office.actor_for(SPECIALIST))
    life.fire()
    with unit_for(life.runtime.database, token):
        pass
    life.clock.set(at(4, 0))
    life.fire()
    with pytest.raises(Unauthenticated), unit_for(life.runtime.database, token):
        pass
    left = account(life, SPECIALIST)
    assert left.disabled_at == at(4, 0)
    assert left.full_name == "Vũ Ngọc Mai"
    assert {one.to_on for one in left.roles} == {at(4, 0).date()}
    assert life.reached() == ["account_closed"]


def with_open_work(life: Desk) -> UUID:
    """Let the specialist have a task, a dossier and an order; return the document's instance."""
    life.enter()
    life.to_handling()
    life.dossier()
    instance = life.instance_id
    assert instance is not None
    order = NewOrder(COLLEAGUE, ("assign",), at(2, 0).date(), at(31, 0).date())
    life.do(UNIT_HEAD, lambda unit: delegations.give(unit, order))
    return instance


@pytest.mark.clause("S0-9.3g3", "S4-12.3")
def test_open_work_of_who_left_is_listed_to_the_head_and_handed_over(life: Desk) -> None:
    document = with_open_work(life)
    ask(life, LEAVE)
    confirm(life)
    life.clock.set(at(4, 0))
    life.fire()
    listed = life.variables(life.instance_id)["work"]
    assert listed["count"] == 2
    assert "Hồ sơ 01.TH" in listed["list"]
    assert list(life.task("reassign_work", life.instance_id).owners) == ["role:unit_head@unit:tong_hop"]
    life.finish("reassign_work", {"heir": SPECIALIST}, UNIT_HEAD)
    assert life.variables(life.instance_id)["handing_over"]["problem"] == "Không thể giao cho người này."
    life.finish("reassign_work", {"heir": COLLEAGUE, "share": "tasks"}, UNIT_HEAD)
    assert life.variables(life.instance_id)["work"]["count"] == 1
    life.finish("reassign_work", {"heir": COLLEAGUE}, UNIT_HEAD)
    assert life.reached() == ["account_closed"]
    (row,) = life.rows(DOSSIER)
    assert row.creator_id == life.office.accounts[COLLEAGUE]
    life.instance_id = document
    life.finish("work_on_document", {"outcome": "done", "result": "advised"}, COLLEAGUE)
    assert life.waits_at(document) == ["confirm_result"]


@pytest.mark.clause("S1-4.2d1")
def test_the_agencys_account_is_among_what_a_leaving_clerk_holds_and_goes_to_another_clerk(
    life: Desk,
) -> None:
    life.do(ADMIN, lambda unit: accounts.create_agency_account(unit, "vptu"))
    life.do(ADMIN, lambda unit: agency_accounts.set_keeper(unit, "vptu", CLERK))
    ask(life, LEAVE | {"person": CLERK})
    confirm(life)
    life.clock.set(at(4, 0))
    life.fire()
    assert "Phụ trách tài khoản cơ quan: vptu" in life.variables(life.instance_id)["work"]["list"]
    assert life.notices("agency_account_left") == ["role:admin"]
    life.finish("reassign_work", {"heir": SPECIALIST}, "chanhvp")
    assert "không phải văn thư" in life.variables(life.instance_id)["handing_over"]["problem"]
    life.finish("reassign_work", {"heir": "vanthu2"}, "chanhvp")
    assert life.reached() == ["account_closed"]
    assert [(one.login, one.is_present) for one in account(life, "vptu").keepers] == [
        ("vanthu2", True),
        (CLERK, False),
    ]


@pytest.mark.clause("S0-9.3g3", "S4-12.3")
def test_a_step_that_arises_later_for_who_left_goes_to_their_head(life: Desk) -> None:
    document = with_open_work(life)
    ask(life, LEAVE)
    confirm(life)
    life.clock.set(at(4, 0))
    life.fire()
    assert rounds.forward_strays(life.runtime) == 0
    life.finish("reassign_work", {"heir": COLLEAGUE}, UNIT_HEAD)
    life.instance_id = document
    life.finish("work_on_document", {"outcome": "done", "result": "advised"}, COLLEAGUE)
    life.finish("confirm_result", {"decision": "confirm"}, UNIT_HEAD)
    assert list(life.task("file_document", document).owners) == [f"user:{SPECIALIST}"]
    assert rounds.forward_strays(life.runtime) == 1
    assert rounds.forward_strays(life.runtime) == 0
    assert list(life.task("file_document", document).owners) == ["role:unit_head@unit:tong_hop"]
    life.finish("file_document", {"dossier_id": life.dossier(UNIT_HEAD, "02.TH")}, UNIT_HEAD)
    assert life.state(document) == "completed"


@pytest.mark.clause("S0-9.3g3")
def test_orders_of_who_left_end_with_the_account(life: Desk) -> None:
    with_open_work(life)
    ask(life, LEAVE | {"person": COLLEAGUE})
    confirm(life)
    life.clock.set(at(4, 0))
    life.fire()
    closing = life.variables(life.instance_id)["closing"]
    assert closing["orders"] == 1
    assert closing["order_list"].startswith("Ủy quyền: ")
    assert closing["order_list"].endswith("đến 31/03/2026")
    life.finish("reassign_work", {"heir": SPECIALIST}, UNIT_HEAD)
    assert "account_closed" in life.reached()


def test_work_that_is_not_handed_over_in_time_is_told_to_the_head_of_office(life: Desk) -> None:
    with_open_work(life)
    ask(life, LEAVE)
    confirm(life)
    life.clock.set(at(4, 0))
    life.fire()
    leaving = life.instance_id
    life.clock.set(at(5, 17))
    life.fire()
    assert life.notices("work_left_behind") == ["role:head_of_office"]
    assert "late_reassignment_reported" in life.reached()
    assert life.waits_at(leaving) == ["reassign_work"]


@pytest.mark.clause("S4-11.2b")
def test_who_does_not_sign_in_is_told_to_the_one_who_asked(life: Desk) -> None:
    made(life)
    life.finish("hand_over_password", {"is_handed_over": True}, ADMIN)
    assert life.task("read_guide", life.instance_id).due_at == at(5, 17)
    life.clock.set(at(5, 17))
    life.fire()
    assert life.reached() == ["unread_guide_reported"]
    assert life.notices("account_unused") == [f"user:{UNIT_HEAD}"]


@pytest.mark.clause("S2-6.4b")
def test_a_secretary_admits_a_guest_who_is_gone_when_the_meeting_ends(life: Desk) -> None:
    ask(life, GUEST, AIDE)
    guest = life.variables(life.instance_id)["guest"]["login"]
    life.do(AIDE, lambda unit: guests.issue_password(unit, guest))
    life.finish("hand_over_guest_password", {"is_handed_over": True}, AIDE)
    assert life.waits_at(life.instance_id) == []
    life.clock.set(at(2, 11))
    life.fire()
    assert life.reached() == ["guest_gone"]
    assert account(life, guest).disabled_at == at(2, 11)


def test_a_meeting_that_goes_on_keeps_its_guests_until_its_new_end(life: Desk) -> None:
    ask(life, GUEST, AIDE)
    guest = life.variables(life.instance_id)["guest"]["login"]
    life.finish("hand_over_guest_password", {"is_handed_over": True}, AIDE)
    life.do(AIDE, lambda unit: guests.move_end(unit, guest, at(2, 12)))
    life.clock.set(at(2, 11))
    life.fire()
    assert life.reached() == []
    assert account(life, guest).disabled_at is None
    life.clock.set(at(2, 12))
    life.fire()
    assert life.reached() == ["guest_gone"]


def test_a_guest_whose_password_was_never_handed_over_is_gone_as_well(life: Desk) -> None:
    ask(life, GUEST, CLERK)
    life.clock.set(at(2, 11))
    life.fire()
    assert life.waits_at(life.instance_id) == []
    assert life.reached() == ["guest_gone"]


@pytest.mark.clause("S1-4.2b2", "S3-7.2b1")
def test_an_account_out_of_control_is_locked_at_once_and_opened_by_an_administrator(life: Desk) -> None:
    token = open_session(life.runtime.database, life.office.actor_for(SPECIALIST))
    ask(life, {"kind": "lost", "person": SPECIALIST, "reason": "Mất điện thoại"})
    with pytest.raises(Unauthenticated), unit_for(life.runtime.database, token):
        pass
    assert account(life, SPECIALIST).locked_at == life.clock.now()
    assert life.task("restore_access", life.instance_id).urgency == "urgent"
    life.do(ADMIN, lambda unit: accounts.reset_password(unit, SPECIALIST))
    life.finish("restore_access", {"outcome": "restored"}, ADMIN)
    assert life.reached() == ["access_restored"]
    assert account(life, SPECIALIST).disabled_at is None
