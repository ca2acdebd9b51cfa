"""One office as the contact point of several bodies: what is for them is taken, what is theirs leaves as theirs."""

from __future__ import annotations

import io
from typing import Any

import pytest
from sqlalchemy import insert, update

from handlers.exchange.package_signing import sign_envelope
from handlers.signing.demo_authority import DemoAuthority
from handlers.signing.keys import Pkcs12Key
from service.actions import deployments
from service.actions.exchange import receive_package
from service.actions.exchange_links import give_token, peer_identity, read_link
from service.actions.intake import DOCUMENT, receive_packet
from service.actions.issuing_bodies import change_issuing_body, close_issuing_body
from service.actions.partners import add_partner, change_partner
from service.domain.edxml import Business, DocumentReference, Organ
from service.domain.errors import Forbidden, InvalidInput, NotFound, PolicyRefusal
from service.engine.definition.bundle import Bundle
from service.queries.deliveries import PacketFilter, exchange_statistics, list_packets
from service.queries.documents import document_view
from service.queries.organisation import list_partners
from service.storage.models import Draft, table_of
from service.worker import rounds
from tests.handlers.exchange.letters import LETTER, envelope_of, package, status_package
from tests.processes.desk import CHECKED, CLERK, LEADER, OUTBOX, ROOT, SPECIALIST, Desk
from tests.processes.outbound import ADMIN, BOARD, Outbound, partner

OURS, COMMITTEE, THERE = "A01.01.00", "A01", "A01.10.00"
DRAFT = table_of(Draft)
TO_COMMITTEE, TO_OFFICE = Organ(COMMITTEE, "Tỉnh ủy"), Organ(OURS, "Văn phòng Tỉnh ủy (mẫu)")


@pytest.fixture
def out(desk: Desk) -> Outbound:
    """The office, whose body “Tỉnh ủy” has an identifier of its own."""
    made = Outbound(desk)
    made.link(accepts_unsigned=True)
    desk.do(ADMIN, lambda unit: change_issuing_body(unit, "tinhuy", {"organ_id": COMMITTEE}))
    return made


def receive(desk: Desk, content: bytes) -> Any:
    """Take a package and let the jobs run."""
    taken = desk.do(None, lambda unit: receive_package(desk.engine, unit, io.BytesIO(content), "http"))
    desk.run_jobs()
    return taken


def statuses(desk: Desk) -> list[tuple[str, str]]:
    """Return code and sender of the statuses in the outbox, oldest first."""
    rows = sorted(desk.rows(OUTBOX, OUTBOX.c.channel == "exchange"), key=lambda row: row.id)
    return [(row.payload["status_code"], row.payload["from"]["organ_id"]) for row in rows]


@pytest.mark.clause("S3-16")
def test_what_is_for_a_body_arrives_for_it_and_is_answered_in_its_name(desk: Desk, out: Outbound) -> None:
    taken = receive(desk, package(receivers=(TO_COMMITTEE,)))
    assert taken.outcome == "started"
    row = desk.rows(DOCUMENT)[0]
    view = document_view(row, desk.clock.now(), may_read=True)
    assert (view.addressed_organ_id, view.addressed_name) == (COMMITTEE, "Tỉnh ủy Sông Hồng")
    desk.document_id, desk.instance_id = row.id, row.instance_id
    desk.finish("check_document", CHECKED | {"decision": "refuse", "reason": "Thiếu phụ lục"})
    assert statuses(desk) == [("01", COMMITTEE), ("02", COMMITTEE)]
    assert receive(desk, package(receivers=(Organ("A01.99.00"), TO_OFFICE))).outcome == "started"
    assert statuses(desk)[-1] == ("01", OURS)
    (packet, _) = desk.do(CLERK, lambda unit: list_packets(unit, PacketFilter(kind="edoc"))).items
    assert (packet.own_organ_id, packet.document_id) == (OURS, desk.rows(DOCUMENT)[-1].id)


@pytest.mark.clause("S3-16")
def test_each_body_that_is_named_gets_its_own_copy_once(desk: Desk, out: Outbound) -> None:
    receive(desk, package(receivers=(TO_COMMITTEE,)))
    second = receive(desk, package(receivers=(TO_COMMITTEE, TO_OFFICE)))
    assert second.outcome == "started"
    addressed = {row.addressed_organ_id for row in desk.rows(DOCUMENT)}
    assert addressed == {COMMITTEE, OURS}
    for receivers in ((TO_OFFICE,), (TO_COMMITTEE,), (TO_OFFICE, TO_COMMITTEE)):
        assert receive(desk, package(receivers=receivers)).outcome == "repeated"
    assert len(desk.rows(DOCUMENT)) == 2
    assert sorted(statuses(desk)) == [("01", COMMITTEE), ("01", OURS)]


@pytest.mark.clause("S3-16", "S3-14.2b")
def test_a_recall_reaches_the_body_that_it_names_or_all(desk: Desk, out: Outbound) -> None:
    receive(desk, package(receivers=(TO_COMMITTEE, TO_OFFICE)))
    recall = Business(1, LETTER.document_id, "Sai thẩm quyền")
    receive(desk, package([], receivers=(TO_COMMITTEE,), business=recall))
    found = {row.addressed_organ_id: row.status for row in desk.rows(DOCUMENT)}
    assert found == {COMMITTEE: "recalled", OURS: "arrived"}
    about = DocumentReference("", "05-TB/BTC", None, LETTER.document_id)
    receive(desk, status_package(about=about, code="13", description="Sai thẩm quyền"))
    assert {row.status for row in desk.rows(DOCUMENT)} == {"recalled"}


@pytest.mark.clause("S3-16")
def test_a_stranger_is_still_refused_and_a_closed_body_takes_nothing_new(desk: Desk, out: Outbound) -> None:
    with pytest.raises(InvalidInput) as refusal:
        receive(desk, package(receivers=(Organ("A01.99.00"),)))
    assert refusal.value.code == "packet.other_receiver"
    receive(desk, package(receivers=(TO_COMMITTEE,)))
    desk.do(ADMIN, lambda unit: close_issuing_body(unit, "tinhuy"))
    with pytest.raises(InvalidInput):
        receive(desk, package(receivers=(TO_COMMITTEE,), document_id="D-2"))
    recall = Business(1, LETTER.document_id, "Sai thẩm quyền")
    assert receive(desk, package([], receivers=(TO_COMMITTEE,), business=recall)).outcome == "recalled"
    assert statuses(desk)[-1] == ("15", COMMITTEE)


@pytest.mark.clause("S3-16")
def test_the_json_door_knows_the_bodies_and_the_rules_of_the_other_door(desk: Desk, out: Outbound) -> None:
    def take(**changes: Any) -> Any:
        packet = desk.packet() | changes
        return desk.do(None, lambda unit: receive_packet(desk.engine, unit, packet))

    assert take(to={"organ_id": COMMITTEE}).outcome == "started"
    assert desk.rows(DOCUMENT)[0].addressed_organ_id == COMMITTEE
    assert take().outcome == "started"
    for to, code in (({"organ_id": "A01.99.00"}, "packet.other_receiver"), ({}, "packet.receiver")):
        with pytest.raises(InvalidInput) as refusal:
            take(to=to)
        assert refusal.value.code == code
    out.link(accepts_unsigned=False)
    with pytest.raises(PolicyRefusal) as unsigned:
        take()
    assert unsigned.value.code == "package.unsigned"
    out.link(accepts_unsigned=True, is_locked=True)
    with pytest.raises(Forbidden) as locked:
        take()
    assert locked.value.code == "partner.locked"
    out.add_partner("H01.01.00", "UBND")
    stranger = desk.packet() | {"from": {"organ_id": "H01.01.00"}}
    with pytest.raises(PolicyRefusal):  # nobody of the house answers for it
        take(**stranger)
    vouched = desk.do(CLERK, lambda unit: receive_packet(desk.engine, unit, stranger))
    assert vouched.outcome == "started"


def issue_for(out: Outbound, body: str, recipients: list[dict[str, Any]]) -> None:
    """Issue a document of a body and let it leave."""
    office = out.house.office
    out.issue(recipients)
    with out.house.unit() as unit:
        row = {
            "document_id": out.document_id,
            "agency_id": office.agency_id,
            "profile": "party",
            "profile_from": "2022-01-01",
            "type_code": "CV",
            "issuing_body_id": office.bodies[body],
            "drafting_unit_id": office.units["tong_hop"],
            "drafter_id": office.accounts[SPECIALIST],
            "signer_id": office.accounts[LEADER],
            "capacity": "",
            "signer_position": "Bí thư",
            "fields": {},
            "origin": "upload",
            "current_version": 1,
        }
        unit.session.execute(insert(DRAFT).values(row))
    out.dispatch()


class Handed:
    """A wire that keeps what it was given."""

    def __init__(self) -> None:
        self.parcels: list[Any] = []

    def carry(self, unit: Any, parcel: Any) -> None:
        """Take a parcel."""
        del unit
        self.parcels.append(parcel)


@pytest.mark.clause("S3-16", "S3-17")
def test_a_bodys_document_leaves_and_comes_back_under_its_identifier(desk: Desk, out: Outbound) -> None:
    wire = Handed()
    desk.runtime.channels["delivery"]._wires["http"] = wire
    issue_for(out, "tinhuy", [partner(channel="http")])
    desk.send()
    (row,) = out.board()
    assert row.exchange_id == "A01,2026/03/02,11-CV/VPTU"
    assert wire.parcels[0].message.sender == Organ(COMMITTEE, "Tỉnh ủy Sông Hồng")
    assert desk.rows(DOCUMENT, DOCUMENT.c.id == out.document_id)[0].organ_id == COMMITTEE
    about = DocumentReference(COMMITTEE, "11-CV/VPTU", None, row.exchange_id)
    desk.do(ADMIN, lambda unit: close_issuing_body(unit, "tinhuy"))
    answer = status_package(sender=Organ(BOARD, "Ban"), about=about, code="03", at=desk.clock.now())
    assert receive(desk, answer).outcome == "noted"
    assert out.states() == ["received"]
    out.run("delivery.recall", reason="Sai thẩm quyền")
    desk.send()
    assert [one.message.sender.organ_id for one in wire.parcels[1:]] == [COMMITTEE] * 2, "type 1 and 13"
    issue_for(out, "vptu", [partner(channel="http")])
    desk.send()
    assert wire.parcels[-1].message.sender.organ_id == OURS
    receive(desk, package())
    today = desk.clock.now().date()

    def count(own: str | None) -> tuple[int, int]:
        (found,) = desk.do(CLERK, lambda unit: exchange_statistics(unit, today, today, own))
        return found.sent, found.received

    assert (count(None), count(COMMITTEE), count(OURS)) == ((2, 1), (1, 0), (1, 1))


@pytest.mark.clause("S3-16", "S3-10.6")
def test_two_offices_of_one_installation_reach_each_others_bodies(
    desk: Desk, out: Outbound, other_office: Any
) -> None:
    there = Desk(desk.runtime, other_office, desk.clock)
    bundle = Bundle.from_directory(ROOT / "processes" / "incoming_document", ROOT / "forms")
    with there.runtime.database.unit_of_work(other_office.system) as unit:
        deployments.deploy(there.runtime.checker, unit, bundle)
        change_issuing_body(unit, "danguy", {"organ_id": "A01.10.01"})
    issue_for(out, "tinhuy", [partner("A01.10.01", "Đảng ủy"), partner(THERE, "Văn phòng Đảng ủy")])
    for _ in range(4):
        rounds.send_outbox(desk.runtime)
        there.run_jobs()
    rows = there.rows(DOCUMENT)
    assert {(row.organ_id, row.addressed_organ_id) for row in rows} == {
        (COMMITTEE, "A01.10.01"),
        (COMMITTEE, THERE),
    }
    assert out.states() == ["arrived", "arrived"]
    stranger = update(DOCUMENT).where(DOCUMENT.c.id == rows[0].id).values(addressed_organ_id="X9")
    with there.unit() as unit:
        unit.session.execute(stranger)
    Outbound(there, rows[0].id).run("delivery.send_status", code="03")
    rounds.send_outbox(desk.runtime)
    (failed,) = there.rows(OUTBOX, OUTBOX.c.state == "failed")
    assert failed.last_error.startswith("partner.unknown")


@pytest.mark.clause("S3-16")
def test_the_bodies_of_one_office_send_to_each_other(desk: Desk, out: Outbound) -> None:
    issue_for(out, "vptu", [partner(COMMITTEE, "Tỉnh ủy")])
    for _ in range(4):
        rounds.send_outbox(desk.runtime)
        desk.run_jobs()
    (arrived,) = desk.rows(DOCUMENT, DOCUMENT.c.direction == "incoming")
    assert (arrived.organ_id, arrived.addressed_organ_id) == (OURS, COMMITTEE)
    assert [(row.channel, row.state) for row in out.board()] == [("internal", "arrived")]
    out.run("delivery.recall", reason="Sai thẩm quyền")
    for _ in range(4):
        rounds.send_outbox(desk.runtime)
        desk.run_jobs()
    assert out.board()[0].recall_state == "agreed"


@pytest.mark.clause("S3-16", "S0-9.2g2")
def test_a_contact_point_speaks_for_the_bodies_behind_it(desk: Desk, out: Outbound) -> None:
    """The other side of it: our directory says through whom a body is reached, and who may speak for it."""
    behind = "A01.02.07"
    desk.do(CLERK, lambda unit: change_partner(unit, BOARD, {"endpoint": "https://btc.example/in"}))
    desk.do(CLERK, lambda unit: add_partner(unit, behind, "Hội đồng", contact_point=BOARD))
    link = desk.do(ADMIN, lambda unit: read_link(unit, behind))
    assert (link.contact_point, link.endpoint, link.accepts_unsigned) == (
        BOARD,
        "https://btc.example/in",
        True,
    )
    (board, council) = desk.do(CLERK, list_partners)
    assert (board.contact_point, council.contact_point) == (None, BOARD)
    token = desk.do(ADMIN, lambda unit: give_token(unit, BOARD))

    def hand_over(content: bytes) -> Any:
        with desk.runtime.database.unit_of_work(peer_identity(token, None)) as unit:
            return receive_package(desk.engine, unit, io.BytesIO(content), "http")

    assert hand_over(package(sender=Organ(behind, "Hội đồng"))).outcome == "started"
    out.add_partner("H01.01.00", "UBND")
    with pytest.raises(Forbidden) as refusal:
        hand_over(package(sender=Organ("H01.01.00", "UBND")))
    assert refusal.value.code == "packet.other_sender"
    wire = Handed()
    desk.runtime.channels["delivery"]._wires["http"] = wire
    out.issue([partner(behind, "Hội đồng", channel="http")])
    out.dispatch()
    desk.send()
    (row,) = out.board()
    answer = status_package(about=DocumentReference(OURS, "", None, row.exchange_id), at=desk.clock.now())
    assert receive(desk, answer).outcome == "noted"  # its contact point answers
    assert out.states() == ["received"]
    out.link(is_locked=True)
    with pytest.raises(Forbidden) as locked:
        receive(desk, package(sender=Organ(behind), document_id="D-3"))
    assert locked.value.code == "partner.locked"
    for wrong in (behind, "A09"):
        with pytest.raises(InvalidInput):
            desk.do(CLERK, lambda unit, wrong=wrong: change_partner(unit, BOARD, {"contact_point": wrong}))
    with pytest.raises(NotFound):
        desk.do(CLERK, lambda unit: change_partner(unit, "A09", {"contact_point": BOARD}))


@pytest.mark.clause("S3-16", "S3-10.3")
def test_a_body_without_a_key_is_signed_for_by_its_contact_point(desk: Desk, out: Outbound) -> None:
    out.link(accepts_unsigned=False)
    desk.do(CLERK, lambda unit: add_partner(unit, "A01.02.07", "Hội đồng", contact_point=BOARD))
    now = desk.clock.now()
    authority = DemoAuthority.create(now)
    authority.save_trust(desk.engine.resources.handler_resources.trust_dir, now)
    key = Pkcs12Key.open(authority.pack(authority.issue_agency("Ban Tổ chức", BOARD), "x"), "x")
    good = envelope_of(sender=Organ("A01.02.07", "Hội đồng"))
    assert receive(desk, package(envelope=sign_envelope(good, key))).outcome == "started"
    other = Pkcs12Key.open(authority.pack(authority.issue_agency("Khác", "H01.01.00"), "x"), "x")
    forged = envelope_of(sender=Organ("A01.02.07", "Hội đồng"), document_id="D-2")
    with pytest.raises(PolicyRefusal):
        receive(desk, package(envelope=sign_envelope(forged, other)))
