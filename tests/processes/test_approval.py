"""Approval by submission slip on the real engine: the way through, every result, every mode (domain flow D3)."""

from __future__ import annotations

import pytest

from service.domain.errors import Forbidden, InvalidInput, NotFound
from service.queries.task_detail import read_task
from tests.processes.slip_desk import (
    AIDE,
    COLLEAGUE,
    LEADER,
    OTHER_HEAD,
    SECOND_LEADER,
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
