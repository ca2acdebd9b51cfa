"""What comes in from the exchange is believed, taken once, and moves the board of what we sent."""

from __future__ import annotations

import io
import re
import secrets
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from handlers.delivery.packet_log import PACKET
from handlers.exchange.package_signing import sign_envelope
from handlers.signing.demo_authority import DemoAuthority
from handlers.signing.keys import Pkcs12Key
from service.actions import deliveries, deployments
from service.actions.documents import DOCUMENT_FILE
from service.actions.exchange import receive_package
from service.actions.exchange_links import give_token, peer_identity
from service.actions.intake import DOCUMENT
from service.domain.edxml import Business, DocumentReference, Organ, Replaced, TraceLine
from service.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, PolicyRefusal, Unauthenticated
from service.engine.definition.bundle import Bundle
from service.queries.deliveries import PacketFilter, exchange_statistics, list_packets
from service.worker import rounds
from tests.handlers.exchange.letters import AT, LETTER, envelope_of, file_content, package, status_package
from tests.processes.desk import CHECKED, CLERK, ROOT, Desk
from tests.processes.outbound import ADMIN, BOARD, Outbound, partner

OURS = "A01.01.00"


@pytest.fixture
def out(desk: Desk) -> Outbound:
    """The same house as a sender; the desk knows the partner already."""
    made = Outbound(desk)
    made.link(accepts_unsigned=True)
    return made


def receive(desk: Desk, content: bytes, via: str = "http"):
    taken = desk.do(None, lambda unit: receive_package(desk.engine, unit, io.BytesIO(content), via))
    if taken.document_id:
        desk.document_id = taken.document_id
    desk.run_jobs()
    return taken


def status(out: Outbound, code: str, *, minutes: int = 0, description: str = "", organ: str = BOARD) -> bytes:
    (row, *_) = out.board()
    about = DocumentReference(OURS, "11-CV/VPTU", None, row.exchange_id)
    at = out.house.clock.now() + timedelta(minutes=minutes)
    return status_package(sender=Organ(organ, "Ban"), about=about, code=code, description=description, at=at)


def sent(out: Outbound, **changes) -> Outbound:
    """An issued document that has been handed to the partner by hand of the test's wire."""

    class Handed:
        def carry(self, unit, parcel):
            del unit, parcel

    out.house.runtime.channels["delivery"]._wires["http"] = Handed()
    out.issue([partner(channel="http")], **changes)
    out.dispatch()
    out.house.send()
    return out


@pytest.mark.clause("S3-18.1a", "S3-12.3", "S3-12.4")
def test_a_package_becomes_an_incoming_document_with_its_files(desk: Desk, out: Outbound) -> None:
    files = [file_content(), file_content("phụ lục.pdf", content_id="f2")]
    taken = receive(desk, package(files))
    assert taken.outcome == "started"
    document = desk.document()
    assert (document.direction, document.status, document.channel) == ("incoming", "arrived", "exchange")
    assert (document.code_number, document.code_notation) == ("05", "TB/BTC")
    assert document.exchange_id == LETTER.document_id
    assert document.urgency == "urgent"
    assert document.due_at is not None
    rows = desk.rows(DOCUMENT_FILE, DOCUMENT_FILE.c.document_id == document.id)
    assert sorted(row.file_name for row in rows) == ["phụ lục.pdf", "van-ban.pdf"]
    assert desk.sent_codes() == ["01"]


def test_the_same_package_again_has_no_further_effect(desk: Desk, out: Outbound) -> None:
    first = receive(desk, package())
    again = receive(desk, package())
    assert (again.outcome, again.document_id) == ("repeated", first.document_id)
    assert len(desk.rows(DOCUMENT)) == 1
    assert len(desk.rows(PACKET)) == 1


def test_a_document_that_was_returned_may_be_sent_again(desk: Desk, out: Outbound) -> None:
    desk.instance_id = None
    receive(desk, package())
    desk.instance_id = desk.document().instance_id
    desk.finish("check_document", CHECKED | {"decision": "refuse", "reason": "Thiếu phụ lục"})
    assert desk.sent_codes() == ["01", "02"]
    assert receive(desk, package()).outcome == "started"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"sender": Organ("X99", "Lạ")}, Forbidden),
        ({"receivers": (Organ("A01.99.00", "Nơi khác"),)}, InvalidInput),
    ],
)
def test_a_stranger_and_what_is_for_others_are_refused(desk: Desk, out: Outbound, changes, error) -> None:
    with pytest.raises(error):
        receive(desk, package(**changes))
    assert desk.rows(DOCUMENT) == []
    assert desk.rows(PACKET) == []


def test_a_locked_partner_is_refused(desk: Desk, out: Outbound) -> None:
    out.link(is_locked=True)
    with pytest.raises(Forbidden):
        receive(desk, package())


def test_an_unsigned_package_is_taken_only_where_the_connection_says_so(desk: Desk, out: Outbound) -> None:
    out.link(accepts_unsigned=False)
    with pytest.raises(PolicyRefusal) as refusal:
        receive(desk, package())
    assert refusal.value.code == "package.unsigned"
    assert desk.rows(DOCUMENT) == []


@pytest.mark.clause("S3-10.3")
def test_a_signed_package_is_judged_by_the_trust_folder(desk: Desk, out: Outbound) -> None:
    out.link(accepts_unsigned=False)
    now = desk.clock.now()
    authority = DemoAuthority.create(now)
    key = Pkcs12Key.open(authority.pack(authority.issue_agency("Ban Tổ chức", BOARD), "x"), "x")
    trust_dir = desk.engine.resources.handler_resources.trust_dir
    authority.save_trust(trust_dir, now)
    good = package(envelope=sign_envelope(envelope_of(), key))
    assert receive(desk, good).outcome == "started"
    (row,) = desk.rows(PACKET)
    assert row.signature["integrity"] == "intact"
    assert row.signature["organ_id"] == BOARD
    forged = good.replace("Thông báo kết luận".encode(), "Thông báo sửa đổi".encode())
    with pytest.raises(PolicyRefusal) as refusal:
        receive(desk, forged)
    assert refusal.value.code == "package.signature"
    stranger = DemoAuthority.create(now)
    other = Pkcs12Key.open(stranger.pack(stranger.issue_agency("Giả", BOARD), "x"), "x")
    with pytest.raises(PolicyRefusal):
        receive(desk, package(envelope=sign_envelope(envelope_of(document_id="D-2"), other)))


@pytest.mark.clause("S3-13.2a", "S3-14.2a", "S3-10.5", "S3-12.4f", "S3-12.4m-n-o")
def test_statuses_move_the_board_and_never_back(desk: Desk, out: Outbound) -> None:
    sent(out)
    for code, state in (("01", "arrived"), ("03", "received"), ("04", "assigned"), ("05", "in_progress")):
        desk.advance(minutes=1)
        assert receive(desk, status(out, code)).outcome == "noted"
        assert out.states() == [state]
    receive(desk, status(out, "01", minutes=-3, description="đến muộn"))
    assert out.states() == ["in_progress"]
    assert out.board()[0].last_status == "05"
    desk.advance(minutes=60)
    receive(desk, status(out, "06"))
    (row,) = out.board()
    assert (row.state, row.last_status) == ("completed", "06")
    assert row.arrived_at < row.received_at < row.ended_at
    summary = out.summary()
    assert (summary["delivered"], summary["received"], summary["all_arrived"]) == (1, 1, True)


def test_a_status_again_is_noted_once(desk: Desk, out: Outbound) -> None:
    sent(out)
    message = status(out, "01")
    assert [receive(desk, message).outcome for _ in range(2)] == ["noted", "repeated"]
    assert len(desk.rows(PACKET, PACKET.c.kind == "status")) == 1


@pytest.mark.clause("S1-6.3", "S3-9.5b")
def test_a_refusal_comes_with_its_reason_and_the_clerk_sends_again(desk: Desk, out: Outbound) -> None:
    sent(out)
    receive(desk, status(out, "02", description="Gửi nhầm nơi nhận"))
    (row,) = out.board()
    assert (row.state, row.last_note) == ("refused", "Gửi nhầm nơi nhận")
    assert desk.notices("delivery_refused") == ["role:clerk"]
    desk.do(CLERK, lambda unit: deliveries.retry(unit, row.id))
    desk.send()
    assert out.states() == ["sent"]


def test_what_is_taken_back_is_sent_to_nobody_again_not_even_on_paper(desk: Desk, out: Outbound) -> None:
    sent(out)
    receive(desk, status(out, "02", description="Gửi nhầm nơi nhận"))
    (row,) = out.board()
    with desk.unit() as unit:
        gone = update(DOCUMENT).where(DOCUMENT.c.id == out.document_id).values(status="recalled")
        unit.session.execute(gone)
    for channel in (None, "paper"):
        with pytest.raises(Conflict) as refusal:
            desk.do(CLERK, lambda unit, channel=channel: deliveries.retry(unit, row.id, channel))
        assert refusal.value.code == "document.recalled"
    assert out.states() == ["refused"]


@pytest.mark.clause("S0-9.1g3")
def test_a_status_of_an_unknown_document_is_kept_and_shown(desk: Desk, out: Outbound) -> None:
    sent(out)
    about = DocumentReference(OURS, "99-CV/VPTU", None, "không có")
    taken = receive(desk, status_package(sender=Organ(BOARD, "Ban"), about=about, at=desk.clock.now()))
    assert taken.outcome == "unknown"
    assert out.states() == ["sent"]
    page = desk.do(CLERK, lambda unit: list_packets(unit, PacketFilter(outcome="unknown")))
    (shown,) = page.items
    assert (shown.document_code, shown.status_code) == ("99-CV/VPTU", "03")
    assert desk.notices("receipt_unknown") == ["role:clerk"]


def test_a_status_that_names_only_the_code_finds_its_document(desk: Desk, out: Outbound) -> None:
    sent(out)
    about = DocumentReference(OURS, "11-CV/VPTU", None, "")
    message = status_package(sender=Organ(BOARD, "Ban"), about=replace(about, document_id="x"), code="01")
    message = message.replace(b"<edXML:DocumentId>x</edXML:DocumentId>", b"")
    assert receive(desk, message).outcome == "noted"
    assert out.states() == ["arrived"]


def test_another_partners_status_moves_nothing(desk: Desk, out: Outbound) -> None:
    out.add_partner("H01.01.00", "UBND")
    out.link("H01.01.00", accepts_unsigned=True)
    sent(out)
    assert receive(desk, status(out, "03", organ="H01.01.00")).outcome == "unknown"
    assert out.states() == ["sent"]


@pytest.mark.clause("S0-6.5", "S3-14.2b")
@pytest.mark.parametrize("form", ["type 1", "status 13"])
def test_the_sender_takes_a_document_back(desk: Desk, out: Outbound, form: str) -> None:
    receive(desk, package())
    desk.instance_id = desk.document().instance_id
    desk.to_registration()
    if form == "type 1":
        recall = package([], business=Business(1, LETTER.document_id, "Sai thẩm quyền"))
    else:
        about = DocumentReference(OURS, "05-TB/BTC", None, LETTER.document_id)
        recall = status_package(about=about, code="13", description="Sai thẩm quyền")
    assert receive(desk, recall).outcome == "recalled"
    assert desk.document().status == "recall_pending"
    assert desk.trace("recall_asked")[0]["text"] == "Sai thẩm quyền"
    desk.finish("cancel_document", {"is_cancelled": True}, CLERK)
    assert desk.sent_codes()[-1] == "15"


RECALL = Business(1, LETTER.document_id, "Sai thẩm quyền")
ABOUT = DocumentReference(OURS, "05-TB/BTC", None, LETTER.document_id)


def asking(form: str, minutes: int = 0) -> bytes:
    """Return a recall as a package or as a status, asked so long after the first time."""
    at = AT + timedelta(hours=3, minutes=minutes)
    if form == "13":
        return status_package(about=ABOUT, code="13", description="Sai thẩm quyền", at=at)
    return package([], business=RECALL, trace=(TraceLine(BOARD, at),))


@pytest.mark.clause("S3-14.2b", "S3-18.1a")
@pytest.mark.parametrize("forms", [("1", "13"), ("13", "1")])
def test_both_forms_of_one_asking_ask_once_also_after_a_refusal(
    desk: Desk, out: Outbound, forms: tuple[str, str]
) -> None:
    desk.deploy_bundle("late_recall")
    out.link(may_refuse_recall=True)
    receive(desk, package())
    desk.instance_id = desk.document().instance_id
    desk.to_handling()
    desk.to_completion()
    first, second = forms
    assert receive(desk, asking(first)).outcome == "recalled"
    assert receive(desk, asking(second)).outcome == "repeated"
    desk.instance_id = None
    desk.finish("answer_recall", {"decision": "refuse", "note": "Văn bản đã thi hành xong"}, CLERK)
    again = [receive(desk, asking(form)) for form in forms]
    assert [(one.outcome, one.document_id) for one in again] == [("repeated", desk.document_id)] * 2
    assert desk.document().status == "completed"
    assert receive(desk, asking(second, minutes=30)).outcome == "recalled"
    assert desk.document().status == "recall_pending"


@pytest.mark.clause("S3-14.2b", "S3-18.1a")
def test_a_recall_that_is_a_letter_of_its_own_names_what_it_takes_back_as_what_it_answers(
    desk: Desk, out: Outbound
) -> None:
    for document_id in ("D-1", "D-2", "D-3"):
        receive(desk, package(document_id=document_id))
    named = tuple(DocumentReference(OURS, "05-TB/BTC", None, one) for one in ("D-1", "D-3", "D-9"))
    letter = {
        "document_id": "T-1",
        "business": Business(1, "", "Thu hồi văn bản điện tử"),
        "responses": named,
    }
    assert receive(desk, package([], **letter)).outcome == "recalled"
    statuses = {row.exchange_id: row.status for row in desk.rows(DOCUMENT)}
    assert statuses == {"D-1": "recalled", "D-2": "arrived", "D-3": "recalled"}
    alone = Business(1, "", "Thu hồi văn bản điện tử")
    assert receive(desk, package([], document_id="D-2", business=alone)).outcome == "recalled"
    with pytest.raises(NotFound):
        receive(desk, package([], document_id="T-2", business=alone))


def test_a_status_13_may_name_the_document_by_its_sender(desk: Desk, out: Outbound) -> None:
    receive(desk, package())
    recall = status_package(about=replace(ABOUT, organ_id=BOARD), code="13", description="Sai thẩm quyền")
    assert receive(desk, recall).outcome == "recalled"
    elsewhere = status_package(about=replace(ABOUT, organ_id="H01"), code="13", description="Sai thẩm quyền")
    with pytest.raises(InvalidInput):
        receive(desk, elsewhere)


def test_a_recall_of_what_never_came_is_not_found(desk: Desk, out: Outbound) -> None:
    with pytest.raises(NotFound):
        receive(desk, package([], business=Business(1, "D-0", "vì")))


@pytest.mark.clause("S3-14.2b", "S3-13.2b")
def test_a_replacement_arrives_and_what_it_replaces_is_taken_back(desk: Desk, out: Outbound) -> None:
    old = receive(desk, package())
    new = receive(
        desk,
        package(
            document_id="D-2",
            code_number="06",
            business=Business(3, replaced=(Replaced(LETTER.document_id),)),
        ),
    )
    assert new.outcome == "replaced"
    statuses = {row.id: row.status for row in desk.rows(DOCUMENT)}
    assert statuses[new.document_id] == "arrived"
    assert statuses[old.document_id] == "recalled"
    assert desk.sent_codes().count("15") == 1


def test_a_replacement_is_taken_where_nothing_takes_the_old_one_back_and_the_clerks_are_told(
    desk: Desk, out: Outbound
) -> None:
    old = receive(desk, package())
    (row,) = desk.rows(DOCUMENT)
    desk.document_id, desk.instance_id = row.id, row.instance_id
    desk.to_handling()
    desk.to_completion()  # no process of late recalls is deployed
    business = Business(3, replaced=(Replaced(LETTER.document_id),))
    new = receive(desk, package(document_id="D-2", code_number="06", business=business))
    assert new.outcome == "replaced"
    statuses = {row.id: row.status for row in desk.rows(DOCUMENT)}
    assert (statuses[new.document_id], statuses[old.document_id]) == ("arrived", "completed")
    assert desk.notices("replaced_left_open") == ["role:clerk"]


def test_a_replacement_for_other_receivers_takes_nothing_back(desk: Desk, out: Outbound) -> None:
    old = receive(desk, package())
    business = Business(3, replaced=(Replaced(LETTER.document_id, ("H01",)), Replaced("unknown")))
    receive(desk, package(document_id="D-2", business=business))
    statuses = {row.id: row.status for row in desk.rows(DOCUMENT)}
    assert statuses[old.document_id] == "arrived"


def test_an_update_is_a_document_of_its_own_that_names_the_first(desk: Desk, out: Outbound) -> None:
    receive(desk, package())
    taken = receive(desk, package(document_id="D-2", business=Business(2, LETTER.document_id, "Đính chính")))
    assert taken.outcome == "started"
    assert desk.trace("entered")[0]["updates"] == LETTER.document_id


def test_a_hostile_package_leaves_nothing(desk: Desk, out: Outbound) -> None:
    with pytest.raises(InvalidInput):
        receive(desk, b"<!DOCTYPE a><edXML/>")
    assert desk.rows(PACKET) == []


@pytest.mark.clause("S3-20.2")
def test_the_exchange_is_counted_by_office_and_month(desk: Desk, out: Outbound) -> None:
    sent(out)
    receive(desk, status(out, "03"))
    receive(desk, package())
    today = desk.clock.now().date()
    (count,) = desk.do(CLERK, lambda unit: exchange_statistics(unit, today, today))
    assert (count.organ_id, count.month.isoformat()) == (BOARD, "2026-03-01")
    assert (count.sent, count.arrived, count.accepted, count.received) == (1, 1, 1, 1)
    assert (count.refused, count.failed, count.recalled) == (0, 0, 0)
    later = today + timedelta(days=40)
    assert desk.do(CLERK, lambda unit: exchange_statistics(unit, later, later)) == []


def test_a_partners_token_speaks_for_that_partner_alone(desk: Desk, out: Outbound) -> None:
    token = desk.do(ADMIN, lambda unit: give_token(unit, BOARD))
    database = desk.runtime.database
    with database.unit_of_work(peer_identity(token, None)) as unit:
        assert unit.actor.login == f"peer:{BOARD}"
        taken = receive_package(desk.engine, unit, io.BytesIO(package()), "http")
    assert taken.outcome == "started"
    out.add_partner("H01.01.00", "UBND")
    out.link("H01.01.00", accepts_unsigned=True)
    with pytest.raises(Forbidden) as refusal, database.unit_of_work(peer_identity(token, None)) as unit:
        receive_package(desk.engine, unit, io.BytesIO(package(sender=Organ("H01.01.00"))), "http")
    assert refusal.value.code == "packet.other_sender"
    desk.do(ADMIN, lambda unit: give_token(unit, BOARD))
    with pytest.raises(Unauthenticated), database.unit_of_work(peer_identity(token, None)):
        pass


@pytest.fixture
def neighbour(desk: Desk, other_office) -> Desk:
    """Another office of the same installation, with its incoming process."""
    made = Desk(desk.runtime, other_office, desk.clock)
    bundle = Bundle.from_directory(ROOT / "processes" / "incoming_document", ROOT / "forms")
    with made.runtime.database.unit_of_work(other_office.system) as unit:
        deployments.deploy(made.runtime.checker, unit, bundle)
    return made


def exchange(*desks: Desk) -> None:
    """Let the workers run until nothing moves."""
    for _ in range(6):
        rounds.send_outbox(desks[0].runtime)
        for desk in desks:
            desk.run_jobs()


@pytest.mark.clause("S0-5.1", "S0-7.6", "S3-10.6", "S3-13.2a", "S3-14.2a")
def test_two_offices_of_one_installation_exchange_and_see_nothing_of_each_other(
    desk: Desk, out: Outbound, neighbour: Desk
) -> None:
    there = "A01.10.00"
    out.add_partner(there, "Đảng ủy xã Đông Sơn")
    out.issue([partner(there, "Đảng ủy xã Đông Sơn")])
    out.dispatch()
    assert [row.channel for row in out.board()] == ["internal"]
    exchange(desk, neighbour)
    (arrived,) = neighbour.rows(DOCUMENT)
    assert (arrived.direction, arrived.organ_id, arrived.status) == ("incoming", OURS, "arrived")
    assert arrived.agency_id == neighbour.office.agency_id
    assert out.states() == ["arrived"]
    Outbound(neighbour, arrived.id).run("delivery.send_status", code="03")
    exchange(desk, neighbour)
    assert out.states() == ["received"]
    (file,) = neighbour.rows(DOCUMENT_FILE)
    assert file.agency_id == neighbour.office.agency_id
    with neighbour.unit("dongson.vanthu") as unit:
        own = unit.session.execute(select(DOCUMENT.c.agency_id)).scalars().all()
    assert set(own) == {neighbour.office.agency_id}


def test_an_office_without_the_incoming_process_gets_it_once_it_has_one(
    desk: Desk, out: Outbound, other_office
) -> None:
    there = "A01.10.00"
    out.issue([partner(there, "Đảng ủy xã Đông Sơn")])
    out.dispatch()
    rounds.send_outbox(desk.runtime)
    (row,) = out.board()
    assert (row.state, row.attempts) == ("pending", 1)
    assert row.error.startswith("message.no_receiver")
    made = Desk(desk.runtime, other_office, desk.clock)
    bundle = Bundle.from_directory(ROOT / "processes" / "incoming_document", ROOT / "forms")
    with made.runtime.database.unit_of_work(other_office.system) as unit:
        deployments.deploy(made.runtime.checker, unit, bundle)
    desk.advance(minutes=5)
    exchange(desk, made)
    assert out.states() == ["arrived"]


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_an_instant_that_no_office_can_mean_leaves_the_board_readable(
    desk: Desk, out: Outbound, written: str
) -> None:
    sent(out)
    message = status(out, "03")
    told = re.compile(rb"(<edXML:Timestamp>)[^<]*(</edXML:Timestamp>)")
    assert told.search(message)
    receive(desk, told.sub(rb"\g<1>" + written.encode() + rb"\g<2>", message))
    assert out.board()[0].last_status_at == desk.clock.now()
    assert desk.do(CLERK, lambda unit: list_packets(unit, PacketFilter())).items


@pytest.mark.clause("S3-12.4m-n-o")
@pytest.mark.parametrize("days", [30, -400])
def test_a_status_from_a_wrong_clock_counts_as_now_and_is_kept_as_said(
    desk: Desk, out: Outbound, days: int
) -> None:
    sent(out)
    receive(desk, status(out, "03", minutes=days * 24 * 60))
    (row,) = out.board()
    assert (row.state, row.last_status_at, row.received_at) == ("received", *[desk.clock.now()] * 2)
    (packet,) = desk.rows(PACKET, PACKET.c.kind == "status")
    assert packet.stated_at == desk.clock.now() + timedelta(days=days)
    desk.advance(hours=1)
    receive(desk, status(out, "05"))
    assert out.board()[0].last_status == "05"  # nothing lies before it that never was


def test_an_identifier_of_any_length_is_one(desk: Desk, out: Outbound) -> None:
    known, long = LETTER.document_id.encode(), secrets.token_hex(8_000).encode()
    first = receive(desk, package().replace(known, long))
    assert first.outcome == "started"
    assert receive(desk, package().replace(known, long)).outcome == "repeated"
    recall = package([], business=Business(1, LETTER.document_id, "Sai thẩm quyền")).replace(known, long)
    assert receive(desk, recall).document_id == first.document_id


def test_a_status_of_an_unknown_document_with_a_long_code_is_told(desk: Desk, out: Outbound) -> None:
    sent(out)
    about = DocumentReference(OURS, secrets.token_hex(8_000), None, "không có")
    taken = receive(desk, status_package(sender=Organ(BOARD, "Ban"), about=about, at=desk.clock.now()))
    assert taken.outcome == "unknown"
    assert desk.notices("receipt_unknown") == ["role:clerk"]
