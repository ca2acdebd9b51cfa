"""What an agreed slip leads to: the submitter's draft or the leader's assignment, once, linked both ways (D3)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from service.actions.slips import read_slip
from service.domain.errors import InvalidInput
from service.queries.documents import files_of
from service.queries.drafts import read_draft
from service.queries.task_detail import read_task
from service.storage.models import Account, Assignment, AssignmentParty, Draft, ProcessInstance, table_of
from tests.processes.desk import DOCUMENT, OUTBOX
from tests.processes.slip_desk import (
    AIDE,
    COLLEAGUE,
    HANOI,
    LEADER,
    SPECIALIST,
    SUBMISSION,
    UNIT_HEAD,
    SlipDesk,
)

ACCOUNT = table_of(Account)
ASSIGNMENT = table_of(Assignment)
DRAFT = table_of(Draft)
INSTANCE = table_of(ProcessInstance)
PARTY = table_of(AssignmentParty)
OUTGOING = {"follow_up": "outgoing", "issuing_body": "vptu", "document_type": "Thông báo"}
TASK = {
    "follow_up": "task",
    "lead_unit": "hanh_chinh",
    "coordinating_units": ["tong_hop"],
    "task_due_on": "2026-03-20",
    "expected_product": "Báo cáo",
}


@pytest.fixture
def desk(runtime, office, clock) -> SlipDesk:
    """A desk with the approval and the outgoing process deployed."""
    made = SlipDesk(runtime, office, clock)
    made.deploy_bundle("outgoing_document")
    made.deploy_bundle("approval")
    return made


def _fault(desk: SlipDesk) -> Any:
    task = desk.task("prepare_slip", desk.instance_id)
    assert task.element_id == "prepare_slip"
    return desk.variables(desk.instance_id)["slip_fault"]


@pytest.mark.clause("S0-7.1", "S0-7.5")
def test_an_agreed_slip_has_its_outgoing_document_drafted_by_the_submitter_once(desk: SlipDesk) -> None:
    desk.to_leader(**OUTGOING, urgency="urgent")
    desk.decide("agree_changed", words="Mua 01 bộ trước")
    assert desk.reached()[-1] == "slip_agreed_with_changes"
    desk.send()
    slip = desk.slip()
    (draft,) = desk.rows(DRAFT)
    (document,) = desk.rows(DOCUMENT)
    assert slip.document_id == document.id == draft.document_id
    assert (draft.type_code, draft.drafter_id) == ("TB", desk.office.accounts[SPECIALIST])
    assert (document.subject, document.urgency) == (SUBMISSION["matter"], "urgent")
    assert document.attested_by_id == desk.office.accounts[SPECIALIST]
    (carrier,) = desk.rows(INSTANCE, INSTANCE.c.id == document.instance_id)
    assert carrier.initiator_id == desk.office.accounts[SPECIALIST]
    assert desk.waits_at(carrier.id) == ["edit_draft"]
    assert desk.task("edit_draft", carrier.id).owners == (f"user:{SPECIALIST}",)
    assert desk.notices("slip_followed_up") == [f"user:{SPECIALIST}"]

    with desk.unit(SPECIALIST) as unit:
        assert files_of(unit, document.id) == ()
        view = read_draft(unit, document.id)
        (listed,) = view.slips
        assert (listed.id, listed.follow_up, listed.has_file) == (slip.id, "outgoing", True)
        assert (view.issuing_body, view.drafting_unit, view.may_change) == ("vptu", "tong_hop", True)

    again = OUTBOX.c.channel == "slip_follow_up"
    with desk.unit() as unit:
        unit.session.execute(update(OUTBOX).where(again).values(state="pending", sent_at=None))
    desk.send()
    assert len(desk.rows(DRAFT)) == 1


def test_no_draft_is_attested_in_the_name_of_who_did_not_say_so(desk: SlipDesk) -> None:
    desk.instance_id = desk.start("approval")
    said = {name: value for name, value in SUBMISSION.items() if name != "is_attested"} | OUTGOING
    with pytest.raises(InvalidInput) as caught:
        desk.finish("prepare_slip", said, SPECIALIST)
    assert [one.pointer for one in caught.value.findings] == ["/is_attested"]


@pytest.mark.parametrize(("decision", "words"), [("refuse", "Chưa cần thiết"), ("meeting", None)])
def test_a_slip_that_is_not_agreed_to_leads_to_no_draft(
    desk: SlipDesk, decision: str, words: str | None
) -> None:
    desk.to_leader(**OUTGOING)
    desk.decide(decision, **({"words": words} if words else {}))
    assert desk.rows(OUTBOX, OUTBOX.c.channel == "slip_follow_up") == []
    assert desk.state(desk.instance_id) == "completed"


@pytest.mark.clause("S0-7.1")
def test_what_the_draft_cannot_do_without_is_asked_for_at_submission(desk: SlipDesk) -> None:
    desk.opened(**OUTGOING | {"issuing_body": "khongco"})
    assert _fault(desk).startswith("Cơ quan ban hành: không có “khongco”; ghi một trong: ")
    desk.submit(**OUTGOING | {"issuing_body": None})
    assert _fault(desk).startswith("Cơ quan ban hành: chưa ghi")
    desk.submit(**OUTGOING | {"document_type": "Thơ"})
    assert _fault(desk).startswith("Loại văn bản: ")
    desk.submit(**OUTGOING)
    assert desk.waits_at(desk.instance_id) == ["agree_as_head"]
    assert desk.slip().content["document_type"] == "TB"


def test_a_slip_about_a_draft_cannot_announce_another_one(desk: SlipDesk) -> None:
    desk.begin(submitter=f"user:{SPECIALIST}")
    desk.submit(**OUTGOING)
    assert _fault(desk).startswith("Sau khi được đồng ý: ")


def test_a_draft_that_cannot_be_begun_leaves_the_reason_on_the_slip_and_tells_the_submitter(
    desk: SlipDesk,
) -> None:
    desk.to_leader(**OUTGOING)
    desk.decide()
    gone = ACCOUNT.c.login == SPECIALIST
    with desk.unit() as unit:
        unit.session.execute(update(ACCOUNT).where(gone).values(disabled_at=unit.now))
    desk.send()
    assert desk.rows(DRAFT) == []
    assert desk.slip().result == "agree"
    assert desk.notices("slip_not_followed_up") == [f"user:{SPECIALIST}"]
    slip_id = desk.slip().id
    read = desk.do("chanhvp", lambda unit: read_slip(unit, slip_id))
    assert read.content["follow_up_fault"] == "Tài khoản của người trình đã khóa."


@pytest.mark.clause("S0-7.1", "S0-11g1", "S0-11g2", "S0-11g3")
def test_an_agreed_slip_gives_the_assignment_that_it_announced_in_the_leaders_name_once(
    desk: SlipDesk,
) -> None:
    desk.deploy_bundle("task_assignment")
    desk.to_leader(**TASK)
    (task,) = [one for one in desk.tasks(desk.instance_id) if one.element_id == "give_decision"]
    shown = desk.do(LEADER, lambda unit: read_task(desk.engine, unit, task.id)).data
    assert shown["slip"]["follow_up_name"] == "Giao nhiệm vụ: Phòng Hành chính - Quản trị, hạn 20/03/2026"
    desk.decide("agree_changed", words="Báo cáo thêm số liệu năm trước")
    desk.send()
    slip = desk.slip()
    (given,) = desk.rows(ASSIGNMENT)
    assert (given.slip_id, given.state, given.content) == (slip.id, "given", SUBMISSION["matter"])
    said = f"{SUBMISSION['recommendation']}\nÝ kiến của lãnh đạo: Báo cáo thêm số liệu năm trước"
    assert (given.description, given.expected_product) == (said, "Báo cáo")
    assert given.assigner_id == desk.office.accounts[LEADER]
    assert given.due_at.astimezone(HANOI).date().isoformat() == "2026-03-20"
    parties = {(one.part, one.reference) for one in desk.rows(PARTY, PARTY.c.assignment_id == given.id)}
    assert ("monitor", f"user:{SPECIALIST}") in parties
    assert ("coordinator", "role:unit_head@unit:tong_hop") in parties
    assert desk.task("receive_assignment", given.instance_id).owners == ("role:unit_head@unit:hanh_chinh",)
    assert desk.notices("slip_task_given") == [f"user:{SPECIALIST}"]
    read = desk.do(SPECIALIST, lambda unit: read_slip(unit, slip.id))
    assert (read.follow_up, read.assignment_id) == ("task", given.id)

    again = OUTBOX.c.channel == "slip_follow_up"
    with desk.unit() as unit:
        unit.session.execute(update(OUTBOX).where(again).values(state="pending", sent_at=None))
    desk.send()
    assert len(desk.rows(ASSIGNMENT)) == 1


def test_an_assignment_that_cannot_be_given_is_told_at_submission_or_kept_beside_the_slip(
    desk: SlipDesk,
) -> None:
    desk.opened(**TASK | {"lead_unit": "khongco"})
    assert _fault(desk) == "Giao nhiệm vụ: Chủ trì thực hiện: Không có người hay đơn vị “khongco”."
    desk.submit(**TASK | {"lead_person": COLLEAGUE})
    assert _fault(desk) == "Giao nhiệm vụ: ghi một đơn vị hoặc một người chủ trì thực hiện."
    desk.submit(**TASK | {"task_due_on": "2026-03-01"})
    assert _fault(desk) == "Giao nhiệm vụ: Thời hạn: Thời hạn đã qua."
    desk.submit(**TASK)
    desk.finish("agree_as_head", {"decision": "agree"}, UNIT_HEAD)
    desk.finish("check_slip", {"decision": "forward"}, AIDE)
    desk.decide()
    desk.send()  # no process of assignments is deployed
    assert desk.rows(ASSIGNMENT) == []
    assert desk.slip().result == "agree"
    assert "follow_up_fault" in desk.slip().content
    assert desk.notices("slip_not_followed_up") == [f"user:{SPECIALIST}"]


def test_what_is_no_longer_right_on_the_day_of_the_decision_waits_for_the_leader(desk: SlipDesk) -> None:
    desk.deploy_bundle("task_assignment")
    desk.to_leader(**TASK | {"task_due_on": "2026-03-03"})
    desk.advance(days=7)
    desk.decide()
    desk.send()
    assert desk.rows(ASSIGNMENT) == []
    (carrier,) = desk.rows(INSTANCE, INSTANCE.c.key == "task_assignment")
    assert desk.task("describe_assignment", carrier.id).owners == (f"user:{LEADER}",)
    assert "Thời hạn" in desk.variables(carrier.id)["description_fault"]
