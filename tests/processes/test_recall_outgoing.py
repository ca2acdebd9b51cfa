"""The sender takes a document back: asked for, approved, every receiver asked, followed up to the end (flow D8a)."""

from __future__ import annotations

import io
import threading
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from handlers.contract import RetryLater
from handlers.delivery.contacts import find_contact
from handlers.delivery.packet_log import PACKET
from handlers.delivery.peers import refusal
from service.actions import deliveries, deployments
from service.actions.exchange import receive_package
from service.actions.recalls import RecallWish, ask_recall
from service.domain.edxml import DocumentReference, Letter, Organ, StatusLetter
from service.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from service.engine.definition.bundle import Bundle
from service.storage.models import Draft, IssuingBody, table_of
from service.worker import rounds
from tests.handlers.exchange.letters import status_package
from tests.processes.desk import CLERK, LEADER, PARTNER, ROOT, SPECIALIST, Desk
from tests.processes.outbound import Outbound, partner

SECOND = "H01.01.00"
DRAFT = table_of(Draft)
BODY = table_of(IssuingBody)


class Recorder:
    """A wire that keeps what it is given."""

    def __init__(self) -> None:
        self.parcels: list[Any] = []

    def carry(self, unit, parcel) -> None:
        del unit
        self.parcels.append(parcel)

    @property
    def recalls(self) -> list[Letter]:
        letters = [one.message for one in self.parcels if isinstance(one.message, Letter)]
        return [letter for letter in letters if letter.business.kind == 1]

    @property
    def statuses(self) -> list[StatusLetter]:
        return [one.message for one in self.parcels if isinstance(one.message, StatusLetter)]


class Recall(Outbound):
    """A document of the house that left for two partners, and its recall."""

    wire: Recorder
    instance_id: Any = None

    def leave(self, **changes: Any) -> None:
        """Issue a document of the specialist, signed by the leader, and let it leave."""
        office = self.house.office
        self.issue([partner(PARTNER, channel="http"), partner(SECOND, "UBND", channel="http")], **changes)
        with self.house.unit() as unit:
            body = unit.session.execute(BODY.select().limit(1)).first()
            row = {
                "document_id": self.document_id,
                "agency_id": office.agency_id,
                "profile": "party",
                "profile_from": "2022-01-01",
                "type_code": "CV",
                "issuing_body_id": body.id,
                "drafting_unit_id": office.units["tong_hop"],
                "drafter_id": office.accounts[SPECIALIST],
                "signer_id": office.accounts[LEADER],
                "capacity": "",
                "signer_position": "Chánh Văn phòng",
                "fields": {},
                "origin": "upload",
                "current_version": 1,
            }
            unit.session.execute(insert(DRAFT).values(row))
        self.dispatch()
        self.house.send()

    def ask(self, login: str = SPECIALIST, **wish: Any) -> None:
        """Ask for the recall."""
        wanted = RecallWish(**({"reason": "Ban hành sai thẩm quyền"} | wish))
        started = self.house.do(
            login, lambda unit: ask_recall(self.house.engine, unit, self.document_id, wanted)
        )
        self.instance_id = self.house.instance_id = started.instance_id

    def approve(self, login: str = LEADER, **decision: Any) -> None:
        """Decide about it, then let the worker run."""
        self.house.finish("approve_recall", {"decision": "agree"} | decision, login)
        self.house.send()

    def answer(self, code: str, organ: str = PARTNER, description: str = "") -> None:
        """Let a receiver answer."""
        row = next(row for row in self.board() if row.organ_id == organ)
        about = DocumentReference("A01.01.00", "", None, row.exchange_id)
        message = status_package(
            sender=Organ(organ, "Nơi nhận"),
            about=about,
            code=code,
            description=description,
            at=self.house.clock.now(),
        )
        self.house.do(
            None, lambda unit: receive_package(self.house.engine, unit, io.BytesIO(message), "http")
        )
        self.house.send()
        self.house.run_jobs()

    def status(self) -> str:
        """Return the document's status."""
        self.house.document_id = self.document_id
        return str(self.house.document().status)

    def recall_states(self) -> list[str | None]:
        """Return what became of the recall at each receiver."""
        return [row.recall_state for row in self.board()]


@pytest.fixture
def recall(desk: Desk) -> Recall:
    """A document that two partners have, with the recall's process deployed."""
    desk.deploy_bundle("recall_outgoing")
    made = Recall(desk)
    made.wire = Recorder()
    desk.runtime.channels["delivery"]._wires["http"] = made.wire
    made.link(accepts_unsigned=True)
    made.add_partner(SECOND, "Văn phòng UBND tỉnh")
    made.link(SECOND, accepts_unsigned=True)
    made.leave()
    return made


@pytest.mark.clause("S3-13.2b", "S3-13.2a")
def test_a_recall_is_approved_asked_for_everywhere_and_ends_when_all_have_agreed(recall: Recall) -> None:
    number = recall.house.rows(DRAFT) and recall.board()[0].exchange_id
    recall.ask()
    assert recall.status() == "issued"
    recall.approve()
    assert recall.status() == "recall_pending"
    assert [letter.receivers[0].organ_id for letter in recall.wire.recalls] == [PARTNER, SECOND]
    assert {letter.business.reason for letter in recall.wire.recalls} == {"Ban hành sai thẩm quyền"}
    assert {letter.business.document_id for letter in recall.wire.recalls} == {number}
    assert recall.recall_states() == ["asked", "asked"]
    recall.answer("15")
    assert recall.recall_states() == ["agreed", "asked"]
    assert recall.house.state(recall.instance_id) == "active"
    recall.answer("15", SECOND)
    assert recall.house.reached() == ["document_recalled"]
    document = recall.house.document()
    assert document.status == "recalled"
    assert (document.code_number, document.exchange_id) == ("11", number)
    assert document.subject
    assert recall.house.trace("recall_sent")[0]["text"] == "Ban hành sai thẩm quyền"


@pytest.mark.clause("S3-13.2b", "S3-18.1a")
def test_each_receiver_is_asked_in_both_forms_of_one_instant(recall: Recall) -> None:
    """Programs of the exchange know type 1, the status 13, or both; each reads which document in its own way."""
    recall.ask()
    recall.approve()
    rows = {row.organ_id: row for row in recall.board()}
    assert [type(one.message) for one in recall.wire.parcels[2:4]] == [Letter, StatusLetter]
    for letter, status in zip(recall.wire.recalls, recall.wire.statuses, strict=True):
        receiver = letter.receivers[0].organ_id
        row = rows[receiver]
        named = DocumentReference(receiver, "11-CV/VPTU", date(2026, 3, 2), row.exchange_id)
        assert (letter.document_id, letter.business.document_id) == (row.exchange_id, row.exchange_id)
        assert (letter.responses, status.about) == ((named,), named)
        assert (status.code, status.description) == ("13", "Ban hành sai thẩm quyền")
        assert [line.at for line in letter.trace] == [status.at] == [row.recall_asked_at]
    kept = [(row.kind, row.business_type, row.status_code) for row in recall.house.rows(PACKET)]
    assert kept[2:] == [("edoc", 1, None), ("status", None, "13")] * 2


def test_a_receiver_that_knows_no_status_13_is_no_fault_of_the_recall(recall: Recall) -> None:
    class Strict(Recorder):
        def carry(self, unit, parcel) -> None:
            if isinstance(parcel.message, StatusLetter):
                raise refusal("peer.refused", "HTTP 422")
            super().carry(unit, parcel)

    recall.house.runtime.channels["delivery"]._wires["http"] = Strict()
    recall.ask()
    recall.approve()
    assert [(row.recall_state, row.error) for row in recall.board()] == [("asked", None)] * 2
    assert recall.house.notices("delivery_failed") == []
    recall.answer("15")
    recall.answer("15", SECOND)
    assert recall.house.reached() == ["document_recalled"]


def test_the_status_waits_for_the_package_and_is_not_sent_once_that_is_answered(recall: Recall) -> None:
    class Busy(Recorder):
        def carry(self, unit, parcel) -> None:
            if isinstance(parcel.message, Letter) and not self.parcels:
                self.parcels.append(parcel)
                raise RetryLater("peer.busy: HTTP 503")
            super().carry(unit, parcel)

    wire = recall.house.runtime.channels["delivery"]._wires["http"] = Busy()
    recall.run("delivery.recall", reason="Ban hành sai thẩm quyền")
    recall.house.send()
    assert [one.receiver.organ_id for one in wire.parcels] == [PARTNER, SECOND, SECOND]
    recall.answer("15")
    recall.house.advance(minutes=5)
    recall.house.send()
    assert [one.receiver.organ_id for one in wire.parcels[3:]] == [PARTNER]
    assert len(wire.statuses) == 1


@pytest.mark.clause("S3-13.2b")
def test_the_document_is_frozen_with_its_metadata(recall: Recall) -> None:
    recall.ask()
    recall.approve()
    (draft,) = recall.house.rows(DRAFT)
    assert draft.frozen_at is not None


def test_a_recall_that_is_not_approved_changes_nothing_and_the_requester_is_told(recall: Recall) -> None:
    recall.ask()
    recall.approve(decision="refuse", note="Nội dung vẫn đúng")
    assert recall.house.reached() == ["recall_refused"]
    assert recall.status() == "issued"
    assert recall.wire.recalls == []
    assert recall.house.notices("recall_request_refused") == [f"user:{SPECIALIST}"]


def test_nobody_approves_their_own_request(recall: Recall) -> None:
    recall.ask(LEADER)
    with pytest.raises((NotFound, Forbidden)):
        recall.approve(LEADER)


@pytest.mark.clause("S3-13.2a")
def test_a_refusal_goes_to_the_clerk_who_settles_it(recall: Recall) -> None:
    recall.ask()
    recall.approve()
    recall.answer("15")
    recall.answer("16", SECOND, "Đã xử lý xong")
    assert recall.recall_states() == ["agreed", "refused"]
    assert recall.house.waits_at(recall.instance_id) == ["follow_up_recall"]
    assert recall.house.notices("recall_refused") == ["role:clerk"]
    row = recall.board()[1]
    recall.house.do(CLERK, lambda unit: deliveries.settle(unit, row.id, "Đã làm việc trực tiếp"))
    recall.house.finish("follow_up_recall", {"outcome": "settled", "note": "Đã làm việc trực tiếp"}, CLERK)
    assert recall.house.reached() == ["document_recalled"]
    assert recall.recall_states() == ["agreed", "settled"]


@pytest.mark.clause("S3-13.2a", "S0-9.1g3")
def test_silence_goes_to_the_clerk_who_may_wait_on(recall: Recall) -> None:
    recall.ask()
    recall.approve()
    recall.answer("15")
    recall.house.advance(hours=30)
    rounds.alert_silences(recall.house.runtime)
    assert recall.house.notices("recall_silent") == ["role:clerk"]
    recall.house.fire()
    assert recall.house.waits_at(recall.instance_id) == ["follow_up_recall"]
    recall.house.finish("follow_up_recall", {"outcome": "wait"}, CLERK)
    recall.answer("15", SECOND)
    assert recall.house.reached() == ["document_recalled"]


@pytest.mark.clause("S3-13.2b")
def test_a_replacement_ends_as_replaced_and_names_the_new_document(recall: Recall) -> None:
    first = recall.document_id
    recall.leave()
    second, recall.document_id = recall.document_id, first
    recall.ask(replacement_id=second)
    recall.approve()
    recall.answer("15")
    recall.answer("15", SECOND)
    assert recall.house.reached() == ["document_replaced"]
    assert recall.status() == "replaced"
    assert recall.house.trace("recall_sent")[0]["replacement_id"] == str(second)


@pytest.mark.clause("S3-13.2b")
def test_what_replaces_a_document_leaves_as_type_3_and_names_what_it_replaces(recall: Recall) -> None:
    first, old = recall.document_id, recall.board()[0].exchange_id
    recall.issue([partner(PARTNER, channel="http")])
    with recall.house.unit() as unit:
        (draft,) = list(unit.session.execute(DRAFT.select()))
        facts = draft._asdict()
        new = facts | {"document_id": recall.document_id, "replaces_id": first}
        unit.session.execute(insert(DRAFT).values(new))
    recall.dispatch()
    recall.house.send()
    letter = recall.wire.parcels[-1].message
    assert letter.business.kind == 3
    assert [(one.document_id, one.organ_ids) for one in letter.business.replaced] == [(old, (PARTNER,))]


def test_what_had_not_left_yet_is_cancelled_and_nobody_is_asked(desk: Desk, recall: Recall) -> None:
    class Away:
        def carry(self, unit, parcel) -> None:
            raise RetryLater("peer.unreachable: away")

    desk.runtime.channels["delivery"]._wires["http"] = Away()
    recall.leave()
    assert recall.states() == ["pending", "pending"]
    recall.ask()
    recall.approve()
    assert recall.states() == ["cancelled", "cancelled"]
    assert recall.house.reached() == ["document_recalled"]


def test_only_an_issued_document_is_recalled_and_only_once_at_a_time(recall: Recall) -> None:
    recall.ask()
    with pytest.raises(Conflict) as refusal:
        recall.ask(CLERK)
    assert refusal.value.code == "document.recall_running"
    recall.approve()
    with pytest.raises(Conflict):
        recall.ask(CLERK)
    recall.leave(status="numbered")
    with pytest.raises(Conflict):
        recall.ask()


def test_of_two_who_ask_at_the_same_time_one_is_told_that_a_recall_runs(recall: Recall) -> None:
    house, outcome = recall.house, []

    def ask_too() -> None:
        with pytest.raises(Conflict) as refusal:
            recall.ask(CLERK)
        outcome.append(refusal.value.code)

    second = threading.Thread(target=ask_too)
    with house.unit(SPECIALIST) as unit:
        ask_recall(house.engine, unit, recall.document_id, RecallWish("Ban hành sai thẩm quyền"))
        second.start()
        second.join(0.2)
        assert second.is_alive()
    second.join()
    assert outcome == ["document.recall_running"]


def test_a_recall_needs_a_reason_and_an_issued_replacement(recall: Recall) -> None:
    with pytest.raises(InvalidInput):
        recall.ask(reason="  ")
    with pytest.raises(InvalidInput):
        recall.ask(replacement_id=recall.house.office.agency_id)


@pytest.mark.clause("S3-13.2b", "S3-14.2b", "S0-6.5")
def test_between_two_offices_of_one_installation_the_recall_is_carried_out_and_answered(
    recall: Recall, other_office
) -> None:
    neighbour = Desk(recall.house.runtime, other_office, recall.house.clock)
    bundle = Bundle.from_directory(ROOT / "processes" / "incoming_document", ROOT / "forms")
    with neighbour.runtime.database.unit_of_work(other_office.system) as unit:
        deployments.deploy(neighbour.runtime.checker, unit, bundle)
        assert find_contact(unit, PARTNER) is None
    recall.issue([partner("A01.10.00", "Đảng ủy xã Đông Sơn")])
    with recall.house.unit() as unit:
        draft = unit.session.execute(DRAFT.select()).first()
        facts = draft._asdict()
        unit.session.execute(insert(DRAFT).values(facts | {"document_id": recall.document_id}))
    recall.dispatch()
    _run(recall.house, neighbour)
    assert recall.states() == ["arrived"]
    recall.ask()
    recall.approve()
    _run(recall.house, neighbour)
    assert recall.recall_states() == ["agreed"]
    assert recall.house.reached() == ["document_recalled"]


def _run(*desks: Desk) -> None:
    for _ in range(6):
        rounds.send_outbox(desks[0].runtime)
        for desk in desks:
            desk.run_jobs()


def test_a_receiver_that_answers_twice_in_one_second_is_heard_twice(recall: Recall) -> None:
    recall.ask()
    recall.approve()
    recall.answer("16", description="Đã xử lý xong")
    recall.answer("16", description="Đã xử lý xong, đã lưu hồ sơ")
    assert recall.recall_states() == ["refused", "asked"]
    assert recall.board()[0].last_note == "Đã xử lý xong, đã lưu hồ sơ"


def test_who_refused_may_be_asked_once_more(recall: Recall) -> None:
    for _ in range(2):
        recall.run("delivery.recall", reason="Ban hành sai thẩm quyền")
        recall.house.send()
        recall.answer("16", description="Đã xử lý xong")
        recall.house.clock.advance(timedelta(days=1))
    asked = [letter.receivers[0].organ_id for letter in recall.wire.recalls]
    assert asked == [PARTNER, SECOND, PARTNER]
