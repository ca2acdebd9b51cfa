"""Submission slips over the API: who sees them, what they show, their PDF, withdrawing."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from tests.api.callers import assert_problem
from tests.processes.desk import DOCUMENT
from tests.processes.slip_desk import AIDE, COLLEAGUE, LEADER, SPECIALIST, UNIT_HEAD, SlipDesk

PATH = "/api/v1/slips"


@pytest.fixture
def desk(runtime, office, clock) -> SlipDesk:
    """A desk with a slip that waits for the head of its unit."""
    made = SlipDesk(runtime, office, clock)
    made.deploy_bundle("approval")
    made.opened()
    return made


@pytest.fixture
def place(desk: SlipDesk) -> str:
    """The slip's address."""
    return f"{PATH}/{desk.slip().id}"


@pytest.mark.clause("S2-3.5c", "S2-4.1", "S3-19.2")
def test_a_slip_exists_only_for_those_it_concerns(
    desk: SlipDesk, place: str, sign_in, sign_in_elsewhere
) -> None:
    for login in (SPECIALIST, UNIT_HEAD, LEADER, AIDE):
        assert sign_in(login).get(place).status_code == 200
        assert len(sign_in(login).get(PATH).json["items"]) == 1
    for login in (COLLEAGUE, "giamsat", "quantri", "phochanhvp"):
        assert_problem(sign_in(login).get(place), 404, "slip.not_found")
        assert sign_in(login).get(PATH).json["items"] == []
    assert_problem(sign_in_elsewhere("dongson.chanhvp").get(place), 404, "slip.not_found")


def test_nobody_reads_slips_without_signing_in(desk: SlipDesk, place: str, anonymous) -> None:
    for path in (PATH, place, f"{place}/file"):
        assert_problem(anonymous.get(path), 401)
    assert_problem(anonymous.post(f"{place}/withdrawal", {"reason": "a"}), 401)


@pytest.mark.clause("S0-7.1", "S0-7.5")
def test_a_slip_and_the_draft_that_follows_it_name_each_other_to_those_who_may_see_both(
    desk: SlipDesk, sign_in
) -> None:
    desk.deploy_bundle("outgoing_document")
    desk.to_leader(follow_up="outgoing", issuing_body="vptu", document_type="TB")
    desk.decide()
    desk.send()
    slip = sign_in(SPECIALIST).get(f"{PATH}/{desk.slip().id}").json
    assert (slip["follow_up"], slip["result"]) == ("outgoing", "agree")
    path = f"/api/v1/drafts/{slip['document_id']}"
    draft = sign_in(SPECIALIST).get(path).json
    assert (draft["subject"], draft["type_name"]) == (slip["matter"], "Thông báo")
    assert [one["id"] for one in draft["slips"]] == [slip["id"]]
    assert sign_in(LEADER).get(path).json["slips"] == draft["slips"]
    assert_problem(sign_in(COLLEAGUE).get(path), 404)
    with desk.unit() as unit:
        unit.session.execute(update(DOCUMENT).values(is_public=True))
    assert sign_in(COLLEAGUE).get(path).json["slips"] == []


@pytest.mark.clause("S0-3.3", "S0-10.2")
def test_a_decided_slip_shows_every_opinion_with_both_names_and_its_pdf(
    desk: SlipDesk, place: str, sign_in
) -> None:
    assert_problem(sign_in(SPECIALIST).get(f"{place}/file"), 404, "slip.not_frozen")
    desk.finish("agree_as_head", {"decision": "agree", "words": "Nhất trí"}, UNIT_HEAD)
    desk.finish("check_slip", {"decision": "forward"}, AIDE)
    desk.decide("agree_changed", AIDE, words="Mua 01 bộ", on_behalf_of=LEADER)
    slip = sign_in(SPECIALIST).get(place).json
    assert (slip["state"], slip["result"], slip["has_file"]) == ("decided", "agree_changed", True)
    head, _aide, leader = slip["opinions"]
    assert (head["given_by"], head["words"]) == (UNIT_HEAD, "Nhất trí")
    assert head["asked_name"] == "Trưởng đơn vị – Phòng Tổng hợp"
    assert (leader["given_by"], leader["on_behalf_of"]) == (AIDE, LEADER)
    assert leader["view_name"] == "Đồng ý nội dung khác"
    file = sign_in(SPECIALIST).get(f"{place}/file")
    assert file.status_code == 200
    assert file.data.startswith(b"%PDF")
    assert file.content_type == "application/pdf"


@pytest.mark.clause("S2-3.5b")
def test_every_reading_of_a_slip_is_recorded(desk: SlipDesk, place: str, sign_in) -> None:
    sign_in(UNIT_HEAD).get(place)
    (event,) = desk.audit("slip.read")
    assert event.actor_id == desk.office.accounts[UNIT_HEAD]


def test_a_submitter_withdraws_an_unopened_slip(desk: SlipDesk, place: str, sign_in) -> None:
    answer = sign_in(SPECIALIST).post(f"{place}/withdrawal", {"reason": "Cần sửa lại"})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.json["result"] == "withdrawn"
    assert_problem(sign_in(SPECIALIST).post(f"{place}/withdrawal", {"reason": "nữa"}), 409)


def test_a_slip_that_the_head_opened_through_the_task_is_not_withdrawn(
    desk: SlipDesk, place: str, sign_in
) -> None:
    task = desk.task("agree_as_head", desk.instance_id)
    assert sign_in(UNIT_HEAD).get(f"/api/v1/tasks/{task.id}").status_code == 200
    assert_problem(sign_in(SPECIALIST).post(f"{place}/withdrawal", {"reason": "a"}), 409, "slip.opened")


def test_withdrawing_is_for_the_submitter_and_needs_a_reason(desk: SlipDesk, place: str, sign_in) -> None:
    assert_problem(sign_in(SPECIALIST).post(f"{place}/withdrawal", {}), 422)
    assert_problem(sign_in(LEADER).post(f"{place}/withdrawal", {"reason": "a"}), 403)


def test_slips_are_listed_by_what_is_asked_and_page_by_page(desk: SlipDesk, sign_in) -> None:
    first = desk.slip().id
    desk.advance(minutes=1)
    desk.opened(matter="Sửa quy chế làm việc")
    caller = sign_in(SPECIALIST)
    page = caller.get(f"{PATH}?limit=1").json
    assert [one["matter"] for one in page["items"]] == ["Sửa quy chế làm việc"]
    following = caller.get(f"{PATH}?limit=1&cursor={page['next_cursor']}").json
    assert [one["id"] for one in following["items"]] == [str(first)]
    assert following["next_cursor"] is None
    for query, count in {
        "text=quy chế": 1,
        "open=true": 2,
        "open=false": 0,
        "mine=true": 2,
        "mine=false": 0,
        f"instance_id={desk.instance_id}": 1,
        "result=agree": 0,
        f"document_id={first}": 0,
    }.items():
        assert len(caller.get(f"{PATH}?{query}").json["items"]) == count, query
    assert_problem(caller.get(f"{PATH}?cursor=abc"), 422)
    assert_problem(caller.get(f"{PATH}?result=khac"), 422)
