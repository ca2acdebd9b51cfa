"""Handling an incoming document leads to a submission slip, and goes on with what leaders say (flow D1, step 8)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from service.actions import spills
from service.domain.errors import NotFound
from service.queries.slips import find_slip
from service.queries.task_detail import read_task
from service.worker import rounds
from tests.processes.desk import AIDE, CLERK, LEADER, SPECIALIST, UNIT_HEAD, Desk
from tests.processes.slip_desk import SUBMISSION, SlipDesk
from tests.stored_words import rows_with


@pytest.fixture
def slip_desk(desk: Desk) -> SlipDesk:
    """The desk of incoming documents, at which slips are prepared too."""
    return SlipDesk(desk.runtime, desk.office, desk.clock)


@pytest.mark.clause("S0-7.1", "S0-10.1")
def test_a_specialist_puts_an_incoming_document_to_a_leader_and_works_on_with_the_answer(
    slip_desk: SlipDesk,
) -> None:
    desk = slip_desk
    desk.enter()
    desk.to_handling()
    before = desk.task("work_on_document", desk.instance_id)
    desk.finish("work_on_document", {"outcome": "slip"}, SPECIALIST)
    assert desk.waits_at(desk.instance_id) == ["prepare_slip"]
    slip_task = desk.task("prepare_slip", desk.instance_id)
    assert slip_task.owners == (f"user:{SPECIALIST}",)
    desk.submit(follow_up="outgoing")
    assert desk.waits_at(desk.instance_id) == ["prepare_slip"]  # the document's process decides what follows
    desk.submit()
    desk.finish("agree_as_head", {"decision": "agree"}, UNIT_HEAD)
    desk.finish("check_slip", {"decision": "forward"}, AIDE)
    desk.decide("agree_changed", words="Mua 01 bộ trước")
    slip = desk.slip()
    assert (slip.document_id, slip.result) == (desk.document_id, "agree_changed")
    assert slip.matter == SUBMISSION["matter"]
    assert desk.waits_at(desk.instance_id) == ["work_on_document"]
    after = desk.task("work_on_document", desk.instance_id)
    assert after.due_at == before.due_at
    told = "Phiếu trình: Đồng ý nội dung khác. Mua 01 bộ trước"
    assert desk.trace("progress")[-1]["text"] == told
    data = desk.do(SPECIALIST, lambda unit: read_task(desk.engine, unit, after.id)).data
    assert data["last_report"] == told
    assert desk.document().status == "in_progress"


def test_a_slip_given_up_leads_back_to_the_work_on_the_document(slip_desk: SlipDesk) -> None:
    desk = slip_desk
    desk.enter()
    desk.to_direction()
    desk.finish("give_direction", {"decision": "keep"}, LEADER)
    desk.finish("start_handling", {}, LEADER)
    desk.finish("work_on_document", {"outcome": "slip"}, LEADER)
    desk.finish("prepare_slip", {"action": "drop", "reason": "Chưa cần"}, LEADER)
    assert desk.waits_at(desk.instance_id) == ["work_on_document"]
    assert desk.trace("progress")[-1]["text"] == "Phiếu trình: người trình thôi trình"


def test_a_recall_ends_the_slip_about_the_document(slip_desk: SlipDesk) -> None:
    desk = slip_desk
    desk.receive()
    desk.to_handling()
    desk.finish("work_on_document", {"outcome": "slip"}, SPECIALIST)
    desk.submit()
    desk.recall()
    assert desk.waits_at(desk.instance_id) == ["cancel_document"]
    desk.finish("cancel_document", {"is_cancelled": True}, CLERK)
    slip = desk.slip()
    assert (slip.state, slip.result, slip.decided_at) == ("decided", "overtaken", desk.clock.now())
    assert desk.audit("slip.conclude")[-1].details == {"result": "overtaken"}


@pytest.mark.clause("S0-4.4")
def test_a_spill_hides_the_slip_about_the_document_and_wiping_takes_its_words_and_file(
    slip_desk: SlipDesk, owner: Any
) -> None:
    desk, secret = slip_desk, "Phương án tác chiến phòng thủ của tỉnh"
    desk.enter()
    desk.to_handling()
    desk.finish("work_on_document", {"outcome": "slip"}, SPECIALIST)
    desk.submit(matter=secret, summary=f"{secret} năm 2026")
    desk.finish("agree_as_head", {"decision": "agree", "words": f"Đồng ý {secret}"}, UNIT_HEAD)
    desk.finish("check_slip", {"decision": "forward"}, AIDE)
    desk.decide("agree_changed", words=f"Làm rõ {secret}")
    desk.send()
    slip = desk.slip()
    file = desk.runtime.blobs.path_of(bytes(slip.file_sha256))
    assert file.exists()
    assert rows_with(owner, secret)
    spill = desk.do(
        SPECIALIST, lambda unit: spills.report_spill(unit, desk.document_id, "secret", "Có nội dung bí mật")
    )
    for login in (SPECIALIST, LEADER):
        with pytest.raises(NotFound):
            desk.do(login, lambda unit: find_slip(unit, slip.id))
    actor = replace(desk.office.actor_for(LEADER), stepped_up_at=desk.clock.now())
    with desk.runtime.database.unit_of_work(actor) as unit:
        spills.decide_spill(desk.engine, unit, spill.id, "wipe", "Đã thẩm định")
    assert rounds.wipe_spills(desk.runtime) == 1
    assert not file.exists()
    assert rows_with(owner, secret) == []
    emptied = desk.slip()
    assert (emptied.result, emptied.content, emptied.file_sha256) == (
        "agree_changed",
        {"kind": "ask_approval"},
        None,
    )
