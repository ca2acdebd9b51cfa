"""Approval by submission slip on the real engine: the way through, every result, every mode (domain flow D3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.actions import delegations, user_tasks
from service.domain.errors import Forbidden, InvalidInput, NotFound
from service.queries.task_detail import read_task
from tests.factories import open_session, unit_for
from tests.processes.slip_desk import (
    AIDE,
    COLLEAGUE,
    LEADER,
    OTHER_HEAD,
    SECOND_LEADER,
    SLIP,
    SPECIALIST,
    SUBMISSION,
    UNIT_HEAD,
    SlipDesk,
)


@pytest.fixture
def desk(runtime, office, clock) -> SlipDesk:
    """A desk with the approval deployed."""
    made = SlipDesk(runtime, office, clock)
    made.deploy_bundle("approval")
    return made


def _shown(desk: SlipDesk, element: str, login: str) -> dict:
    task = desk.task(element, desk.instance_id)
    return dict(desk.do(login, lambda unit: read_task(desk.engine, unit, task.id)).data or {})


@pytest.mark.clause("S0-3.3", "S0-7.1", "S0-7.5", "S0-9.3g2", "S0-10.1", "S0-10.3g2")
def test_a_slip_goes_from_its_submitter_over_head_and_aide_to_the_leader_who_agrees(desk: SlipDesk) -> None:
    desk.to_leader()
    desk.decide(words="Đồng ý, giao Phòng Hành chính thực hiện")
    assert desk.reached() == ["leader_turn_ended", "slip_agreed"]
    assert desk.state(desk.instance_id) == "completed"
    slip = desk.slip()
    assert (slip.state, slip.result, slip.submission_number) == ("decided", "agree", 1)
    assert slip.content["recommendation"] == SUBMISSION["recommendation"]
    assert [(one.step, one.view) for one in desk.opinions()] == [
        ("head", "agree"),
        ("aide", "forward"),
        ("leader", "agree"),
    ]
    by = {account: login for login, account in desk.office.accounts.items()}
    assert [by[one.given_by_id] for one in desk.opinions()] == [UNIT_HEAD, AIDE, LEADER]
    assert desk.notices("slip_decided") == [f"user:{SPECIALIST}"]


@pytest.mark.clause("S0-7.1")
def test_a_slip_cannot_be_submitted_half_filled_nor_without_the_declaration(desk: SlipDesk) -> None:
    desk.begin()
    with pytest.raises(InvalidInput) as caught:
        desk.submit(leaders=[], is_attested=False, recommendation="")
    assert {one.pointer for one in caught.value.findings} == {"/leaders", "/is_attested", "/recommendation"}
    assert desk.waits_at(desk.instance_id) == ["prepare_slip"]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"leaders": ["khongco"]}, "Không có người dùng “khongco”."),
        ({"leaders": [SPECIALIST]}, "Không tự trình cho chính mình."),
        ({"consulted_units": ["khongco"]}, "Không có đơn vị “khongco”."),
    ],
)
def test_a_slip_to_nobody_comes_back_at_once_and_says_why(desk: SlipDesk, changes: dict, fault: str) -> None:
    desk.opened(**changes)
    assert desk.waits_at(desk.instance_id) == ["prepare_slip"]
    assert _shown(desk, "prepare_slip", SPECIALIST)["fault"] == fault
    assert desk.rows(SLIP) == []


@pytest.mark.clause("S0-10.3g2", "S0-7.5")
def test_a_slip_that_the_head_returns_is_submitted_anew_under_the_next_number(desk: SlipDesk) -> None:
    desk.opened()
    with pytest.raises(InvalidInput):
        desk.finish("agree_as_head", {"decision": "return"}, UNIT_HEAD)
    desk.finish("agree_as_head", {"decision": "return", "words": "Thiếu dự toán"}, UNIT_HEAD)
    assert desk.slip().state == "returned"
    shown = _shown(desk, "prepare_slip", SPECIALIST)
    assert shown["matter"] == SUBMISSION["matter"]
    assert [one["words"] for one in shown["returned"]] == ["Thiếu dự toán"]
    desk.submit(summary="Thiết bị đã hỏng; dự toán 200 triệu đồng")
    slip = desk.slip()
    assert (slip.state, slip.submission_number) == ("submitted", 2)
    assert [one["content"]["summary"] for one in slip.earlier] == [SUBMISSION["summary"]]
    assert desk.task("agree_as_head", desk.instance_id).subject.endswith("(trình lần 2)")


def test_the_head_of_a_unit_submits_without_agreeing_to_the_own_slip(desk: SlipDesk) -> None:
    desk.begin(UNIT_HEAD)
    desk.submit(UNIT_HEAD)
    assert desk.waits_at(desk.instance_id) == ["check_slip"]


@pytest.mark.clause("S0-9.3g2", "S0-3.3", "S0-7.5")
def test_consulted_units_are_asked_at_the_same_time_and_their_words_reach_the_leader(desk: SlipDesk) -> None:
    desk.opened(consulted_units=["hanh_chinh", "co_yeu"])
    desk.finish("agree_as_head", {"decision": "agree"}, UNIT_HEAD)
    assert desk.waits_at(desk.instance_id) == ["give_slip_opinion", "give_slip_opinion"]
    desk.give_opinion(OTHER_HEAD, {"decision": "agree"})
    desk.give_opinion("tp.coyeu", {"decision": "no_comment"})
    desk.finish("check_slip", {"decision": "forward", "words": "Hồ sơ đủ"}, AIDE)
    opinions = _shown(desk, "give_decision", LEADER)["opinions"]
    assert [(one["step"], one["view"]) for one in opinions] == [
        ("Trưởng đơn vị", "Đồng ý"),
        ("Đơn vị được hỏi ý kiến", "Đồng ý"),
        ("Đơn vị được hỏi ý kiến", "Không có ý kiến"),
        ("Người giúp việc lãnh đạo", "Đã kiểm tra, chuyển trình"),
    ]
    assert opinions[1]["by"] == "Ngô Xuân Trường, Trưởng phòng"


@pytest.mark.clause("S0-7.2")
def test_a_unit_silent_for_24_hours_is_recorded_and_the_slip_goes_on_by_rule(desk: SlipDesk) -> None:
    desk.opened(consulted_units=["hanh_chinh", "co_yeu"])
    desk.finish("agree_as_head", {"decision": "agree"}, UNIT_HEAD)
    due = desk.tasks(desk.instance_id)[0]
    assert due.due_at == desk.clock.now() + timedelta(hours=24)
    assert due.deadline["clause"] == "S0-7.2"
    desk.give_opinion(OTHER_HEAD, {"decision": "agree"})
    desk.advance(hours=23, minutes=59)
    desk.fire()
    assert desk.waits_at(desk.instance_id) == ["give_slip_opinion"]
    desk.advance(minutes=1)
    desk.fire()
    assert desk.waits_at(desk.instance_id) == ["check_slip"]
    silent = desk.opinions("consulted")[-1]
    assert (silent.view, silent.asked, silent.given_by_id) == ("silent", "role:unit_head@unit:co_yeu", None)
    assert silent.is_late
    assert silent.clause == "S0-7.2"
    assert desk.reached() == ["slip_opinion_given", "slip_opinion_missed"]


@pytest.mark.clause("S0-7.1", "S0-7.5")
def test_a_dissenting_unit_is_answered_by_the_submitter_before_the_slip_goes_on(desk: SlipDesk) -> None:
    desk.opened(consulted_units=["hanh_chinh"])
    desk.finish("agree_as_head", {"decision": "agree"}, UNIT_HEAD)
    desk.give_opinion(OTHER_HEAD, {"decision": "disagree", "words": "Chưa bố trí được kinh phí"})
    assert desk.waits_at(desk.instance_id) == ["consider_opinions"]
    assert (
        _shown(desk, "consider_opinions", SPECIALIST)["opinions"][-1]["words"] == "Chưa bố trí được kinh phí"
    )
    desk.finish("consider_opinions", {"decision": "go_on", "words": "Dùng nguồn tiết kiệm chi"}, SPECIALIST)
    assert desk.waits_at(desk.instance_id) == ["check_slip"]
    assert desk.views("submitter") == ["go_on"]


def test_a_submitter_who_takes_an_opinion_up_submits_anew(desk: SlipDesk) -> None:
    desk.opened(consulted_units=["hanh_chinh"])
    desk.finish("agree_as_head", {"decision": "agree"}, UNIT_HEAD)
    desk.give_opinion(OTHER_HEAD, {"decision": "agree_with_comment", "words": "Nêu rõ nguồn kinh phí"})
    desk.finish("consider_opinions", {"decision": "revise"}, SPECIALIST)
    desk.submit(options="Dùng nguồn tiết kiệm chi")
    assert desk.slip().submission_number == 2


@pytest.mark.clause("S0-10.2")
def test_an_incomplete_dossier_goes_back_from_the_aide_with_what_is_missing(desk: SlipDesk) -> None:
    desk.to_aide()
    desk.finish("check_slip", {"decision": "return", "words": "Thiếu dự thảo tờ trình"}, AIDE)
    assert desk.waits_at(desk.instance_id) == ["prepare_slip"]
    desk.submit()
    assert desk.slip().submission_number == 2


def test_a_leader_without_an_aide_gets_the_slip_straight(desk: SlipDesk) -> None:
    desk.to_aide(leaders=[SECOND_LEADER])
    assert desk.waits_at(desk.instance_id) == ["give_decision"]
    assert desk.task("give_decision", desk.instance_id).owners == (f"user:{SECOND_LEADER}",)


@pytest.mark.clause("S0-10.2", "S0-3.3")
def test_an_aide_enters_the_leaders_words_and_both_names_stand_on_the_slip(desk: SlipDesk) -> None:
    desk.to_leader()
    desk.decide("agree_changed", AIDE, words="Mua 01 bộ trước", on_behalf_of=LEADER)
    (opinion,) = desk.opinions("leader")
    assert opinion.given_by_id == desk.office.accounts[AIDE]
    assert opinion.on_behalf_of_id == desk.office.accounts[LEADER]
    assert desk.slip().result == "agree_changed"
    assert desk.reached()[-1] == "slip_agreed_with_changes"


def test_an_aide_does_not_decide_for_a_leader_they_do_not_assist(desk: SlipDesk) -> None:
    desk.to_aide(leaders=[SECOND_LEADER])
    with pytest.raises(NotFound):
        desk.finish("give_decision", {"decision": "agree"}, AIDE, on_behalf_of=SECOND_LEADER)


@pytest.mark.clause("S4-7c")
def test_a_deputy_by_order_decides_in_the_leaders_place_and_both_names_are_kept(desk: SlipDesk) -> None:
    day = desk.clock.now().date()
    order = delegations.NewOrder(SECOND_LEADER, ("assign",), day, day, basis="12-QĐ/VP")
    desk.do(LEADER, lambda unit: delegations.give(unit, order))
    desk.to_leader()
    task = desk.task("give_decision", desk.instance_id)
    database = desk.runtime.database
    token = open_session(database, desk.office.actor_for(SECOND_LEADER))
    with unit_for(database, token) as unit:
        user_tasks.complete(desk.engine, unit, task.id, None, {"decision": "agree"})
    (opinion,) = desk.opinions("leader")
    assert opinion.given_by_id == desk.office.accounts[SECOND_LEADER]
    assert opinion.on_behalf_of_id == desk.office.accounts[LEADER]


@pytest.mark.parametrize(
    ("decision", "words", "end"),
    [
        ("agree", None, "slip_agreed"),
        ("agree_changed", "Mua 01 bộ", "slip_agreed_with_changes"),
        ("refuse", "Chưa cần thiết", "slip_refused"),
        ("meeting", None, "slip_to_meeting"),
    ],
)
@pytest.mark.clause("S0-10.1")
def test_each_decision_of_a_leader_has_its_end(
    desk: SlipDesk, decision: str, words: str | None, end: str
) -> None:
    desk.to_leader()
    desk.decide(decision, **({"words": words} if words else {}))
    assert desk.reached()[-1] == end
    assert desk.slip().result == decision
    assert desk.variables(desk.instance_id)["slip_conclusion"]["result"] == decision


@pytest.mark.clause("S0-7.5", "S0-10.1")
def test_a_leader_who_asks_for_more_gets_the_slip_again_under_the_next_number(desk: SlipDesk) -> None:
    desk.to_leader()
    desk.decide("ask_more", words="Bổ sung báo giá")
    assert desk.waits_at(desk.instance_id) == ["prepare_slip"]
    desk.submit(answers_return="Đã bổ sung 03 báo giá")
    desk.finish("agree_as_head", {"decision": "agree"}, UNIT_HEAD)
    desk.finish("check_slip", {"decision": "forward"}, AIDE)
    desk.decide()
    assert [(one.submission_number, one.view) for one in desk.opinions("leader")] == [
        (1, "ask_more"),
        (2, "agree"),
    ]
    assert desk.slip().content["answers_return"] == "Đã bổ sung 03 báo giá"


@pytest.mark.clause("S1-5.2g1", "S3-8.3")
def test_in_sequence_the_second_leader_is_asked_after_the_first(desk: SlipDesk) -> None:
    desk.to_leader(leaders=[SECOND_LEADER, LEADER])
    assert desk.task("give_decision", desk.instance_id).owners == (f"user:{SECOND_LEADER}",)
    desk.decide(login=SECOND_LEADER, words="Kính trình đồng chí Chánh Văn phòng")
    assert desk.task("give_decision", desk.instance_id).owners == (f"user:{LEADER}",)
    assert _shown(desk, "give_decision", LEADER)["opinions"][-1]["words"].startswith("Kính trình")
    desk.decide()
    assert desk.slip().result == "agree"


def test_in_sequence_a_refusal_ends_the_turn_and_the_next_is_not_asked(desk: SlipDesk) -> None:
    desk.to_leader(leaders=[SECOND_LEADER, LEADER])
    desk.decide("refuse", SECOND_LEADER, words="Không cần thiết")
    assert desk.slip().result == "refuse"
    assert desk.views("leader") == ["refuse"]


@pytest.mark.clause("S1-5.2g1", "S3-8.3")
def test_in_parallel_all_leaders_are_asked_at_once_and_a_change_by_one_changes_the_result(
    desk: SlipDesk,
) -> None:
    desk.to_leader(leaders=[LEADER, SECOND_LEADER], mode="parallel")
    assert desk.waits_at(desk.instance_id) == ["give_decision", "give_decision"]
    desk.decide(login=SECOND_LEADER)
    assert desk.waits_at(desk.instance_id) == ["give_decision"]
    desk.decide("agree_changed", words="Giảm một nửa số lượng")
    assert desk.slip().result == "agree_changed"


def test_in_parallel_one_refusal_takes_the_others_tasks_away(desk: SlipDesk) -> None:
    desk.to_leader(leaders=[LEADER, SECOND_LEADER], mode="parallel")
    desk.decide("refuse", words="Không đồng ý")
    assert desk.waits_at(desk.instance_id) == []
    assert desk.slip().result == "refuse"
    assert desk.reached() == ["leader_turn_ended", "slip_refused"]


@pytest.mark.clause("S1-5.2g1", "S3-8.3", "S4-6.2a")
def test_each_leader_may_choose_the_next_handler_on_the_way(desk: SlipDesk) -> None:
    desk.to_leader(leaders=[LEADER], mode="ad_hoc")
    desk.decide(next_leader=SECOND_LEADER, words="Đồng ý, chuyển đồng chí Phó phụ trách")
    assert desk.task("give_decision", desk.instance_id).owners == (f"user:{SECOND_LEADER}",)
    desk.decide("agree_changed", SECOND_LEADER, words="Mua loại nhỏ hơn")
    assert desk.slip().result == "agree_changed"
    assert desk.views("leader") == ["agree", "agree_changed"]


@pytest.mark.clause("S4-7a")
def test_a_leader_passes_the_slip_on_to_another(desk: SlipDesk) -> None:
    desk.to_leader()
    with pytest.raises(InvalidInput) as caught:
        desk.decide("pass_on")
    assert [one.pointer for one in caught.value.findings] == ["/next_leader"]
    desk.decide("pass_on", next_leader=SECOND_LEADER)
    desk.decide(login=SECOND_LEADER)
    assert desk.views("leader") == ["pass_on", "agree"]
    assert desk.slip().result == "agree"


def test_a_next_handler_who_is_nobody_leaves_the_slip_with_the_leader(desk: SlipDesk) -> None:
    desk.to_leader()
    desk.decide("pass_on", next_leader="khongco")
    assert desk.task("give_decision", desk.instance_id).owners == (f"user:{LEADER}",)
    assert desk.views("leader") == []


def test_a_submitter_may_give_up_before_submitting_and_leaves_no_slip(desk: SlipDesk) -> None:
    desk.begin()
    desk.finish("prepare_slip", {"action": "drop", "reason": "Đã có chủ trương"}, SPECIALIST)
    assert desk.reached() == ["slip_dropped"]
    assert desk.rows(SLIP) == []


@pytest.mark.clause("S0-7.5")
def test_a_submitter_who_gives_up_after_a_return_leaves_the_reason_on_the_slip(desk: SlipDesk) -> None:
    desk.to_leader()
    desk.decide("ask_more", words="Bổ sung báo giá")
    desk.finish("prepare_slip", {"action": "drop", "reason": "Không mua nữa"}, SPECIALIST)
    assert desk.reached()[-1] == "slip_dropped"
    assert desk.slip().result == "dropped"
    assert desk.opinions("submitter")[-1].words == "Không mua nữa"


def test_only_the_submitter_prepares_the_slip(desk: SlipDesk) -> None:
    desk.begin()
    with pytest.raises(NotFound):
        desk.submit(COLLEAGUE)


def test_nobody_starts_an_approval_without_a_role_for_it(desk: SlipDesk) -> None:
    with pytest.raises(Forbidden):
        desk.begin("phantich")


@pytest.mark.clause("S2-4.1", "S3-19.2")
def test_nobody_sends_up_a_document_of_others_to_learn_what_it_is(desk: SlipDesk) -> None:
    desk.deploy_bundle()
    foreign = desk.enter()
    desk.begin(document_id=str(foreign))
    desk.submit()
    assert _shown(desk, "prepare_slip", SPECIALIST)["fault"] == "Không trình kèm được văn bản này."
    assert desk.rows(SLIP) == []
