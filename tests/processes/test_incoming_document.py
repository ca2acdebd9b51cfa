"""The incoming document on the real engine: every end, every exception (domain flow D1, D8b)."""

from __future__ import annotations

import pytest

from tests.processes.desk import (
    CHECKED,
    CLERK,
    CONFIRMED,
    LEADER,
    SPECIALIST,
    TO_UNIT,
    UNIT_HEAD,
    Desk,
)


@pytest.mark.clause("S0-6.1", "S0-6.2", "S0-6.3", "S0-6.7", "S0-10.1", "S0-9.3g1", "S0-8.2g1", "S4-11.1b")
def test_a_paper_document_travels_from_the_desk_to_its_dossier(desk: Desk) -> None:
    desk.enter()
    desk.to_handling()
    desk.to_completion()
    assert desk.reached()[-1] == "document_completed"
    assert desk.state(desk.instance_id) == "completed"
    document = desk.document()
    assert document.status == "completed"
    assert document.arrival_number == 1
    assert document.arrival_on.isoformat() == "2026-03-02"
    assert [line["notation"] for line in desk.trace("filed")] == ["01.TH"]
    assert desk.sent_codes() == []
