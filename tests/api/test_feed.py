"""The feed for a data warehouse: each change once, by a program's token, nothing secret."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text, update

from service.actions.api_tokens import create_token
from service.actions.spills import decide_spill, report_spill
from service.domain.clock import ManualClock
from service.domain.numbering import SeriesKey
from service.queries.document_access import HIDDEN_STATUSES
from service.storage import register
from service.storage.database import Database
from service.storage.models import Document, table_of
from tests.api.callers import Caller, assert_problem
from tests.processes.conftest import desk
from tests.processes.desk import CLERK, LEADER, Desk

__all__ = ["desk"]

DOCUMENT = table_of(Document)


def _program(app, desk: Desk, *grants: str) -> Caller:
    actor = replace(desk.office.actor_for(CLERK), stepped_up_at=desk.clock.now())
    with desk.runtime.database.unit_of_work(actor) as unit:
        made = create_token(unit, "Kho dữ liệu", grants, desk.clock.now() + timedelta(days=90))
    return Caller(app.test_client(), made.token)


def _settle(owner: Database) -> None:
    """Wait for older transactions of the whole server, other workers' too: the feed waits for them as well."""
    newest = text(
        "SELECT greatest((SELECT coalesce(max(changed_xact), 0) FROM document),"
        " (SELECT coalesce(max(changed_xact), 0) FROM registry_entry)) < settled_xact()"
    )
    is_settled = False
    while not is_settled:  # the test's own time limit ends a wait that never ends
        with owner.session() as session:
            is_settled = session.execute(newest).scalar_one()


@pytest.mark.clause("S2-3.6a")
def test_a_warehouse_reads_each_change_once_and_nothing_that_is_secret(
    app, desk: Desk, owner, clock: ManualClock
) -> None:
    first, second = desk.enter(), desk.enter(code_number="06")
    warehouse = _program(app, desk, "feed.read")
    assert_problem(warehouse.get("/api/v1/documents"), 403)
    assert_problem(_program(app, desk, "document.read").get("/api/v1/feed/documents"), 403)

    _settle(owner)
    page = warehouse.get("/api/v1/feed/documents?limit=1").json
    assert ([one["id"] for one in page["items"]], page["has_more"]) == ([str(first)], True)
    assert page["items"][0]["subject"]
    assert "files" not in page["items"][0]
    page = warehouse.get(f"/api/v1/feed/documents?cursor={page['cursor']}").json
    assert ([one["id"] for one in page["items"]], page["has_more"]) == ([str(second)], False)
    again = warehouse.get(f"/api/v1/feed/documents?cursor={page['cursor']}").json
    assert (again["items"], again["cursor"]) == ([], page["cursor"])

    # What is made secret comes once more as its id alone; a running transaction holds its own change back.
    with owner.session() as session:
        session.execute(update(DOCUMENT).where(DOCUMENT.c.id == first).values(secrecy="secret"))
        assert warehouse.get(f"/api/v1/feed/documents?cursor={page['cursor']}").json["items"] == []
    _settle(owner)
    (gone,) = warehouse.get(f"/api/v1/feed/documents?cursor={page['cursor']}").json["items"]
    assert gone == {"id": str(first), "is_withdrawn": True}

    key = SeriesKey("vptu", "incoming", "2026")
    desk.do(CLERK, lambda unit: [register.enter(unit, key, one, {}) for one in (first, second)])
    _settle(owner)
    lines = warehouse.get("/api/v1/feed/registry-entries").json["items"]
    told = [(one.get("document_id"), one.get("number")) for one in lines if not one["is_withdrawn"]]
    assert told == [(str(second), 2)]
    assert len(lines) == 2
    assert_problem(warehouse.get("/api/v1/feed/documents?cursor=x"), 422, "cursor.invalid")


@pytest.mark.clause("S2-3.6a", "S0-4.4")
def test_what_a_spill_locks_is_withdrawn_with_its_lines_and_told_again_once_it_is_released(
    app, desk: Desk, owner
) -> None:
    document_id = desk.enter()
    desk.do(CLERK, lambda unit: register.enter(unit, SeriesKey("vptu", "incoming", "2026"), document_id, {}))
    warehouse = _program(app, desk, "feed.read")
    cursors = {"documents": "", "registry-entries": ""}

    def told() -> list[list[bool]]:
        _settle(owner)
        found = []
        for name, cursor in cursors.items():
            page = warehouse.get(f"/api/v1/feed/{name}{cursor}").json
            found.append([one["is_withdrawn"] for one in page["items"]])
            cursors[name] = f"?cursor={page['cursor']}"
        return found

    assert told() == [[False], [False]]
    wanted = {"secrecy": "secret", "reason": "Có nội dung thuộc danh mục bí mật"}
    spill = desk.do(CLERK, lambda unit: report_spill(unit, document_id, **wanted))
    assert told() == [[True], [True]]
    desk.do(LEADER, lambda unit: decide_spill(desk.engine, unit, spill.id, "release", "Báo nhầm"))
    assert told() == [[False], [False]]
    for status in sorted(HIDDEN_STATUSES):
        for state, is_withdrawn in ((status, True), ("received", False)):
            with owner.session() as session:
                session.execute(update(DOCUMENT).where(DOCUMENT.c.id == document_id).values(status=state))
            assert told() == [[is_withdrawn], [is_withdrawn]], status
    with owner.session() as session:
        session.execute(update(DOCUMENT).where(DOCUMENT.c.id == document_id).values(status="completed"))
    assert told() == [[False], []], "a line changes only with what is told of it"
