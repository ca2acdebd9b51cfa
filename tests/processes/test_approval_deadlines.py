"""Deadlines of the submission slip, and its withdrawal (S0-7.2, S0-7.3, S0-10.2)."""

from __future__ import annotations

from datetime import datetime

import pypdfium2
import pytest

from service.actions import slips, user_tasks
from service.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from tests.processes.slip_desk import (
    AIDE,
    COLLEAGUE,
    LEADER,
    OTHER_HEAD,
    SPECIALIST,
    UNIT_HEAD,
    SlipDesk,
    at,
)


@pytest.fixture
def desk(runtime, office, clock) -> SlipDesk:
    """A desk with the approval deployed."""
    made = SlipDesk(runtime, office, clock)
    made.deploy_bundle("approval")
    return made


@pytest.mark.parametrize(
    ("urgency", "is_for_signature", "due", "clause"),
    [
        ("urgent", True, at(6, 20), "S0-7.3"),
        ("very_urgent", True, at(6, 20), "S0-7.3"),
        ("flash", True, at(6, 20), "S0-7.3"),
        ("normal", True, at(7, 0), "S0-7.3"),
        ("normal", False, at(7, 16), "S0-7.2"),
        ("urgent", False, at(7, 16), "S0-7.2"),
    ],
)
@pytest.mark.clause("S0-7.2", "S0-7.3")
def test_a_leader_has_4_hours_the_day_or_24_hours(
    desk: SlipDesk, urgency: str, is_for_signature: bool, due: datetime, clause: str
) -> None:
    desk.clock.set(at(6, 16))
    desk.to_leader(urgency=urgency, is_for_signature=is_for_signature)
    task = desk.task("give_decision", desk.instance_id)
    assert task.due_at == due
    assert task.deadline["clause"] == clause
    assert task.urgency == urgency


@pytest.mark.clause("S0-7.2", "S4-7b")
def test_a_head_who_lets_24_hours_pass_is_reported_and_keeps_the_task(desk: SlipDesk) -> None:
    desk.opened()
    desk.advance(hours=23, minutes=59)
    desk.fire()
    assert desk.opinions() == []
    desk.advance(minutes=1)
    desk.fire()
    (late,) = desk.opinions("head")
    assert (late.view, late.given_by_id, late.clause) == ("late", None, "S0-7.2")
    assert desk.notices("deadline_passed") == ["role:head_of_office", "role:unit_head@unit:tong_hop"]
    assert desk.reached() == ["late_head_reported"]
    desk.advance(minutes=1)
    desk.finish("agree_as_head", {"decision": "agree"}, UNIT_HEAD)
    assert desk.opinions("head")[-1].is_late


@pytest.mark.clause("S0-10.2")
@pytest.mark.parametrize(("urgency", "minutes"), [("urgent", 15), ("normal", 120)])
def test_an_aide_who_does_not_forward_at_once_is_reported(desk: SlipDesk, urgency: str, minutes: int) -> None:
    desk.to_aide(urgency=urgency)
    desk.advance(minutes=minutes)
    desk.fire()
    assert desk.views("aide") == ["late"]
    assert desk.reached() == ["late_aide_reported"]
    assert desk.opinions("aide")[0].clause == "S0-10.2"


@pytest.mark.clause("S0-7.3", "S1-4.2a", "S3-7.2a", "S4-7b")
def test_a_late_leader_is_reminded_with_aide_and_head_of_office_and_may_still_decide(desk: SlipDesk) -> None:
    desk.to_leader(urgency="urgent", is_for_signature=True)
    desk.advance(hours=4)
    desk.fire()
    assert desk.notices("deadline_passed") == ["role:head_of_office", f"user:{LEADER}", f"user:{AIDE}"]
    desk.advance(minutes=5)
    desk.decide()
    late, given = desk.opinions("leader")
    assert (late.view, given.view, given.is_late) == ("late", "agree", True)
    assert given.clause == "S0-7.3"
    assert "late_decision_reported" in desk.reached()


@pytest.mark.clause("S0-7.5", "S0-9.3g2")
def test_a_submitter_withdraws_a_slip_that_nobody_has_opened(desk: SlipDesk) -> None:
    desk.opened()
    desk.withdraw()
    assert desk.reached() == ["slip_withdrawn"]
    assert desk.waits_at(desk.instance_id) == []
    slip = desk.slip()
    assert (slip.state, slip.result) == ("decided", "withdrawn")
    (word,) = desk.opinions()
    assert (word.view, word.words) == ("withdraw", "Cần sửa lại")
    assert word.given_by_id == desk.office.accounts[SPECIALIST]


def test_reading_the_task_opens_the_slip_and_it_can_no_longer_be_withdrawn(desk: SlipDesk) -> None:
    desk.opened()
    task = desk.task("agree_as_head", desk.instance_id)
    desk.do(UNIT_HEAD, lambda unit: slips.read_task(desk.engine, unit, task.id))
    assert desk.slip().opened_by_id == desk.office.accounts[UNIT_HEAD]
    with pytest.raises(Conflict) as caught:
        desk.withdraw()
    assert caught.value.code == "slip.opened"
    assert desk.waits_at(desk.instance_id) == ["agree_as_head"]


def test_claiming_the_task_opens_the_slip(desk: SlipDesk) -> None:
    desk.opened()
    task = desk.task("agree_as_head", desk.instance_id)
    desk.do(UNIT_HEAD, lambda unit: user_tasks.claim(unit, task.id, None))
    with pytest.raises(Conflict):
        desk.withdraw()


def test_an_agreed_slip_cannot_be_withdrawn(desk: SlipDesk) -> None:
    desk.to_aide()
    with pytest.raises(Conflict):
        desk.withdraw()


def test_the_submitters_own_reading_opens_nothing_and_a_new_submission_is_closed_again(
    desk: SlipDesk,
) -> None:
    desk.opened()
    slip_id = desk.slip().id
    desk.do(SPECIALIST, lambda unit: slips.read_slip(unit, slip_id))
    assert desk.slip().opened_at is None
    desk.do(UNIT_HEAD, lambda unit: slips.read_slip(unit, slip_id))
    assert desk.slip().opened_at == desk.clock.now()
    desk.finish("agree_as_head", {"decision": "return", "words": "Sửa"}, UNIT_HEAD)
    desk.advance(minutes=1)
    desk.submit()
    assert desk.slip().opened_at is None
    desk.withdraw()
    assert desk.slip().result == "withdrawn"


def test_only_the_submitter_withdraws_and_says_why(desk: SlipDesk) -> None:
    desk.opened()
    with pytest.raises(Forbidden):
        desk.withdraw(LEADER)
    with pytest.raises(NotFound):
        desk.withdraw(COLLEAGUE)
    with pytest.raises(InvalidInput):
        desk.withdraw(reason="  ")


def test_a_decided_slip_is_not_withdrawn(desk: SlipDesk) -> None:
    desk.to_leader()
    desk.decide()
    with pytest.raises(Conflict):
        desk.withdraw()


@pytest.mark.clause("S0-3.3", "S0-7.5", "S0-10.2", "S2-2.5")
def test_the_frozen_slip_shows_every_opinion_both_names_the_times_and_the_number(desk: SlipDesk) -> None:
    desk.opened(consulted_units=["hanh_chinh", "co_yeu"])
    desk.finish("agree_as_head", {"decision": "agree", "words": "Nhất trí nội dung"}, UNIT_HEAD)
    desk.give_opinion(OTHER_HEAD, {"decision": "agree"})
    desk.advance(hours=24)
    desk.fire()
    desk.finish("check_slip", {"decision": "forward"}, AIDE)
    desk.decide("agree_changed", AIDE, words="Mua 01 bộ trước", on_behalf_of=LEADER)
    slip = desk.slip()
    assert slip.frozen_at == desk.clock.now()
    file = desk.do(SPECIALIST, lambda unit: slips.open_file(unit, slip.id))
    path = desk.runtime.blobs.path_of(file.sha256)
    assert path.stat().st_size == slip.file_size_bytes
    pages = pypdfium2.PdfDocument(path)
    text = "\n".join(page.get_textpage().get_text_bounded() for page in pages)
    for wanted in (
        "PHIẾU TRÌNH",
        "Trình lần thứ 1",
        "Hoàng Đức Thắng",
        "Nhất trí nội dung",
        "Ngô Xuân Trường",
        "không có ý kiến",
        "Trần Văn Minh",
        "Phạm Quốc Anh",
        "Mua 01 bộ trước",
        "08:00",
        "03/3/2026",
    ):
        assert wanted in text, wanted


def test_a_slip_without_a_result_has_no_pdf(desk: SlipDesk) -> None:
    desk.opened()
    slip_id = desk.slip().id
    with pytest.raises(NotFound):
        desk.do(SPECIALIST, lambda unit: slips.open_file(unit, slip_id))
