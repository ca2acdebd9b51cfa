"""Assignments on the real engine: given, taken up, worked on, reported, confirmed (flow D4; S0-11)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import update

from service.actions import deadlines, messages, user_tasks
from service.actions.instances import start_version
from service.domain.errors import InvalidInput
from service.queries.definitions import active_definition
from service.queries.task_detail import read_task
from service.storage.models import Membership, table_of
from service.storage.unit_of_work import UnitOfWork
from tests.processes.assignment_desk import (
    COLLEAGUE,
    DONE,
    DUE_ON,
    GIVEN,
    LEADER,
    OTHER_HEAD,
    PARTY,
    SPECIALIST,
    UNIT_HEAD,
    AssignmentDesk,
    at,
)

MEMBERSHIP = table_of(Membership)
ACCEPT = {"decision": "accept"}


@pytest.fixture
def desk(runtime, office, clock) -> AssignmentDesk:
    """A desk with the assignment deployed."""
    made = AssignmentDesk(runtime, office, clock)
    made.deploy_bundle("task_assignment")
    return made


def _shown(desk: AssignmentDesk, element: str, login: str) -> dict:
    task = desk.task(element, desk.instance_id)
    return dict(desk.do(login, lambda unit: read_task(desk.engine, unit, task.id)).data or {})


@pytest.mark.clause("S0-3.3", "S0-11g1", "S0-11g2", "S0-11g4", "S0-11g5")
def test_an_assignment_goes_from_its_assigner_to_the_unit_and_back_done_in_time(desk: AssignmentDesk) -> None:
    desk.give()
    task = desk.task("receive_assignment", desk.instance_id)
    assert task.owners == ("role:unit_head@unit:tong_hop",)
    assert task.due_at == at(6, 17)
    shown = _shown(desk, "receive_assignment", UNIT_HEAD)["assignment"]
    assert shown["lead_name"] == "Phòng Tổng hợp"
    assert shown["coordinator_names"] == "Phòng Hành chính - Quản trị"
    assert (shown["due_text"], shown["percent"]) == ("17:00 06/3/2026", 0)
    desk.finish("receive_assignment", {"decision": "accept", "handler": SPECIALIST}, UNIT_HEAD)
    desk.work({"outcome": "progress", "percent": 40, "words": "Đã lập danh mục"})
    assert (desk.assignment().state, desk.assignment().percent) == ("in_progress", 40)
    steps = _shown(desk, "work_on_assignment", SPECIALIST)["steps"]
    assert [one["step"] for one in steps] == ["Giao nhiệm vụ", "Nhận nhiệm vụ", "Cập nhật tiến độ"]
    desk.work(DONE)
    assert desk.assignment().state == "reported"
    assert desk.notices("assignment_reported") == [f"user:{LEADER}", "user:phochanhvp"]
    desk.finish("confirm_result", {"decision": "accept", "words": "Tốt"}, LEADER)
    assert desk.reached() == ["result_reported", "assignment_completed"]
    row = desk.assignment()
    assert (row.state, row.is_late, row.percent, row.result) == ("completed", False, 100, DONE["words"])
    by = {account: login for login, account in desk.office.accounts.items()}
    assert [(one.verb, by[one.by_id]) for one in desk.entries()] == [
        ("give", LEADER),
        ("accept", UNIT_HEAD),
        ("progress", SPECIALIST),
        ("report", SPECIALIST),
        ("confirm", LEADER),
    ]
    assert {row.reference for row in desk.rows(PARTY, PARTY.c.part == "lead")} == {
        "role:unit_head@unit:tong_hop",
        "role:unit_clerk@unit:tong_hop",
    }


@pytest.mark.clause("S0-11g4", "S0-11g5", "S4-7b")
def test_work_that_passes_its_day_is_flagged_told_and_counted_late(desk: AssignmentDesk) -> None:
    desk.accepted()
    desk.clock.set(at(6, 16, 59))
    desk.fire()
    assert desk.assignment().overdue_at is None
    desk.clock.set(at(6, 17))
    desk.fire()
    row = desk.assignment()
    assert (row.state, row.overdue_at) == ("accepted", at(6, 17))
    assert desk.reached() == ["overdue_told"]
    assert set(desk.notices("assignment_overdue")) == {
        "role:unit_head@unit:tong_hop",
        "role:unit_clerk@unit:tong_hop",
        f"user:{SPECIALIST}",
        f"user:{LEADER}",
        "user:phochanhvp",
    }
    (entry,) = [one for one in desk.entries() if one.verb == "overdue"]
    assert (entry.by_id, entry.details["clause"]) == (None, "S0-11g5")
    desk.advance(minutes=1)
    desk.work(DONE)
    desk.finish("confirm_result", ACCEPT, LEADER)
    assert desk.assignment().is_late


@pytest.mark.clause("S0-11g4", "S0-11g5")
def test_the_overdue_flag_also_comes_to_what_nobody_took_up_and_only_once(desk: AssignmentDesk) -> None:
    desk.give()
    desk.clock.set(at(6, 18))
    desk.fire()
    assert desk.reached() == ["unreceived_told"]
    desk.finish("receive_assignment", ACCEPT, UNIT_HEAD)
    desk.fire()
    assert desk.verbs() == ["give", "overdue", "accept"]
    assert desk.reached() == ["unreceived_told", "overdue_told"]


@pytest.mark.clause("S0-11g4", "S0-11g5")
def test_an_extension_moves_the_day_for_good_and_the_report_is_in_time(desk: AssignmentDesk) -> None:
    desk.accepted()
    task = desk.task("work_on_assignment", desk.instance_id)
    desk.do(SPECIALIST, lambda unit: user_tasks.claim(unit, task.id, None))
    ask = deadlines.ask_extension
    request = desk.do(SPECIALIST, lambda unit: ask(unit, task.id, at(10, 17), "Chờ số liệu"))
    grant = deadlines.decide_extension
    desk.do(LEADER, lambda unit: grant(desk.engine, unit, request, "Đồng ý", approve=True))
    desk.work({"outcome": "progress", "percent": 10, "words": "Đang làm"})
    assert desk.task("work_on_assignment", desk.instance_id).due_at == at(10, 17)
    desk.clock.set(at(9, 9))
    desk.fire()
    row = desk.assignment()
    assert (row.first_due_at, row.due_at, row.overdue_at) == (at(6, 17), at(10, 17), None)
    desk.work(DONE)
    desk.finish("confirm_result", ACCEPT, LEADER)
    assert desk.assignment().is_late is False


@pytest.mark.clause("S4-6.2b")
def test_waiting_is_recorded_with_its_reason_and_ends_by_the_handlers_own_word(desk: AssignmentDesk) -> None:
    desk.accepted()
    with pytest.raises(InvalidInput):
        desk.work({"outcome": "wait"})
    desk.work({"outcome": "wait", "words": "Chờ số liệu của các phòng"})
    row = desk.assignment()
    assert (row.state, row.waiting_for) == ("waiting", "Chờ số liệu của các phòng")
    desk.finish("resume_assignment", {"words": "Đã đủ"}, SPECIALIST)
    assert (desk.assignment().state, desk.assignment().waiting_for) == ("in_progress", None)
    assert desk.waits_at(desk.instance_id) == ["work_on_assignment"]
    assert desk.task("work_on_assignment", desk.instance_id).due_at == at(6, 17)


@pytest.mark.clause("S0-11g1", "S0-11g2")
def test_whoever_is_to_do_it_may_ask_first_and_the_answer_may_change_it(desk: AssignmentDesk) -> None:
    desk.give()
    desk.finish("receive_assignment", {"decision": "ask", "words": "Kỳ báo cáo nào?"}, UNIT_HEAD)
    assert desk.notices("assignment_asked") == [f"user:{LEADER}", "user:phochanhvp"]
    desk.finish("clarify_assignment", {"words": "Quý I", "due_on": "2026-03-02"}, LEADER)
    desk.finish("receive_assignment", {"decision": "ask", "words": "Hôm nay?"}, UNIT_HEAD)
    desk.finish("clarify_assignment", {"words": "Sửa", "due_on": "2026-02-27"}, LEADER)
    assert _shown(desk, "clarify_assignment", LEADER)["fault"] == "Thời hạn: Thời hạn đã qua."
    desk.finish("clarify_assignment", {"words": "Lùi", "due_on": "2026-03-13"}, LEADER)
    assert desk.task("receive_assignment", desk.instance_id).due_at == at(13, 17)
    assert desk.assignment().content == GIVEN["content"]
    last = desk.entries()[-1]
    assert (last.verb, last.words) == ("answer", "Lùi")
    assert last.details == {"old": {"due_on": "2026-03-02"}, "new": {"due_on": "2026-03-13"}}


@pytest.mark.clause("S0-11g1", "S0-11g2")
def test_what_is_declined_is_kept_to_or_given_to_another(desk: AssignmentDesk) -> None:
    desk.give()
    desk.finish("receive_assignment", {"decision": "decline", "words": "Không đúng chức năng"}, UNIT_HEAD)
    assert desk.assignment().state == "returned"
    desk.finish("reconsider_assignment", {"decision": "insist", "words": "Đúng chức năng"}, LEADER)
    desk.finish("receive_assignment", {"decision": "decline", "words": "Quá tải"}, UNIT_HEAD)
    to_nobody = {"decision": "give", "lead_person": "khongco"}
    desk.finish("reconsider_assignment", to_nobody, LEADER)
    fault = _shown(desk, "reconsider_assignment", LEADER)["fault"]
    assert fault == "Chủ trì thực hiện: Không có người hay đơn vị “khongco”."
    other = {"decision": "give", "lead_person": "cv.hanhchinh1", "coordinating_units": ["tong_hop"]}
    desk.finish("reconsider_assignment", other, LEADER)
    assert desk.task("receive_assignment", desk.instance_id).owners == ("user:cv.hanhchinh1",)
    assert desk.assignment().state == "given"
    assert desk.verbs() == ["give", "decline", "insist", "decline", "give"]
    assert {row.reference for row in desk.rows(PARTY, PARTY.c.part == "lead")} == {"user:cv.hanhchinh1"}


def test_a_handler_from_elsewhere_is_refused_where_the_unit_takes_it_up(desk: AssignmentDesk) -> None:
    desk.give()
    desk.finish("receive_assignment", ACCEPT | {"handler": "cv.coyeu1"}, UNIT_HEAD)
    assert desk.waits_at(desk.instance_id) == ["receive_assignment"]
    assert "không thuộc đơn vị" in _shown(desk, "receive_assignment", UNIT_HEAD)["fault"]
    assert desk.assignment().state == "given"


@pytest.mark.clause("S0-11g2", "S0-11g4")
def test_a_result_that_is_not_good_enough_is_done_again_by_a_new_day(desk: AssignmentDesk) -> None:
    desk.accepted()
    desk.work(DONE)
    with pytest.raises(InvalidInput):
        desk.finish("confirm_result", {"decision": "redo"}, LEADER)
    again = {"decision": "redo", "words": "Bổ sung số liệu"}
    desk.finish("confirm_result", again | {"due_on": "2026-02-20"}, LEADER)
    assert _shown(desk, "confirm_result", LEADER)["fault"] == "Thời hạn: đã qua."
    desk.finish("confirm_result", again | {"due_on": "2026-03-10"}, LEADER)
    row = desk.assignment()
    assert (row.state, row.due_at, row.reported_at, row.percent) == ("in_progress", at(10, 17), None, 0)
    assert desk.notices("assignment_redo")[-1] == f"user:{SPECIALIST}"
    desk.clock.set(at(10, 17))
    desk.fire()
    assert desk.assignment().overdue_at == at(10, 17)


@pytest.mark.clause("S0-10.3g1", "S0-11g1", "S0-11g5")
def test_a_split_assignment_closes_with_the_last_of_its_parts(desk: AssignmentDesk) -> None:
    whole = desk.accepted(handler=None)
    first, second = desk.split(SPECIALIST, COLLEAGUE, due_on="2026-03-05")
    desk.work(DONE, UNIT_HEAD, whole)
    fault = "Chưa báo cáo kết quả được: còn 2 nhiệm vụ nhỏ chưa kết thúc."
    assert _shown(desk, "work_on_assignment", UNIT_HEAD)["fault"] == fault
    row = desk.assignment(first)
    assert (row.parent_id, row.due_at, row.assigner_id) == (
        whole,
        at(5, 17),
        desk.office.accounts[UNIT_HEAD],
    )
    desk.finish_part(first, SPECIALIST, "Danh mục A")
    assert desk.assignment(whole).percent == 50
    assert desk.waits_at(whole) == ["work_on_assignment"]
    desk.finish_part(second, COLLEAGUE, "Danh mục B")
    assert desk.waits_at(whole) == ["confirm_result"]
    row = desk.assignment(whole)
    assert (row.state, row.percent) == ("reported", 100)
    assert row.result == "– Lập danh mục: Danh mục A\n– Lập danh mục: Danh mục B"
    desk.finish("confirm_result", ACCEPT, LEADER)
    assert desk.reached() == ["assignment_completed"]


def test_a_part_that_cannot_be_given_is_said_before_anybody_is_told(desk: AssignmentDesk) -> None:
    desk.accepted(handler=None)
    assert desk.split(SPECIALIST, due_on="2026-03-13") == []
    fault = "Thời hạn: Sau thời hạn của nhiệm vụ lớn."
    assert _shown(desk, "work_on_assignment", UNIT_HEAD)["fault"] == fault
    assert desk.split("cv.hanhchinh1") == []
    assert "không có thẩm quyền" in _shown(desk, "work_on_assignment", UNIT_HEAD)["fault"]
    assert desk.verbs() == ["give", "accept"]


def test_an_announced_part_is_waited_for_until_it_is_given_up(desk: AssignmentDesk) -> None:
    whole = desk.accepted(handler=None)
    data = {"outcome": "split", "part_content": "Lập danh mục", "part_people": [SPECIALIST, COLLEAGUE]}
    desk.work(data, UNIT_HEAD)
    with desk.unit("quantri") as unit:
        theirs = MEMBERSHIP.c.account_id == desk.office.accounts[COLLEAGUE]
        unit.session.execute(update(MEMBERSHIP).where(theirs).values(to_on=date(2026, 2, 27)))
    desk.send()
    assert len(desk.parts(whole)) == 1
    desk.work(DONE, UNIT_HEAD, whole)
    assert "còn 2 nhiệm vụ nhỏ" in _shown(desk, "work_on_assignment", UNIT_HEAD)["fault"]
    (part,) = [one for one in desk.tasks() if one.element_id == "describe_assignment"]
    assert part.owners == (f"user:{UNIT_HEAD}",)
    desk.do(UNIT_HEAD, desk.completion(part.id, {"decision": "drop"}))
    assert "note" in desk.verbs(whole)
    desk.finish_part(desk.parts(whole)[0].id, SPECIALIST)
    assert desk.waits_at(whole) == ["confirm_result"]


@pytest.mark.clause("S0-11g2")
def test_a_cancelled_whole_cancels_its_open_parts_and_tells_everybody(desk: AssignmentDesk) -> None:
    whole = desk.accepted(handler=None)
    parts = desk.split(SPECIALIST, COLLEAGUE)
    desk.instance_id = whole
    desk.cancel("Thay bằng nhiệm vụ khác")
    assert [desk.assignment(one).state for one in (whole, *parts)] == ["cancelled"] * 3
    assert [desk.state(one) for one in (whole, *parts)] == ["completed"] * 3
    assert desk.reached() == ["assignment_called_off"]
    assert {f"user:{SPECIALIST}", f"user:{LEADER}", "role:unit_head@unit:hanh_chinh"} <= set(
        desk.notices("assignment_cancelled")
    )
    last = desk.entries(parts[0])[-1]
    assert (last.words, last.by_id) == ("Thay bằng nhiệm vụ khác", desk.office.accounts[LEADER])


def test_a_cancelled_part_closes_the_whole_if_another_was_done(desk: AssignmentDesk) -> None:
    whole = desk.accepted(handler=None)
    first, second = desk.split(SPECIALIST, COLLEAGUE)
    desk.finish_part(first, SPECIALIST)
    desk.instance_id = second
    desk.cancel("Trùng việc", UNIT_HEAD)
    assert desk.waits_at(whole) == ["confirm_result"]
    assert desk.assignment(whole).percent == 100


@pytest.mark.parametrize(
    ("before", "element", "end"),
    [
        ("declined", "reconsider_assignment", "returned_assignment_cancelled"),
        ("reported", "confirm_result", "reported_assignment_cancelled"),
    ],
)
def test_the_assigner_cancels_where_a_decision_is_theirs(
    desk: AssignmentDesk, before: str, element: str, end: str
) -> None:
    if before == "reported":
        desk.accepted()
        desk.work(DONE)
    else:
        desk.give()
        desk.finish("receive_assignment", {"decision": "decline", "words": "Quá tải"}, UNIT_HEAD)
    desk.finish(element, {"decision": "cancel", "words": "Không còn cần"}, LEADER)
    assert desk.reached()[-1] == end
    assert (desk.assignment().state, desk.entries()[-1].words) == ("cancelled", "Không còn cần")


@pytest.mark.clause("S0-11g1", "S0-10.3g1")
def test_who_describes_work_hears_what_is_not_right_and_keeps_what_was_written(desk: AssignmentDesk) -> None:
    form = {"content": "Soạn dự thảo", "lead_person": "cv.hanhchinh1", "due_on": DUE_ON}
    desk.describe(UNIT_HEAD, **form)
    shown = _shown(desk, "describe_assignment", UNIT_HEAD)
    assert shown["content"] == "Soạn dự thảo"
    assert shown["fault"].startswith("Chủ trì thực hiện: Người giao không có thẩm quyền")
    desk.finish("describe_assignment", {"decision": "give"} | form | {"lead_person": SPECIALIST}, UNIT_HEAD)
    assert desk.task("receive_assignment", desk.instance_id).owners == (f"user:{SPECIALIST}",)
    desk.describe(UNIT_HEAD, content="Soạn", lead_person="khongco")
    desk.finish("describe_assignment", {"decision": "drop"}, UNIT_HEAD)
    assert desk.reached() == ["assignment_dropped"]


@pytest.mark.clause("S0-11g1", "S0-11g2")
def test_work_given_by_a_message_that_is_unfit_comes_back_to_its_assigner(desk: AssignmentDesk) -> None:
    given = GIVEN | {"due_on": "2026-02-27"}
    message = messages.Message("assignment_given", None, given)
    started = desk.do(None, lambda unit: messages.correlate(desk.engine, unit, message))
    desk.instance_id = started.instance_id
    assert desk.task("describe_assignment", desk.instance_id).owners == (f"user:{LEADER}",)
    shown = _shown(desk, "describe_assignment", LEADER)
    assert (shown["lead_unit"], shown["fault"]) == ("tong_hop", "Thời hạn: Thời hạn đã qua.")
    right = {"decision": "give", "content": GIVEN["content"], "lead_unit": "tong_hop", "due_on": DUE_ON}
    desk.finish("describe_assignment", right, LEADER)
    assert desk.waits_at(desk.instance_id) == ["receive_assignment"]


def test_work_without_a_day_is_never_late(desk: AssignmentDesk) -> None:
    desk.accepted(due_on=None)
    desk.clock.set(at(30, 8))
    desk.fire()
    assert desk.task("work_on_assignment", desk.instance_id).due_at is None
    desk.work(DONE)
    desk.finish("confirm_result", ACCEPT, LEADER)
    row = desk.assignment()
    assert (row.due_at, row.overdue_at, row.is_late) == (None, None, False)


@pytest.mark.clause("S4-7c")
def test_an_aide_gives_in_the_leaders_name_and_both_are_kept(desk: AssignmentDesk) -> None:
    def begin(unit: UnitOfWork) -> UUID:
        definition = active_definition(unit, "task_assignment")
        return start_version(desk.engine, unit, definition, {"given": GIVEN}).instance_id

    desk.instance_id = desk.do("troly", begin)
    (entry,) = desk.entries()
    accounts = desk.office.accounts
    assert (entry.by_id, entry.on_behalf_of_id) == (accounts["troly"], accounts[LEADER])
    desk.instance_id = desk.do(OTHER_HEAD, begin)
    assert desk.waits_at(desk.instance_id) == ["describe_assignment"]


@pytest.mark.clause("S0-11g3", "S0-8.2g1")
def test_the_source_document_is_linked_seen_by_the_assigner_and_filed_at_the_end(
    desk: AssignmentDesk,
) -> None:
    desk.deploy_bundle()
    document_id = str(desk.enter())
    desk.give("tp.coyeu", lead="user:cv.coyeu1", document_id=document_id, coordinators=[])
    fault = _shown(desk, "describe_assignment", "tp.coyeu")["fault"]
    assert fault == "Văn bản nguồn: Không có văn bản này."
    desk.give(document_id=document_id)
    desk.finish("receive_assignment", ACCEPT, UNIT_HEAD)
    desk.work(DONE | {"products": "99-TB/TU"}, UNIT_HEAD)
    assert "không có văn bản “99-TB/TU”" in _shown(desk, "work_on_assignment", UNIT_HEAD)["fault"]
    desk.work(DONE | {"products": "05-TB/TU"}, UNIT_HEAD)
    assert desk.assignment().products == [document_id]
    dossier = desk.dossier(UNIT_HEAD)
    desk.finish("confirm_result", ACCEPT | {"dossier_id": dossier}, LEADER)
    assert desk.reached()[-1] == "assignment_completed"
    assert str(desk.assignment().document_id) == document_id
    assert [one["dossier_id"] for one in desk.trace("filed")] == [dossier]
    assert desk.notices("assignment_source_done") == ["role:clerk"]
