"""Over a real exchange axis: two offices send, fetch, answer; the axis' codes come through."""

from __future__ import annotations

import base64
import hashlib
import io
import subprocess
import sys
from pathlib import Path

import pytest

from handlers.contract import RetryLater
from handlers.delivery.peers import PeerRules
from handlers.exchange.axis_client import AxisAccount, AxisClient
from handlers.exchange.package_signing import sign_envelope
from handlers.signing.demo_authority import DemoAuthority
from handlers.signing.keys import Pkcs12Key
from scripts.lib.axis import Axis, running_axis
from service.actions import axis_box, deployments
from service.actions.document_rows import DOCUMENT_FILE
from service.actions.exchange import receive_package
from service.actions.exchange_links import drop_axis, keep_axis, keep_link, read_axis
from service.actions.intake import DOCUMENT
from service.actions.issuing_bodies import change_issuing_body
from service.domain.clock import SystemClock
from service.domain.edxml import Organ
from service.domain.errors import Forbidden, InvalidInput, PolicyRefusal
from service.engine.definition.bundle import Bundle
from service.storage.models import AuditEvent, table_of
from service.worker import rounds
from tests.handlers.exchange.letters import envelope_of, package
from tests.harness import OPENING
from tests.pdf_files import plain_pdf
from tests.processes.desk import CLERK, ROOT, Desk
from tests.processes.outbound import ADMIN, Outbound, partner

OURS, THERE = "A01.01.00", "A01.10.00"
SYSTEMS = {"vptu": "token-1", "dongson": "token-2"}
AUDIT = table_of(AuditEvent)
RSA_OID = bytes.fromhex("2a864886f70d010101")
RULES = PeerRules(allows_private=True)


@pytest.fixture
def axis_folder(tmp_path: Path) -> Path:
    return tmp_path / "axis"


@pytest.fixture
def address(axis_folder: Path, clock):
    with running_axis(axis_folder, SYSTEMS, clock) as running:
        yield running


@pytest.fixture
def axis(axis_folder: Path, address: str, clock) -> Axis:
    made = Axis(axis_folder, clock)
    made.register("vptu", {"organId": OURS, "name": "Văn phòng Tỉnh ủy"})
    made.register("dongson", {"organId": THERE, "name": "Đảng ủy xã Đông Sơn"})
    return made


@pytest.fixture
def out(desk: Desk, axis: Axis, address: str) -> Outbound:
    """The sender, connected to the axis and to the receiver over it."""
    made = Outbound(desk)
    sealer = desk.runtime.sealer
    desk.do(ADMIN, lambda unit: keep_axis(unit, sealer, endpoint=address, system_id="vptu", token="token-1"))
    made.add_partner(THERE, "Đảng ủy xã Đông Sơn")
    made.link(THERE, channel="exchange", accepts_unsigned=True)
    return made


@pytest.fixture
def neighbour(desk: Desk, other_office, axis: Axis, address: str) -> Desk:
    """The receiver, connected to the same axis."""
    made = Desk(desk.runtime, other_office, desk.clock)
    bundle = Bundle.from_directory(ROOT / "processes" / "incoming_document", ROOT / "forms")
    sealer = desk.runtime.sealer
    with made.runtime.database.unit_of_work(other_office.system) as unit:
        deployments.deploy(made.runtime.checker, unit, bundle)
        keep_axis(unit, sealer, endpoint=address, system_id="dongson", token="token-2")
    Outbound(made).add_partner(OURS, "Văn phòng Tỉnh ủy")
    with made.runtime.database.unit_of_work(other_office.system) as unit:
        keep_link(unit, sealer, OURS, {"channel": "exchange", "accepts_unsigned": True})
    return made


def run(*desks: Desk) -> None:
    """Let the workers run until nothing moves."""
    for _ in range(4):
        rounds.send_outbox(desks[0].runtime)
        desks[0].advance(seconds=20)
        rounds.poll_axis(desks[0].runtime)
        for desk in desks:
            desk.run_jobs()


def client(address: str, system: str = "vptu") -> AxisClient:
    return AxisClient(RULES, AxisAccount(address, system, SYSTEMS.get(system, "wrong")))


def push(address: str, content: bytes, receiver: str, clock, system: str = "vptu") -> str:
    return client(address, system).send(clock.now(), "edoc", receiver, io.BytesIO(content), len(content))


@pytest.mark.clause("S3-10.6", "S3-11.2", "S3-18.1a", "S3-3.6")
def test_a_document_goes_over_the_axis_and_its_statuses_come_back(
    desk: Desk, out: Outbound, neighbour: Desk, axis_folder: Path
) -> None:
    out.link(THERE, attachment_encoding="zip")
    out.issue([partner(THERE, "Đảng ủy xã Đông Sơn")])
    out.dispatch()
    assert [row.channel for row in out.board()] == ["exchange"]
    run(desk, neighbour)
    (arrived,) = neighbour.rows(DOCUMENT)
    assert (arrived.organ_id, arrived.status) == (OURS, "arrived")
    sent = b"".join(path.read_bytes() for path in axis_folder.glob("packages/*.edxml"))
    assert sent.count(b"application/zip") == 2, "in the manifest and beside the content"
    (file,) = neighbour.rows(DOCUMENT_FILE)
    assert (file.file_name, file.sha256) == ("cong-van.pdf", hashlib.sha256(plain_pdf()).digest())
    assert out.states() == ["arrived"]
    Outbound(neighbour, arrived.id).run("delivery.send_status", code="03")
    run(desk, neighbour)
    assert out.states() == ["received"]


@pytest.mark.clause("S3-16", "S3-11.2")
def test_the_box_holds_what_is_for_any_identifier_of_the_office(
    desk: Desk, out: Outbound, neighbour: Desk, axis: Axis, address: str
) -> None:
    """The office registers its bodies on the axis under its own account."""
    body = "A01.10.01"
    axis.register("dongson", {"organId": body, "name": "Đảng ủy xã Đông Sơn"})
    with neighbour.runtime.database.unit_of_work(neighbour.office.system) as unit:
        change_issuing_body(unit, "danguy", {"organ_id": body})
    for number, receiver in enumerate((body, THERE), 1):
        parties = {"sender": Organ(OURS, "VPTU"), "receivers": (Organ(receiver),)}
        push(address, package(**parties, document_id=f"D-{number}"), receiver, desk.clock)
    run(desk, neighbour)
    assert {row.addressed_organ_id for row in neighbour.rows(DOCUMENT)} == {body, THERE}
    senders = {one["from"] for one in axis.sent("dongson")["packages"]}
    assert senders == {body, THERE}


def test_an_emptied_box_stays_empty(desk: Desk, out: Outbound, neighbour: Desk, address: str, clock) -> None:
    out.issue([partner(THERE)])
    out.dispatch()
    run(desk, neighbour)
    run(desk, neighbour)
    assert len(neighbour.rows(DOCUMENT)) == 1
    assert client(address, "dongson").received(clock.now()) == []


def test_a_receiver_that_the_axis_does_not_know_is_refused(desk: Desk, out: Outbound) -> None:
    out.add_partner("Z99", "Không có trên trục")
    out.link("Z99", channel="exchange")
    out.issue([partner("Z99", "Không có trên trục")])
    out.dispatch()
    rounds.send_outbox(desk.runtime)
    (row,) = out.board()
    assert (row.state, row.error) == ("failed", "axis.refused: 18 unknown receiver")


def test_a_locked_receiver_gets_it_once_it_is_open_again(
    desk: Desk, out: Outbound, neighbour: Desk, axis: Axis
) -> None:
    axis.lock(THERE)
    out.issue([partner(THERE)])
    out.dispatch()
    rounds.send_outbox(desk.runtime)
    (row,) = out.board()
    assert (row.state, row.error) == ("pending", "partner.locked: 23 receiver locked")
    axis.lock(THERE, is_locked=False)
    desk.advance(minutes=2)
    run(desk, neighbour)
    assert out.states() == ["arrived"]


def test_the_axis_away_is_waited_for_and_told(desk: Desk, out: Outbound) -> None:
    sealer = desk.runtime.sealer
    desk.do(
        ADMIN,
        lambda unit: keep_axis(
            unit, sealer, endpoint="http://127.0.0.1:9", system_id="vptu", token="token-1"
        ),
    )
    out.issue([partner(THERE)])
    out.dispatch()
    rounds.send_outbox(desk.runtime)
    assert out.states() == ["pending"]
    desk.advance(seconds=20)
    assert rounds.poll_axis(desk.runtime) == 0
    view = desk.do(ADMIN, read_axis)
    assert view.last_error.startswith("peer.unreachable")
    desk.do(ADMIN, drop_axis)
    assert desk.do(ADMIN, read_axis) is None
    with pytest.raises(Forbidden):
        desk.do(CLERK, drop_axis)


def test_what_will_never_be_taken_does_not_wait_for_ever(
    desk: Desk, out: Outbound, neighbour: Desk, address: str, clock
) -> None:
    content = package(sender=Organ(OURS, "VPTU"), receivers=(Organ("A01.55.00"),))
    push(address, content, THERE, clock)
    run(desk, neighbour)
    assert neighbour.rows(DOCUMENT) == []
    assert client(address, "dongson").received(clock.now()) == []


def letter(number: int, content: str = "Nội dung") -> bytes:
    """Return the package of another document of ours."""
    parties = {"sender": Organ(OURS, "VPTU"), "receivers": (Organ(THERE),)}
    return package(**parties, document_id=f"D-{number}", content=content)


def with_strange_key(good: bytes) -> bytes:
    """Sign a package with a certificate whose key is of an algorithm that nobody knows."""
    now = OPENING
    authority = DemoAuthority.create(now)
    key = Pkcs12Key.open(authority.pack(authority.issue_agency("VPTU", OURS), "x"), "x")
    envelope = envelope_of(sender=Organ(OURS, "VPTU"), receivers=(Organ(THERE),), document_id="D-2")
    signed = package(envelope=sign_envelope(envelope, key))
    known, strange = base64.b64encode(key.certificate.der), bytearray(key.certificate.der)
    place = strange.index(RSA_OID) + len(RSA_OID) - 1
    strange[place] = 0x6F
    assert good != signed
    assert known in signed
    return signed.replace(known, base64.b64encode(strange))


def test_a_package_over_which_a_round_breaks_off_holds_up_no_other(
    desk: Desk, out: Outbound, neighbour: Desk, address: str, monkeypatch
) -> None:
    """Whatever it is that breaks: here a fault of the house itself, at one document."""

    def take(engine, unit, source, via):
        if b"D-1" in source.getvalue():
            raise RuntimeError("a fault of ours")
        return receive_package(engine, unit, source, via)

    monkeypatch.setattr(axis_box, "receive_package", take)
    first = push(address, letter(1), THERE, desk.clock)
    push(address, letter(2), THERE, desk.clock)
    desk.advance(seconds=20)
    with pytest.raises(RuntimeError):
        rounds.poll_axis(desk.runtime)
    assert neighbour.rows(DOCUMENT) == []
    assert rounds.poll_axis(desk.runtime) == 0  # other boxes first
    desk.advance(seconds=61)
    with pytest.raises(RuntimeError):
        rounds.poll_axis(desk.runtime)
    (row,) = neighbour.rows(DOCUMENT)
    assert row.exchange_id == "D-2"
    (waiting,) = client(address, "dongson").received(desk.clock.now())
    assert (waiting.package_id, waiting.was_tried) == (first, True)
    monkeypatch.undo()
    desk.advance(seconds=61)
    assert rounds.poll_axis(desk.runtime) == 1


def test_a_hostile_package_is_refused_and_the_next_one_taken(
    desk: Desk, out: Outbound, neighbour: Desk, address: str, axis_folder: Path
) -> None:
    """The axis let them through; they are what libraries stumble over when a value is used."""
    broken = {
        "not XML": lambda good: good[:-40],
        "a key of an unknown kind": with_strange_key,
        "a day beyond the calendar": lambda good: good.replace(b"2026/03/20", b"9999/12/31", 1),
    }
    ids = [push(address, letter(number), THERE, desk.clock) for number, _ in enumerate(broken, 1)]
    for package_id, spoil in zip(ids, broken.values(), strict=True):
        path = axis_folder / "packages" / f"{package_id}.edxml"
        path.write_bytes(spoil(path.read_bytes()))
    push(address, letter(9), THERE, desk.clock)
    desk.advance(seconds=20)
    rounds.poll_axis(desk.runtime)
    assert {row.exchange_id for row in neighbour.rows(DOCUMENT)} == {"D-3", "D-9"}
    assert client(address, "dongson").received(desk.clock.now()) == []
    refused = neighbour.rows(AUDIT, AUDIT.c.action == "packet.refused")
    assert [row.details["code"] for row in refused] == ["edxml.not_xml", "edxml.unreadable"]


@pytest.mark.parametrize(
    ("case", "code"),
    [("wrong token", "15"), ("foreign sender", "19"), ("no edXML", "22"), ("empty", "10")],
)
def test_the_codes_of_the_axis(axis: Axis, address: str, clock, case: str, code: str) -> None:
    good = package(sender=Organ(OURS, "VPTU"))
    calls = {
        "wrong token": lambda: push(address, good, THERE, clock, "nobody"),
        "foreign sender": lambda: push(address, package(sender=Organ(THERE)), OURS, clock),
        "no edXML": lambda: push(address, b"<html/>", THERE, clock),
        "empty": lambda: push(address, b"", THERE, clock),
    }
    with pytest.raises(PolicyRefusal) as refusal:
        calls[case]()
    assert refusal.value.extra["detail"].startswith(code)


def test_a_locked_receiver_passes_by(axis: Axis, address: str, clock) -> None:
    axis.lock(THERE)
    with pytest.raises(RetryLater):
        push(address, package(sender=Organ(OURS)), THERE, clock)


def test_the_same_package_is_kept_once_and_survives_a_restart(
    axis: Axis, axis_folder: Path, address: str, clock
) -> None:
    content = package(sender=Organ(OURS, "VPTU"))
    first = push(address, content, THERE, clock)
    assert push(address, content, THERE, clock) == first
    with running_axis(axis_folder, {}, clock) as again:
        (entry,) = client(again, "dongson").received(clock.now())
        assert (entry.package_id, entry.sender, entry.message_type) == (first, OURS, "edoc")
        assert client(again, "dongson").fetch(clock.now(), first) == content
        with pytest.raises(PolicyRefusal):
            client(again).fetch(clock.now(), first)
        assert [one["organId"] for one in client(again).agencies(clock.now())] == [OURS, THERE]


def test_an_office_belongs_to_the_program_that_registered_it(axis: Axis, address: str, clock) -> None:
    client(address).register(clock.now(), "A01.77.00", "Mới")
    with pytest.raises(PolicyRefusal):
        client(address, "dongson").register(clock.now(), "A01.77.00", "Chiếm")


def test_a_bad_address_of_the_axis_is_refused(desk: Desk) -> None:
    sealer = desk.runtime.sealer
    with pytest.raises(InvalidInput):
        desk.do(ADMIN, lambda unit: keep_axis(unit, sealer, endpoint="ftp://x", system_id="a", token="b"))


def test_the_script_serves(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "scripts" / "axis"), "--port", "0", "--folder", str(tmp_path)]
    with subprocess.Popen(
        [*command, "--system", "a=b", "--agency", "A1=a=Tên"], stdout=subprocess.PIPE, text=True
    ) as running:
        try:
            assert running.stdout is not None
            address = running.stdout.readline().strip()
            account = AxisAccount(address, "a", "b")
            (agency,) = AxisClient(RULES, account).agencies(SystemClock().now())
            assert agency == {"organId": "A1", "name": "Tên"}
        finally:
            running.terminate()
