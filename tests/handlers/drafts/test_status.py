"""Where an outgoing document stands, and that it stands still."""

from __future__ import annotations

from uuid import uuid4

import pytest

from handlers.drafts.draft_row import DRAFT
from handlers.records.document_row import DOCUMENT
from service.actions.draft_rows import DraftFacts
from service.actions.drafts import change_draft
from service.domain.errors import Conflict
from tests.handlers.drafts.drafting import FACTS, begin, run
from tests.processes.desk import SPECIALIST, Desk


def row_of(desk: Desk, document_id):
    (row,) = desk.rows(DOCUMENT, DOCUMENT.c.id == document_id)
    return row


def test_a_status_follows_the_one_before_with_the_words_that_go_with_it(desk: Desk) -> None:
    document_id = begin(desk)
    for status in ("consulting", "unit_review", "awaiting_signature", "returned", "draft"):
        assert run(desk, "draft.status", document_id, status=status, reason="theo quy trình") == {
            "status": status
        }
    row = row_of(desk, document_id)
    assert row.status == "draft"
    assert [line["status"] for line in row.trace if line["kind"] == "status"][-2:] == ["returned", "draft"]
    assert row.trace[-1]["text"] == "theo quy trình"


def test_a_status_that_may_not_follow_is_refused(desk: Desk) -> None:
    document_id = begin(desk)
    for status in ("issued", "numbered", "completed", "received", "unheard_of"):
        with pytest.raises(Conflict):
            run(desk, "draft.status", document_id, status=status)
    assert row_of(desk, document_id).status == "draft"


@pytest.mark.clause("S0-7.5")
def test_a_frozen_document_changes_no_more_and_says_since_when_and_why(desk: Desk) -> None:
    document_id = begin(desk)
    first = run(desk, "draft.freeze", document_id, reason="Đang thu hồi")
    assert run(desk, "draft.freeze", document_id, uuid4(), reason="lần nữa") == first
    (draft,) = desk.rows(DRAFT, DRAFT.c.document_id == document_id)
    assert draft.frozen_at.isoformat() == first["frozen_at"]
    assert [line["text"] for line in row_of(desk, document_id).trace if line["kind"] == "frozen"] == [
        "Đang thu hồi"
    ]
    resources = desk.engine.resources.handler_resources
    facts = DraftFacts(**FACTS)
    with pytest.raises(Conflict) as caught:
        desk.do(
            SPECIALIST,
            lambda unit: change_draft(unit, resources, document_id, facts, why="x", seen_version=None),
        )
    assert caught.value.code == "draft.frozen"


def test_what_a_process_is_told_of_a_check_is_short_and_the_counts_are_whole(desk: Desk) -> None:
    many = [{"kind": "clause", "text": f"từ ngày 3 tháng 0{n % 9 + 1} năm 2026"} for n in range(60)]
    content = FACTS["content"] | {"blocks": many}
    checked = run(desk, "draft.check", begin(desk, content=content))
    assert (len(checked["findings"]), checked["warning_count"]) == (20, 60)
