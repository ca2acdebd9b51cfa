"""Two installations exchange documents over HTTP: signed packages, statuses, bad days, recall, replacement."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select

from handlers.delivery.packet_log import PACKET
from service.actions.intake import DOCUMENT
from service.demo import COMMUNE_OFFICE, PARTY_OFFICE
from service.domain.clock import SystemClock
from service.storage.models import Draft, IssuingBody, table_of
from tests.e2e.installations import (
    Installation,
    cutting_door,
    exchange_tokens,
    found_installation,
    introduce,
    let_sign,
)
from tests.e2e.processes import until
from tests.engine.rows.house import House
from tests.harness import TestServer
from tests.processes.desk import CHECKED, LEADER, SPECIALIST
from tests.processes.outbound import Outbound, partner

DRAFT = table_of(Draft)
BODY = table_of(IssuingBody)
CLERK = "dongson.vanthu"

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def sender(own_server: TestServer, tmp_path: Path) -> Iterator[Installation]:
    """The provincial office's installation."""
    made = found_installation(own_server, tmp_path / "a", "e2e_a", PARTY_OFFICE)
    made.deploy("recall_outgoing")
    yield made
    made.close()


@pytest.fixture
def receiver(own_server: TestServer, tmp_path: Path) -> Iterator[Installation]:
    """The commune's installation."""
    made = found_installation(own_server, tmp_path / "b", "e2e_b", COMMUNE_OFFICE)
    made.deploy("incoming_document", "late_recall")
    yield made
    made.close()


@pytest.fixture
def out(sender: Installation) -> Outbound:
    """Writes issued documents at the sender."""
    return Outbound(House(sender.runtime, sender.office, SystemClock()))  # type: ignore[arg-type]


def connect(sender: Installation, receiver: Installation, address: str | None = None) -> None:
    """Let both know each other; the sender signs, the receiver wants it so."""
    introduce(sender, receiver, address, accepts_unsigned=True)
    introduce(receiver, sender)
    exchange_tokens(sender, receiver)
    let_sign(sender, receiver)
    sender.start()
    receiver.start()


def issue(out: Outbound, replaces: UUID | None = None) -> UUID:
    """Issue a document of the specialist, signed by the leader, and let it leave."""
    office = out.house.office
    out.issue([partner("A01.10.00", "Đảng ủy xã Đông Sơn")])
    with out.house.unit() as unit:
        body = unit.session.execute(select(BODY.c.id)).scalars().first()
        row = {
            "document_id": out.document_id,
            "agency_id": office.agency_id,
            "profile": "party",
            "profile_from": "2022-01-01",
            "type_code": "CV",
            "issuing_body_id": body,
            "drafting_unit_id": office.units["tong_hop"],
            "drafter_id": office.accounts[SPECIALIST],
            "signer_id": office.accounts[LEADER],
            "capacity": "",
            "signer_position": "Chánh Văn phòng",
            "fields": {},
            "origin": "upload",
            "current_version": 1,
            "replaces_id": replaces,
        }
        unit.session.execute(insert(DRAFT).values(row))
    out.dispatch()
    assert out.document_id is not None
    return out.document_id


def arrived(receiver: Installation) -> list[Any]:
    """Return the documents at the receiver, oldest first."""
    return receiver.do(lambda unit: unit.session.execute(select(DOCUMENT).order_by(DOCUMENT.c.id)).all())


@pytest.mark.clause("S0-5.1", "S0-7.6", "S3-10.5", "S3-13.2a", "S3-14.2a", "S3-18.1a", "S3-20.2")
def test_a_document_goes_over_and_its_whole_life_comes_back(
    sender: Installation, receiver: Installation, out: Outbound
) -> None:
    connect(sender, receiver)
    document_id = issue(out)
    until(lambda: out.states() == ["arrived"])
    (document,) = arrived(receiver)
    assert (document.organ_id, document.exchange_id) == ("A01.01.00", out.board()[0].exchange_id)
    packet = receiver.do(
        lambda unit: unit.session.execute(select(PACKET).where(PACKET.c.direction == "in")).one()
    )
    assert packet.signature["integrity"] == "intact"
    assert packet.signature["organ_id"] == "A01.01.00"
    receiver.person(CLERK).complete("check_document", CHECKED)
    confirmed = {
        "type_name": document.type_name,
        "code_number": document.code_number,
        "code_notation": document.code_notation,
        "issued_on": document.issued_on.isoformat(),
        "organ_name": document.organ_name,
        "subject": document.subject,
        "signer_position": document.signer_position,
        "signer_name": document.signer_name,
    }
    receiver.person(CLERK).complete("confirm_metadata", confirmed)
    until(lambda: out.states() == ["received"])
    Outbound(House(receiver.runtime, receiver.office, SystemClock()), document.id).run(  # type: ignore[arg-type]
        "delivery.send_status", code="06"
    )
    until(lambda: out.states() == ["completed"])
    board = sender.person("vanthu").get(f"/documents/{document_id}/deliveries")["items"]
    assert [(one["state"], one["last_status"]) for one in board] == [("completed", "06")]
    packets = sender.person("vanthu").get("/exchange/packets?direction=in&kind=status")["items"]
    assert sorted(one["status_code"] for one in packets) == ["01", "03", "06"]


def test_a_receiver_that_is_down_gets_it_once_it_is_up_and_a_lost_answer_does_not_double_it(
    sender: Installation, receiver: Installation, out: Outbound
) -> None:
    with cutting_door(receiver.processes.port) as door:
        connect(sender, receiver, door.address)
        receiver.processes.stop()
        issue(out)
        until(lambda: out.board()[0].attempts > 0)
        assert out.states() == ["pending"]
        door.cut_next_answer()
        receiver.start()
        until(door.cut_happened.is_set)
        until(lambda: out.states() == ["arrived"])
        until(lambda: out.board()[0].error is None and out.board()[0].attempts > 2)
    assert len(arrived(receiver)) == 1
    count = select(func.count()).select_from(PACKET).where(PACKET.c.direction == "in")
    assert receiver.do(lambda unit: unit.session.execute(count).scalar_one()) == 1


@pytest.mark.clause("S0-6.5", "S3-13.2b", "S3-14.2b")
def test_a_recall_and_a_replacement_go_through_both_houses(
    sender: Installation, receiver: Installation, out: Outbound
) -> None:
    connect(sender, receiver)
    first = issue(out)
    until(lambda: out.states() == ["arrived"])
    wish = {"reason": "Ban hành sai thẩm quyền"}
    sender.person(SPECIALIST).post(f"/documents/{first}/recall-requests", wish)
    sender.person(LEADER).complete("approve_recall", {"decision": "agree"})
    until(lambda: out.board()[0].recall_state == "agreed")
    until(lambda: _status(sender, first) == "recalled")
    assert [row.status for row in arrived(receiver)] == ["recalled"]

    second = issue(out)
    until(lambda: out.states() == ["arrived"])
    third = issue(out, replaces=second)
    until(lambda: out.states() == ["arrived"])
    statuses = [row.status for row in arrived(receiver)]
    assert statuses == ["recalled", "recalled", "arrived"]
    assert _status(sender, third) == "issued"


def _status(sender: Installation, document_id: UUID) -> str:
    statement = select(DOCUMENT.c.status).where(DOCUMENT.c.id == document_id)
    return str(sender.do(lambda unit: unit.session.execute(statement).scalar_one()))
