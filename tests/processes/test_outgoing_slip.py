"""A draft that goes up with a submission slip: the called approval and what each of its results leads to."""

from __future__ import annotations

from typing import Any

import pytest

from service.actions import slips
from tests.processes.outgoing_desk import (
    AIDE,
    LEADER,
    SPECIALIST,
    UNIT_HEAD,
    OutgoingDesk,
)
from tests.processes.slip_desk import SUBMISSION

SLIP = {
    **SUBMISSION,
    "kind": "for_signature",
    "is_for_signature": True,
    "matter": "Ban hành Thông báo kết luận",
}


@pytest.fixture
def desk(runtime, office, clock) -> OutgoingDesk:
    """A desk with a draft whose slip is being prepared."""
    made = OutgoingDesk(runtime, office, clock)
    made.set_up()
    made.to_review(edit={"route": "slip"})
    return made


def _to_leader(desk: OutgoingDesk, **changes: Any) -> None:
    desk.finish("prepare_slip", SLIP | changes, SPECIALIST)
    desk.finish("agree_as_head", {"decision": "agree"}, UNIT_HEAD)
    desk.finish("check_slip", {"decision": "forward"}, AIDE)


@pytest.mark.clause("S0-7.1", "S0-7.5", "S0-10.1")
def test_an_agreed_slip_brings_the_draft_to_its_signer_and_stays_with_the_document(
    desk: OutgoingDesk,
) -> None:
    assert desk.task("prepare_slip", desk.instance_id).subject.startswith("Thông báo: kết luận")
    _to_leader(desk)
    desk.decide()
    assert desk.waits_at(desk.instance_id) == ["sign_draft"]
    assert desk.slip().document_id == desk.document_id
    assert desk.slip().frozen_at is not None
    assert "slip_agreed" in desk.reached()
    desk.sign()
    assert desk.signatures() == ["leader"]


@pytest.mark.parametrize(
    ("decision", "words", "result"),
    [("agree_changed", "Bổ sung thời hạn", "agree_changed"), ("meeting", None, "meeting")],
)
def test_a_changed_or_postponed_slip_returns_to_the_drafter_with_the_leaders_words(
    desk: OutgoingDesk, decision: str, words: str | None, result: str
) -> None:
    _to_leader(desk)
    desk.decide(decision, **({"words": words} if words else {}))
    assert desk.waits_at(desk.instance_id) == ["edit_draft"]
    assert desk.slip().result == result
    assert desk.variables(desk.instance_id)["return_reason"] == (words or "Để lại, đưa ra họp bàn")


def test_a_refused_slip_ends_the_draft(desk: OutgoingDesk) -> None:
    _to_leader(desk)
    desk.decide("refuse", words="Không ban hành")
    assert desk.reached()[-1] == "slip_was_refused"
    assert desk.document().status == "cancelled"


def test_a_withdrawn_slip_returns_to_the_drafter_who_may_submit_another(desk: OutgoingDesk) -> None:
    desk.finish("prepare_slip", SLIP, SPECIALIST)
    slip_id = desk.slip().id
    desk.do(SPECIALIST, lambda unit: slips.withdraw(desk.engine, unit, slip_id, "Sửa dự thảo"))
    assert desk.waits_at(desk.instance_id) == ["edit_draft"]
    desk.finish("edit_draft", {"action": "submit", "route": "slip"}, SPECIALIST)
    _to_leader(desk)
    desk.decide()
    assert desk.waits_at(desk.instance_id) == ["sign_draft"]


@pytest.mark.clause("S0-7.3")
def test_a_slip_for_signature_has_the_clock_of_signing(desk: OutgoingDesk) -> None:
    _to_leader(desk, urgency="urgent")
    task = desk.task("give_decision", desk.instance_id)
    assert task.deadline["clause"] == "S0-7.3"
    assert task.owners == (f"user:{LEADER}",)
