"""Statuses of an exchange document reach the partner over HTTP, once each, in order, or fail with a reason."""

from __future__ import annotations

import contextlib

import pytest

from service.actions import outbox as outbox_actions
from service.actions.dispatches import retry
from service.actions.partners import change_partner
from service.domain.errors import Conflict, Forbidden, NotFound
from service.queries.outbox import DispatchFilter, list_dispatches
from service.worker import rounds
from tests.processes.desk import CLERK, OUTBOX, PARTNER, SPECIALIST

EXCHANGE = OUTBOX.c.channel == "exchange"


def exchange_rows(desk):
    return sorted(desk.rows(OUTBOX, EXCHANGE), key=lambda row: row.id)


def dispatches(desk, **wanted):
    chosen = DispatchFilter(channel="exchange", **wanted)
    return desk.do(CLERK, lambda unit: list_dispatches(unit, chosen)).items


@pytest.mark.clause("S3-14.2a")
def test_statuses_of_the_whole_way_arrive_once_and_in_order(desk, peer):
    desk.receive()
    desk.to_handling()
    desk.to_completion()
    desk.send()
    assert peer.codes == ["01", "03", "04", "05", "06"]
    assert [row.state for row in exchange_rows(desk)] == ["sent"] * 5


def test_a_status_message_is_what_the_exchange_defines(desk, peer):
    desk.receive()
    desk.send()
    ((key, payload),) = peer.calls
    assert key == exchange_rows(desk)[0].dedupe_key
    assert payload["response_for"] == {
        "organ_id": PARTNER,
        "code": "05-TB/TU",
        "promulgation_date": "2026-02-27",
        "document_id": "P-1",
    }
    assert payload["from"]["organ_id"] == "A01.01.00"
    assert (payload["status_code"], payload["description"]) == ("01", "Đã đến")
    assert peer.paths == ["/edoc?from=vptu"]
    assert peer.headers[0]["content-type"] == "application/json"


def test_a_busy_peer_gets_the_same_message_again_under_the_same_key(desk, peer):
    peer.will(503)
    desk.receive()
    desk.send()
    assert peer.codes == []
    (waiting,) = dispatches(desk)
    assert (waiting.state, waiting.attempts, waiting.fault.code) == ("pending", 1, "peer.busy")
    assert waiting.fault.detail == "HTTP 503"
    desk.advance(seconds=10)
    desk.send()
    assert peer.codes == ["01"]
    assert peer.calls[0] == peer.calls[1]


def test_later_statuses_wait_for_the_earlier_one_of_their_document(desk, peer):
    peer.will(503, Retry_After="120")
    desk.receive()
    desk.send()
    desk.to_registration()
    desk.send()
    assert peer.codes == []
    assert [one.fault.code for one in dispatches(desk)] == ["dispatch.waits", "peer.busy"]
    desk.advance(seconds=119)
    assert desk.send() == 0
    for _ in range(2):
        desk.advance(seconds=2)
        desk.send()
    assert peer.codes == ["01", "03"]


def test_another_document_does_not_wait(desk, peer):
    peer.will(503)
    desk.receive()
    desk.send()
    desk.receive(desk.packet(exchange_id="P-2", code_number="06"))
    desk.send()
    assert [payload["response_for"]["document_id"] for payload in peer.taken.values()] == ["P-2"]


def test_a_worker_killed_after_the_send_repeats_it_with_the_same_key(desk, peer, monkeypatch):
    class Killed(BaseException):
        """Nothing catches it, as nothing catches SIGKILL."""

    def die(point):
        if point == "outbox.sent":
            raise Killed

    desk.receive()
    with monkeypatch.context() as armed, contextlib.suppress(Killed):
        armed.setattr(outbox_actions, "crashpoint", die)
        rounds.send_outbox(desk.runtime)
    assert [row.state for row in exchange_rows(desk)] == ["pending"]
    desk.send()
    assert [row.state for row in exchange_rows(desk)] == ["sent"]
    assert len(peer.calls) == 2
    assert peer.calls[0] == peer.calls[1]
    assert peer.codes == ["01"]


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_passing_answer_is_tried_again(desk, peer, status):
    peer.will(status)
    desk.receive()
    desk.send()
    assert [row.state for row in exchange_rows(desk)] == ["pending"]


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "peer.refused"), (404, "peer.refused"), (422, "peer.refused"), (302, "peer.redirected")],
)
def test_a_refusal_is_final_and_names_the_peers_code(desk, peer, status, code):
    peer.will(status, b'{"code": "22", "message": "bad edXML <script>"}', Location="http://169.254.169.254/")
    desk.receive()
    desk.send()
    (failed,) = dispatches(desk, state="failed")
    assert (failed.fault.code, failed.fault.detail) == (code, f"HTTP {status}, 22")
    assert failed.receiver == "Ban Tổ chức Tỉnh ủy (mẫu)"
    assert len(peer.calls) == 1


def test_without_an_address_it_fails_and_says_what_to_do(desk):
    desk.receive()
    desk.send()
    (failed,) = dispatches(desk)
    assert (failed.state, failed.fault.code, failed.attempts) == ("failed", "partner.no_endpoint", 1)
    assert "danh bạ" in failed.fault.vi


def test_a_clerk_mends_the_address_and_sends_again(desk, peer):
    desk.do(CLERK, lambda unit: change_partner(unit, PARTNER, {"endpoint": None}))
    desk.receive()
    desk.send()
    (failed,) = dispatches(desk)
    desk.do(CLERK, lambda unit: change_partner(unit, PARTNER, {"endpoint": peer.address}))
    again = desk.do(CLERK, lambda unit: retry(unit, failed.id))
    assert (again.state, again.attempts) == ("pending", 0)
    desk.send()
    assert peer.codes == ["01"]
    (event,) = desk.audit("dispatch.retry")
    assert event.object_id == failed.id
    with pytest.raises(Conflict, match=r"dispatch\.not_failed"):
        desk.do(CLERK, lambda unit: retry(unit, failed.id))


def test_only_who_keeps_the_directory_sends_again(desk):
    desk.receive()
    desk.send()
    (failed,) = dispatches(desk)
    with pytest.raises(Forbidden):
        desk.do(SPECIALIST, lambda unit: retry(unit, failed.id))
    with pytest.raises(NotFound):
        desk.do(CLERK, lambda unit: retry(unit, desk.office.agency_id))


def test_a_peer_that_is_away_is_tried_again_later_and_not_asked_for_every_message(desk, peer):
    desk.do(CLERK, lambda unit: change_partner(unit, PARTNER, {"endpoint": "http://127.0.0.1:9/"}))
    desk.receive()
    desk.receive(desk.packet(exchange_id="P-2", code_number="06"))
    desk.send()
    called, spared = sorted(one.fault.detail for one in dispatches(desk))
    assert "ConnectionRefusedError" in called
    assert spared == "resting"
    assert {one.state for one in dispatches(desk)} == {"pending"}


def test_a_message_that_never_gets_through_is_given_up_after_some_hours(desk, peer):
    desk.receive()
    first = desk.clock.now()
    while exchange_rows(desk)[0].state == "pending":
        peer.will(503)
        desk.clock.set(max(desk.clock.now(), exchange_rows(desk)[0].due_at))
        desk.send()
    hours = (desk.clock.now() - first).total_seconds() / 3600
    assert hours > 1
    assert len(peer.calls) == outbox_actions.MAX_ATTEMPTS
