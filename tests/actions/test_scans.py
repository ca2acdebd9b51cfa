"""Stored contents are scanned by a real peer: only a literal OK releases them; what is found stays locked."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from handlers.contract import RetryLater
from service.actions import documents, scans, viewing
from service.actions.document_rows import FileSource
from service.bootstrap import build
from service.domain.errors import Conflict, Forbidden, PolicyRefusal
from service.queries.clearance import SCAN, check_released, shown_state
from service.queries.documents import DocumentFilter, list_documents
from service.queries.scans import list_scans
from service.worker import rounds
from tests.handlers.scanning.peer import BAD, running_peer
from tests.pdf_files import plain_pdf
from tests.processes.desk import CLERK, LEADER, OUTBOX, Desk
from tests.processes.outbound import BOARD, Outbound, partner


@pytest.fixture
def peer():
    with running_peer() as running:
        yield running


@pytest.fixture
def desk(settings, office, clock, peer) -> Any:
    """A desk whose house has a scanner."""
    runtime = build(replace(settings, scanner=peer.settings), clock)
    made = Desk(runtime, office, clock)
    made.deploy_bundle()
    yield made
    runtime.close()


def enter(desk: Desk, content: bytes = b"", name: str = "a.pdf") -> Any:
    desk.enter(channel="upload", files=[FileSource(name, io.BytesIO(content or plain_pdf()))])
    is_scanned = desk.runtime.blobs.is_scanned
    reading = lambda unit: documents.read_document(unit, desk.document_id, is_scanned=is_scanned)  # noqa: E731
    return desk.do(CLERK, reading).files[0]


def released(desk: Desk, file: Any) -> str:
    """Return released, or the code of the refusal."""
    try:
        desk.do(CLERK, lambda unit: check_released(unit, desk.runtime.blobs, bytes.fromhex(file.sha256)))
    except (Conflict, Forbidden) as refusal:
        return refusal.code
    return "released"


def scan(desk: Desk) -> int:
    return rounds.scan_files(desk.runtime)


def row(desk: Desk) -> Any:
    (found,) = desk.rows(SCAN)
    return found


@pytest.mark.clause("S1-3.3", "S3-19.3")
def test_a_file_waits_for_its_scan_and_is_released_by_an_ok(desk: Desk, peer) -> None:
    file = enter(desk)
    assert (file.scan_state, released(desk, file)) == ("waiting", "file.waiting_for_scan")
    resources = desk.engine.resources.handler_resources
    looking = lambda unit: viewing.view_page(unit, resources, desk.document_id, file.id, 1)  # noqa: E731
    with pytest.raises(Conflict):
        desk.do(CLERK, looking)
    assert scan(desk) == 1
    assert released(desk, file) == "released"
    assert desk.do(CLERK, looking).startswith(b"\x89PNG")
    assert peer.scanned == [plain_pdf()]
    assert scan(desk) == 0


@pytest.mark.clause("S1-3.3", "S1-8.5", "S3-19.3", "S3-19.6")
def test_what_is_found_is_locked_and_told_at_once(desk: Desk) -> None:
    file = enter(desk, b"words " + BAD, "thu.txt")
    assert scan(desk) == 1
    assert released(desk, file) == "file.infected"
    assert (row(desk).state, row(desk).finding, row(desk).due_at) == (
        "infected",
        "Congvan.Test.Signature",
        None,
    )
    assert desk.notices("file_locked") == ["role:admin", "role:clerk", "role:head_of_office"]
    (event,) = desk.audit("file.infected")
    assert event.details["documents"] == [str(desk.document_id)]
    assert [one.id for one in desk.do(CLERK, lambda unit: list_documents(unit, DocumentFilter())).items]


@pytest.mark.parametrize("behaviour", ["cut", "say"])
def test_without_a_verdict_a_file_goes_on_waiting_and_is_asked_about_later_and_later(
    desk: Desk, peer, behaviour: str
) -> None:
    file = enter(desk)
    peer.behaviour, peer.answer = behaviour, b"stream: something ERROR\0"
    assert scan(desk) == 0
    assert released(desk, file) == "file.waiting_for_scan"
    assert (row(desk).state, row(desk).attempts) == ("waiting", 1)
    first = row(desk).due_at - desk.clock.now()
    desk.advance(seconds=first.total_seconds())
    scan(desk)
    assert row(desk).due_at - desk.clock.now() == 2 * first
    peer.behaviour = "scan"
    desk.advance(minutes=30)
    assert scan(desk) == 1
    assert released(desk, file) == "released"


def test_a_clean_file_is_scanned_again_and_locked_if_signatures_have_learnt(desk: Desk, peer) -> None:
    file = enter(desk)
    scan(desk)
    desk.advance(days=29)
    assert scan(desk) == 0
    desk.advance(days=1)
    peer.behaviour, peer.answer = "say", b"stream: New.Malware FOUND\0"
    assert scan(desk) == 1
    assert released(desk, file) == "file.infected"


def test_a_clean_file_stays_released_while_the_scanner_is_away(desk: Desk, peer) -> None:
    file = enter(desk)
    scan(desk)
    desk.advance(days=30)
    peer.behaviour = "cut"
    assert scan(desk) == 1  # the old verdict holds
    assert released(desk, file) == "released"


def test_an_administrator_has_everything_scanned_again_and_a_false_alarm_ends(desk: Desk, peer) -> None:
    peer.behaviour, peer.answer = "say", b"stream: False.Alarm FOUND\0"
    file = enter(desk)
    scan(desk)
    peer.behaviour = "scan"
    with pytest.raises(Forbidden):
        desk.do(CLERK, scans.ask_rescan)
    assert desk.do("quantri", lambda unit: scans.ask_rescan(unit, "infected")) == 1
    assert released(desk, file) == "file.infected"
    scan(desk)
    assert released(desk, file) == "released"
    assert len(desk.audit("file.clean")) == 1


def test_an_archive_that_breaks_the_limits_is_locked_without_asking_the_scanner(desk: Desk, peer) -> None:
    file = enter(desk)
    path = desk.runtime.blobs.path_of(bytes.fromhex(file.sha256))
    path.chmod(0o600)
    path.write_bytes(b"PK\x03\x04 no archive")
    assert scan(desk) == 1
    assert released(desk, file) == "file.refused_by_scan"
    assert peer.scanned == []


def test_the_list_tells_states_and_no_names(desk: Desk) -> None:
    enter(desk, name="ten rieng.pdf")
    page = desk.do("quantri", list_scans)
    assert page.counts == {"waiting": 1}
    assert "ten rieng" not in repr(page)


def test_without_a_scanner_files_are_marked_as_not_scanned_and_are_released(settings, office, clock) -> None:
    runtime = build(settings, clock)
    desk = Desk(runtime, office, clock)
    desk.deploy_bundle()
    file = enter(desk)
    assert (file.scan_state, released(desk, file)) == ("not_scanned", "released")
    assert scan(desk) == 0
    runtime.close()


def test_what_was_found_stays_locked_when_the_scanner_is_taken_away(settings, office, clock) -> None:
    runtime = build(settings, clock)
    desk = Desk(runtime, office, clock)
    desk.deploy_bundle()
    file = enter(desk)
    desk.do(None, lambda unit: unit.session.execute(update(SCAN).values(state="infected")))
    assert released(desk, file) == "file.infected"
    assert shown_state("infected", is_scanned=False) == "infected"
    assert desk.do(LEADER, lambda unit: documents.read_document(unit, desk.document_id))
    assert not desk.rows(OUTBOX, OUTBOX.c.payload["kind"].astext == "file_locked")
    runtime.close()


@pytest.mark.clause("S1-3.3", "S3-19.3")
def test_what_waits_for_its_scan_or_is_locked_does_not_leave_to_a_partner(desk: Desk) -> None:
    out = Outbound(desk)
    out.add_partner()
    out.link(channel="folder")
    out.issue([partner(BOARD, channel="folder")])
    out.dispatch()
    channel = desk.runtime.channels["delivery"]
    channel._wires["folder"] = wire = Wire()

    def send() -> None:
        (delivery,) = out.board()
        payload = {"delivery_id": str(delivery.id), "kind": "document"}
        desk.do(None, lambda unit: channel.send(unit, "", payload, "key"))

    with pytest.raises(RetryLater, match=r"dispatch\.waits_for_scan"):
        send()
    with desk.unit() as unit:
        unit.session.execute(update(SCAN).values(state="infected"))
    with pytest.raises(PolicyRefusal, match=r"dispatch\.locked_file"):
        send()
    assert wire.parcels == []
    with desk.unit() as unit:
        unit.session.execute(update(SCAN).values(state="clean"))
    send()
    assert len(wire.parcels) == 1


class Wire:
    """A wire that keeps what it is given."""

    def __init__(self) -> None:
        self.parcels: list[Any] = []

    def carry(self, unit: Any, parcel: Any) -> None:
        del unit
        self.parcels.append(parcel)
