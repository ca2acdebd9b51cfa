"""An issued document leaves to each receiver by its channel, once, the urgent first; paper never comes first."""

from __future__ import annotations

import base64
import io
import json
import re
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import select

from handlers.contract import BpmnError
from handlers.delivery.folder_wire import FolderWire
from handlers.delivery.mail_wire import MailWire
from handlers.exchange.edxml_reader import read_message
from handlers.exchange.package_intake import opened_package
from service.actions import deliveries as actions
from service.actions.exchange_links import keep_link, read_link
from service.actions.partners import change_partner
from service.config import MailSettings
from service.domain.delivery import (
    DELIVERY_NAMES,
    DELIVERY_TRANSITIONS,
    RECALL_NAMES,
    delivery_may_follow,
)
from service.domain.errors import Conflict, Forbidden, NotFound
from service.queries.deliveries import list_deliveries
from service.storage.models import Outbox, table_of
from service.worker import rounds
from tests.engine.rows.house import House
from tests.handlers.delivery.edxml_peer import running_edxml_peer
from tests.handlers.notices.mailbox import running_mailbox
from tests.pdf_files import plain_pdf
from tests.processes.desk import ROOT
from tests.processes.outbound import ADMIN, BOARD, CLERK, DRAFTER, Outbound, partner

OUTBOX = table_of(Outbox)


@pytest.fixture
def out(runtime, office, clock):
    made = Outbound(House(runtime, office, clock))
    made.add_partner()
    return made


@pytest.fixture
def peer(out):
    """The partner's installation, reached over HTTP with a token that it gave us."""
    with running_edxml_peer() as running:
        out.link(channel="http", outbound_token="their-token")
        with out.house.unit() as unit:
            change_partner(unit, BOARD, {"endpoint": running.address})
        yield running


def send(out):
    return rounds.send_outbox(out.house.runtime)


def notices(out, kind):
    with out.house.unit() as unit:
        rows = unit.session.execute(select(OUTBOX).where(OUTBOX.c.channel == "notice"))
        return [row.destination for row in rows if row.payload["kind"] == kind]


def read(body):
    with opened_package(io.BytesIO(body)) as opened:
        return read_message(opened.root).message, [f.parts[0].path.read_bytes() for f in opened.files]


@pytest.mark.clause("S0-7.6", "S3-12.3", "S3-18.1a")
def test_a_document_leaves_as_edxml_with_its_files(out, peer):
    out.issue()
    out.dispatch()
    assert out.states() == ["pending"]
    assert send(out) == 1
    assert out.states() == ["sent"]
    ((headers, body),) = peer.calls
    assert headers["authorization"] == "Bearer their-token"
    assert headers["content-type"] == "application/edxml+xml"
    letter, files = read(body)
    assert files == [plain_pdf()]
    assert letter.document_id == "A01.01.00,2026/03/02,11-CV/VPTU"
    assert [organ.organ_id for organ in letter.receivers] == [BOARD]
    assert (letter.subject, letter.signer_name) == ("V/v chuẩn bị hội nghị", "Trần Văn Minh")
    assert letter.to_places == ("Như trên", "Lưu VT")


def test_dispatching_again_changes_nothing(out, peer):
    out.issue()
    key = uuid4()
    first = out.dispatch(key=key)
    assert out.dispatch(key=key) == first
    assert out.dispatch() == first
    assert len(out.board()) == 1
    assert send(out) == 1


def test_a_busy_receiver_gets_it_later_and_the_board_says_so(out, peer):
    peer.will(503)
    out.issue()
    out.dispatch()
    assert send(out) == 0
    (row,) = out.board()
    assert (row.state, row.attempts, row.error) == ("pending", 1, "peer.busy: HTTP 503")
    out.house.advance(seconds=60)
    assert send(out) == 1
    assert out.states() == ["sent"]
    assert out.board()[0].error is None


@pytest.mark.clause("S3-13.2a")
def test_a_receiver_that_refuses_is_shown_and_may_be_tried_again(out, peer):
    peer.will(422, b'{"code": "R.MessageHeader.To"}')
    out.issue()
    out.dispatch()
    send(out)
    assert out.states() == ["failed"]
    assert notices(out, "delivery_failed") == ["role:clerk"]
    (view,) = out.house.do(CLERK, lambda unit: list_deliveries(unit, out.document_id))
    assert view.fault.code == "peer.refused"
    assert view.state_vi == "Gửi không thành công"
    with pytest.raises(Forbidden):
        out.house.do(DRAFTER, lambda unit: actions.retry(unit, view.id))
    assert out.house.do(CLERK, lambda unit: actions.retry(unit, view.id)).state == "pending"
    send(out)
    assert out.states() == ["sent"]
    with pytest.raises(Conflict):
        out.house.do(CLERK, lambda unit: actions.retry(unit, view.id))


def test_what_has_not_left_can_be_cancelled(out, peer):
    out.issue()
    out.dispatch()
    (row,) = out.board()
    assert out.house.do(CLERK, lambda unit: actions.cancel(unit, row.id)).state == "cancelled"
    assert send(out) == 0
    assert peer.calls == []
    with pytest.raises(Conflict):
        out.house.do(CLERK, lambda unit: actions.cancel(unit, row.id))
    with pytest.raises(NotFound):
        out.house.do(CLERK, lambda unit: actions.cancel(unit, uuid4()))


@pytest.mark.clause("S1-6.5", "S3-10.4b", "S3-12.4h")
def test_the_urgent_leave_first(out, peer):
    for urgency in ("normal", "urgent", "flash", "very_urgent"):
        out.issue(urgency=urgency)
        out.dispatch()
    send(out)
    letters = [read(body)[0] for _, body in peer.calls]
    assert [letter.priority for letter in letters] == [3, 2, 1, 0]


@pytest.mark.clause("S1-6.2a", "S3-9.4")
def test_paper_goes_beside_the_electronic_version_and_never_before_it(out, peer):
    out.issue(pdf=None)
    with pytest.raises(BpmnError) as refusal:
        out.dispatch("paper_only")
    assert refusal.value.code == "delivery.refused"
    assert out.board() == []
    out.issue()
    out.dispatch("electronic_and_paper")
    assert [(row.channel, row.state) for row in out.board()] == [("http", "pending"), ("paper", "sent")]
    out.issue()
    out.dispatch("paper_only")
    assert [(row.channel, row.state) for row in out.board()] == [("paper", "sent")]
    assert out.summary()["all_arrived"]


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "draft"},
        {"status": "recalled"},
        {"direction": "incoming"},
        {"code_number": ""},
        {"issued_on": None},
        {"secrecy": "secret"},
        {"category": "petition"},
    ],
)
def test_what_may_not_leave_does_not(out, changes):
    out.issue(**changes)
    with pytest.raises(BpmnError):
        out.dispatch()
    assert out.board() == []


@pytest.mark.clause("S3-9.3", "S3-11.1a", "S3-11.1b", "S3-11.1c", "S1-6.1")
@pytest.mark.parametrize("category", ["petition", "internal_politics", "personnel", "harmful", "sensitive"])
def test_what_is_not_exchanged_over_the_network_goes_on_paper_only(out, peer, category):
    out.issue(category=category)
    for mode in ("electronic", "electronic_and_paper"):
        with pytest.raises(BpmnError):
            out.dispatch(mode)
    out.dispatch("paper_only")
    assert [(row.channel, row.state) for row in out.board()] == [("paper", "sent")]
    send(out)
    assert peer.calls == []


@pytest.mark.clause("S3-11.1d")
def test_an_office_without_the_means_is_registered_for_paper(out):
    out.link(channel="paper")
    out.issue()
    out.dispatch()
    assert [(row.channel, row.state) for row in out.board()] == [("paper", "sent")]


@pytest.mark.clause("S1-6.6", "S3-11.3")
def test_what_cannot_be_sent_goes_on_paper_and_again_once_the_fault_is_mended(out, peer):
    peer.will(400)
    out.issue()
    out.dispatch()
    send(out)
    (row,) = out.board()
    view = out.house.do(CLERK, lambda unit: actions.retry(unit, row.id, "paper"))
    assert (view.channel, view.state) == ("paper", "sent")
    send(out)
    assert peer.calls == []
    out.dispatch()
    send(out)
    assert sorted((one.channel, one.state) for one in out.board()) == [("http", "sent"), ("paper", "sent")]


def test_a_channel_that_is_used_already_is_not_taken_twice(out, peer):
    peer.will(400)
    out.issue()
    out.dispatch("electronic_and_paper")
    send(out)
    row = next(one for one in out.board() if one.channel == "http")
    with pytest.raises(Conflict) as refusal:
        out.house.do(CLERK, lambda unit: actions.retry(unit, row.id, "paper"))
    assert refusal.value.code == "delivery.channel_taken"


def test_an_unknown_mode_and_a_document_without_receivers_are_refused(out):
    out.issue([{"kind": "place", "name": "Lưu VT", "purpose": "file"}])
    with pytest.raises(BpmnError):
        out.dispatch()
    out.issue()
    with pytest.raises(BpmnError):
        out.dispatch("by_pigeon")


@pytest.mark.clause("S0-7.6")
def test_units_and_people_of_the_agency_have_it_at_once_and_are_told(out):
    office = out.house.office
    out.issue(
        [
            {"kind": "unit", "unit_id": office.units["hanh_chinh"], "name": "Phòng HC-QT"},
            {"kind": "person", "account_id": office.accounts["cv.coyeu1"], "name": "Phan Văn Khánh"},
            {"kind": "place", "name": "Báo Tỉnh"},
        ]
    )
    out.dispatch()
    assert [(row.channel, row.state) for row in out.board()] == [
        ("internal", "arrived"),
        ("internal", "arrived"),
        ("paper", "sent"),
    ]
    assert sorted(notices(out, "document_issued")) == ["unit:hanh_chinh", "user:cv.coyeu1"]


def test_a_receiver_without_a_way_fails_alone(out, peer):
    out.add_partner("H01.01.00", "Văn phòng UBND tỉnh")
    out.issue(
        [partner(), partner("H01.01.00", "Văn phòng UBND tỉnh"), partner("X99", "Không có trong danh bạ")]
    )
    out.dispatch()
    assert out.states() == ["pending", "failed", "failed"]
    codes = [(row.error or "").split(":")[0] for row in out.board()]
    assert codes == ["", "partner.no_channel", "partner.unknown"]
    send(out)
    summary = out.summary()
    assert (summary["total"], summary["failed"], summary["all_arrived"]) == (3, 2, False)


def test_a_locked_partner_gets_nothing(out, peer):
    out.link(is_locked=True)
    out.issue()
    out.dispatch()
    send(out)
    assert out.states() == ["failed"]
    assert peer.calls == []
    out.link(is_locked=False)
    (row,) = out.board()
    out.house.do(CLERK, lambda unit: actions.retry(unit, row.id))
    send(out)
    assert out.states() == ["sent"]


@pytest.mark.clause("S3-3.6")
def test_by_mail_the_files_go_to_the_office_mailbox(out, runtime):
    with running_mailbox() as mailbox:
        settings = MailSettings("127.0.0.1", mailbox.port, "congvan@tinhuy.example.vn", uses_starttls=False)
        out.house.runtime.channels["delivery"]._wires["email"] = MailWire(settings)
        with out.house.unit() as unit:
            change_partner(unit, BOARD, {"email": "btc@tinh.dangcongsan.vn"})
        out.issue()
        out.dispatch()
        assert [row.channel for row in out.board()] == ["email"]
        assert send(out) == 1
        (mail,) = mailbox.mails
    assert mail["To"] == "btc@tinh.dangcongsan.vn"
    assert "11-CV/VPTU" in mail["Subject"]
    (part,) = mail.iter_attachments()
    assert part.get_content() == plain_pdf()
    assert out.summary()["all_arrived"]


def test_without_a_mail_server_the_board_says_so(out):
    out.link(channel="email")
    out.issue()
    out.dispatch()
    send(out)
    assert out.board()[0].error.startswith("mail.not_set_up")


def test_into_a_folder_whole_or_not_at_all(out, tmp_path):
    out.house.runtime.channels["delivery"]._wires["folder"] = FolderWire(tmp_path / "chung")
    out.link(channel="folder", folder="ban-to-chuc")
    out.issue()
    out.dispatch()
    assert send(out) == 1
    (dropped,) = (tmp_path / "chung" / "ban-to-chuc").iterdir()
    manifest = json.loads((dropped / "manifest.json").read_text())
    assert [one["name"] for one in manifest["files"]] == ["package.edxml", "01-cong-van.pdf"]
    assert (dropped / "01-cong-van.pdf").read_bytes() == plain_pdf()
    letter, files = read((dropped / "package.edxml").read_bytes())
    assert (letter.code_number, files) == ("11", [plain_pdf()])
    assert base64.b64encode(files[0])


def test_a_folder_outside_the_deployments_is_refused(out, tmp_path):
    out.house.runtime.channels["delivery"]._wires["folder"] = FolderWire(tmp_path)
    out.link(channel="folder", folder="../elsewhere")
    out.issue()
    out.dispatch()
    send(out)
    assert out.board()[0].error.startswith("folder.unknown")


@pytest.mark.clause("S3-13.2a", "S0-9.1g3")
def test_silence_is_told_once_and_ends_with_the_answer(out, peer):
    out.issue(urgency="urgent")
    out.dispatch()
    send(out)
    out.house.advance(hours=3, minutes=59)
    assert rounds.alert_silences(out.house.runtime) == 0
    out.house.advance(minutes=2)
    assert out.summary()["silent"] == 1
    assert rounds.alert_silences(out.house.runtime) == 1
    assert rounds.alert_silences(out.house.runtime) == 0
    assert notices(out, "delivery_silent") == ["role:clerk"]
    (view,) = out.house.do(CLERK, lambda unit: list_deliveries(unit, out.document_id))
    assert view.is_silent


def test_the_table_of_states_is_whole():
    assert set(DELIVERY_TRANSITIONS) == set(DELIVERY_NAMES)
    for state, following in DELIVERY_TRANSITIONS.items():
        assert following <= set(DELIVERY_NAMES), state
    assert delivery_may_follow("pending", "received")
    assert not delivery_may_follow("received", "arrived")
    assert not delivery_may_follow("cancelled", "arrived")
    assert not delivery_may_follow("refused", "arrived")
    assert delivery_may_follow("failed", "arrived")
    assert set(RECALL_NAMES) == {"asked", "agreed", "refused", "settled"}


def test_the_handbook_draws_the_same_table():
    text = (ROOT / "docs" / "exchange.md").read_text(encoding="utf-8")
    drawn = {
        state: set(re.findall(r"`(\w+)`", before))
        for state, before in re.findall(r"^\| `(\w+)` \| ((?:`\w+`(?:, )?)*) \|", text, flags=re.MULTILINE)
        if state in DELIVERY_NAMES
    }
    coming = {
        state: {before for before, following in DELIVERY_TRANSITIONS.items() if state in following}
        for state in DELIVERY_NAMES
    }
    assert drawn == coming


def test_an_administrator_keeps_connections_and_nobody_reads_their_secrets(out, peer):
    sealer = out.house.runtime.sealer
    with pytest.raises(Forbidden):
        out.house.do(CLERK, lambda unit: keep_link(unit, sealer, BOARD, {"channel": "http"}))
    view = out.house.do(ADMIN, lambda unit: read_link(unit, BOARD))
    assert view.has_outbound_token
    assert "their-token" not in str(replace(view))
