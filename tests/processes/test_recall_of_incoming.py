"""Recall by the sender interrupts the incoming document at any step (S0-6.5, S3-14.2b, domain flow D8b)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from service.actions import documents
from service.actions.exchange_links import keep_link
from service.domain.errors import Forbidden, NotFound
from tests.processes.desk import CLERK, LEADER, PARTNER, SPECIALIST, Desk

STEPS: dict[str, Callable[[Desk], None]] = {
    "present_document": Desk.to_registration,
    "give_direction": Desk.to_direction,
    "assign_specialist": Desk.to_assignment,
    "work_on_document": Desk.to_handling,
    "give_opinion": lambda desk: desk.to_handling({"coordinating_units": ["hanh_chinh"]}),
}


@pytest.mark.clause("S0-6.5", "S3-13.2b", "S3-14.2b")
@pytest.mark.parametrize("step", STEPS)
def test_a_recall_stops_the_work_and_the_clerk_cancels(desk: Desk, step: str) -> None:
    desk.receive()
    STEPS[step](desk)
    number = desk.document().arrival_number
    desk.recall()
    assert desk.waits_at(desk.instance_id) == ["cancel_document"]
    assert desk.document().status == "recall_pending"
    desk.finish("cancel_document", {"is_cancelled": True}, CLERK)
    document = desk.document()
    assert desk.reached()[-1] == "document_recalled"
    assert desk.state(desk.instance_id) == "completed"
    assert document.status == "recalled"
    assert document.arrival_number == number == 1
    assert document.subject
    assert desk.sent_codes()[-1] == "15"
    assert desk.trace("recall_asked")[0]["text"] == "Ban hành nhầm"


@pytest.mark.clause("S0-6.5")
def test_a_document_that_is_not_registered_yet_is_cancelled_at_once(desk: Desk) -> None:
    desk.receive()
    desk.recall()
    assert desk.reached() == ["document_recalled"]
    assert desk.document().status == "recalled"
    assert desk.sent_codes() == ["01", "15"]


@pytest.mark.clause("S0-6.5")
def test_during_a_recall_only_the_clerk_reads_the_file(desk: Desk) -> None:
    desk.receive()
    desk.to_handling()
    reading = lambda unit: documents.read_document(unit, desk.document_id)  # noqa: E731
    (file,) = desk.do(SPECIALIST, reading).files
    desk.recall()
    opening = lambda unit: documents.open_file(unit, desk.document_id, file.id)  # noqa: E731
    assert desk.do(SPECIALIST, reading).files == ()
    with pytest.raises(Forbidden):
        desk.do(SPECIALIST, opening)
    assert desk.do(CLERK, opening).file_name == "thông báo.pdf"


@pytest.mark.clause("S0-6.5", "S3-14.2b")
def test_a_finished_document_is_recalled_by_a_process_of_its_own(desk: Desk) -> None:
    desk.deploy_bundle("late_recall")
    desk.receive()
    desk.to_handling()
    desk.to_completion()
    received = desk.recall()
    assert received.instance_id != desk.instance_id
    desk.instance_id = received.instance_id
    task = desk.task("cancel_document", desk.instance_id)
    assert task.deadline["clause"] == "S0-6.5 S3-14.2b"
    assert desk.document().status == "recall_pending"
    desk.finish("cancel_document", {"is_cancelled": True}, CLERK)
    assert desk.reached() == ["document_recalled"]
    assert desk.document().status == "recalled"
    assert desk.document().arrival_number == 1
    assert desk.sent_codes()[-2:] == ["06", "15"]
    assert f"user:{SPECIALIST}" in desk.notices("recalled")


@pytest.mark.clause("S3-14.2b")
@pytest.mark.parametrize(
    ("answer", "end", "status", "code"),
    [
        ({"decision": "refuse", "note": "Văn bản đã thi hành xong"}, "recall_refused", "completed", "16"),
        ({"decision": "agree"}, "document_recalled", "recalled", "15"),
    ],
)
def test_a_finished_document_is_kept_only_where_the_connection_lets_recalls_be_refused(
    desk: Desk, answer: dict[str, str], end: str, status: str, code: str
) -> None:
    desk.deploy_bundle("late_recall")
    keep = {"may_refuse_recall": True, "accepts_unsigned": True}
    desk.do("quantri", lambda unit: keep_link(unit, desk.runtime.sealer, PARTNER, keep))
    desk.receive()
    desk.to_handling()
    desk.to_completion()
    desk.instance_id = desk.recall().instance_id
    desk.finish("answer_recall", answer, CLERK)
    if answer["decision"] == "agree":
        desk.finish("cancel_document", {"is_cancelled": True}, CLERK)
    assert desk.reached() == [end]
    assert desk.document().status == status
    assert desk.sent_codes()[-1] == code


def test_those_who_worked_on_it_are_told(desk: Desk) -> None:
    desk.receive()
    desk.to_handling()
    desk.recall()
    desk.finish("cancel_document", {"is_cancelled": True}, CLERK)
    assert f"user:{SPECIALIST}" in desk.notices("recalled")
    assert f"user:{LEADER}" in desk.notices("recalled")


def test_a_recall_again_has_no_further_effect(desk: Desk) -> None:
    desk.receive()
    desk.recall()
    assert desk.recall().outcome == "repeated"
    assert desk.sent_codes() == ["01", "15"]


def test_a_recall_of_what_never_came_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.recall("P-unknown")


def test_other_documents_go_on(desk: Desk) -> None:
    desk.receive()
    other = desk.receive(desk.packet(exchange_id="P-2", code_number="06"))
    desk.recall("P-1")
    assert desk.waits_at(other.instance_id) == ["check_document"]
