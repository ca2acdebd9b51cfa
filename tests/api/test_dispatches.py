"""The delivery board: what left, what waits, what failed; and the directory that it goes by."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from service.storage.models import Outbox, Partner, table_of
from tests.api.callers import assert_problem

OUTBOX = table_of(Outbox)
PARTNER = table_of(Partner)
ABOUT = {"organ_id": "A01.02.00", "code": "05-TB/TU", "document_id": "P-1"}


@pytest.fixture
def three(database, office):
    """One dispatch in each state, and a signal that is none; ids by state."""
    with database.unit_of_work(office.system) as unit:
        for code in ("01", "03", "04"):
            payload = {"kind": "status", "status_code": code, "response_for": ABOUT, "staff": {"name": "Lan"}}
            unit.send("exchange", "A01.02.00", payload, f"key:{code}")
        unit.send("signal", "", {"name": "alarm"}, "signal")
        unit.flush()
        ids = unit.session.execute(
            select(OUTBOX.c.id).where(OUTBOX.c.channel == "exchange").order_by(OUTBOX.c.id)
        ).scalars()
        by_state = dict(zip(("sent", "failed", "pending"), ids, strict=True))
        for state, row_id in by_state.items():
            unit.session.execute(update(OUTBOX).where(OUTBOX.c.id == row_id).values(state=state))
        failed = OUTBOX.c.id == by_state["failed"]
        unit.session.execute(update(OUTBOX).where(failed).values(last_error="peer.refused: HTTP 400, 22"))
    return {state: str(row_id) for state, row_id in by_state.items()}


def test_the_list_is_newest_first_with_counts_and_tells_no_content(sign_in, three):
    page = sign_in("vanthu").get("/api/v1/dispatches").get_json()
    assert [item["status_code"] for item in page["items"]] == ["04", "03", "01"]
    assert page["counts"] == {"pending": 1, "sent": 1, "failed": 1}
    assert "Lan" not in str(page)
    failed = page["items"][1]
    assert failed["document_code"] == "05-TB/TU"
    assert failed["fault"]["code"] == "peer.refused"
    assert failed["fault"]["detail"] == "HTTP 400, 22"
    assert failed["fault"]["vi"] == "Bên nhận từ chối bản tin."


def test_the_list_is_filtered_and_paged(sign_in, three):
    clerk = sign_in("vanthu")
    (only,) = clerk.get("/api/v1/dispatches?state=failed").get_json()["items"]
    assert only["id"] == three["failed"]
    assert clerk.get("/api/v1/dispatches?destination=H01").get_json()["items"] == []
    first = clerk.get("/api/v1/dispatches?limit=2").get_json()
    rest = clerk.get(f"/api/v1/dispatches?limit=2&cursor={first['next_cursor']}").get_json()
    assert [len(first["items"]), len(rest["items"]), rest["next_cursor"]] == [2, 1, None]
    assert_problem(clerk.get("/api/v1/dispatches?cursor=bm8"), 422, "cursor.invalid")
    assert_problem(clerk.get("/api/v1/dispatches?state=lost"), 422)


def test_a_failed_one_is_sent_again_and_others_are_not(sign_in, three):
    clerk = sign_in("vanthu")
    again = clerk.post(f"/api/v1/dispatches/{three['failed']}/retry")
    assert again.status_code == 200
    assert (again.get_json()["state"], again.get_json()["attempts"]) == ("pending", 0)
    for state in ("sent", "pending"):
        assert_problem(clerk.post(f"/api/v1/dispatches/{three[state]}/retry"), 409, "dispatch.not_failed")


def test_another_agencys_dispatch_does_not_exist(sign_in_elsewhere, three):
    clerk = sign_in_elsewhere("dongson.vanthu")
    assert clerk.get("/api/v1/dispatches").get_json()["items"] == []
    assert_problem(clerk.post(f"/api/v1/dispatches/{three['failed']}/retry"), 404, "dispatch.not_found")


def test_a_partner_is_entered_and_its_address_changed(sign_in):
    clerk = sign_in("vanthu")
    body = {"organ_id": "B02", "name": "Ban Nội chính", "endpoint": "https://bnc.example/in"}
    assert clerk.post("/api/v1/partners", body).status_code == 201
    assert clerk.ask("PATCH", "/api/v1/partners/B02", json={"endpoint": None}).status_code == 204
    (partner,) = clerk.get("/api/v1/partners").get_json()["items"]
    assert (partner["name"], partner["endpoint"]) == ("Ban Nội chính", None)
    bad = {"endpoint": "file:///etc/passwd"}
    problem = assert_problem(clerk.ask("PATCH", "/api/v1/partners/B02", json=bad), 422, "endpoint.invalid")
    assert problem["errors"][0]["pointer"] == "/endpoint"
    assert_problem(clerk.ask("PATCH", "/api/v1/partners/B03", json={}), 404, "partner.not_found")
    assert_problem(clerk.post("/api/v1/partners", body | bad | {"organ_id": "B4"}), 422, "endpoint.invalid")


def test_an_unknown_member_of_a_partner_is_refused(sign_in):
    assert_problem(sign_in("vanthu").ask("PATCH", "/api/v1/partners/B02", json={"agency_id": "x"}), 422)
