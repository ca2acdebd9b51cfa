"""A call to another program keeps its limits: which address, how long, how much, and no redirects."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from handlers.contract import RetryLater
from handlers.delivery.peers import PeerAnswer, PeerRules, judge, post
from handlers.exchange.axis_client import AxisAccount, AxisClient
from service.domain.endpoints import check_endpoint, may_be_called
from service.domain.errors import InvalidInput, PolicyRefusal
from tests.handlers.delivery.peer import running_peer

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HOME = PeerRules(allows_private=True)
KEY = {"Idempotency-Key": "k"}


@contextmanager
def raw_server(talk):
    """Accept one connection and let ``talk`` do with it what it likes."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            talk(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        listener.close()
        thread.join(5)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ftp://partner/",
        "file:///etc/passwd",
        "http://",
        "http:///path",
        "http://user@partner/",
        "http://user:word@partner/",
        "http://partner/#part",
        "http://partner:0/",
        "http://partner:70000/",
        "http://partner/a b",
        "http://partner/\r\nHost: other",
        "http://[::1/",
        "http://đối-tác/",
        "http://partner/" + "a" * 500,
    ],
)
def test_what_is_no_plain_web_address_is_not_registered(address):
    with pytest.raises(InvalidInput, match=r"endpoint\.invalid"):
        check_endpoint(address)


@pytest.mark.parametrize(
    "address", ["http://partner/", "https://partner:8443/a/b?c=d", "http://10.0.0.1", "http://[fd00::1]:80/"]
)
def test_a_plain_web_address_is_registered(address):
    assert check_endpoint(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "fe80::1",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "0.0.0.0",
        "::",
        "224.0.0.1",
        "255.255.255.255",
        "ff02::1",
    ],
)
def test_link_local_and_metadata_are_never_called(address):
    assert not may_be_called(address, allows_private=True)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "::ffff:10.0.0.1", "fd12::1"]
)
def test_private_networks_are_called_only_where_the_settings_allow_it(address):
    assert may_be_called(address, allows_private=True)
    assert not may_be_called(address, allows_private=False)


def test_public_addresses_are_called():
    assert may_be_called("203.162.4.190", allows_private=False)
    assert may_be_called("2001:ee0::1", allows_private=False)


def test_a_name_that_leads_home_is_refused_before_any_connection():
    with running_peer() as peer:
        with pytest.raises(PolicyRefusal, match=r"peer\.address_refused") as refused:
            post(PeerRules(), peer.address.replace("127.0.0.1", "localhost"), b"{}", KEY)
        assert "localhost" in refused.value.extra["detail"]
        assert peer.calls == []


def test_a_name_with_one_forbidden_address_among_others_is_refused(monkeypatch):
    places = ["203.162.4.190", "169.254.169.254"]
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (place, 80)) for place in places]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)
    with pytest.raises(PolicyRefusal, match=r"peer\.address_refused"):
        post(HOME, "http://partner.example/", b"{}", KEY)


def test_a_name_is_resolved_once_and_the_checked_address_is_called(monkeypatch):
    with running_peer() as peer:
        port = int(peer.address.split(":")[2].split("/")[0])
        asked = []

        def resolve(host, *_, **__):
            asked.append(host)
            place = "127.0.0.1" if len(asked) == 1 or host == "127.0.0.1" else "169.254.169.254"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (place, port))]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        assert post(HOME, f"http://partner.example:{port}/in", b"{}", KEY).status == 200
        assert asked.count("partner.example") == 1
        assert peer.headers[0]["host"] == f"partner.example:{port}"


def test_a_redirect_is_not_followed():
    with running_peer() as other, running_peer() as peer:
        peer.will(307, Location=other.address)
        assert post(HOME, peer.address, b"{}", KEY).status == 307
        assert other.calls == []


def test_only_the_beginning_of_a_long_answer_is_read():
    with running_peer() as peer:
        peer.will(200, b"x" * 500_000)
        answer = post(PeerRules(allows_private=True, answer_bytes=1000), peer.address, b"{}", KEY)
        assert len(answer.body) == 1000


def test_a_silent_peer_is_given_up():
    stop = threading.Event()
    with raw_server(lambda _: stop.wait(10)) as address:
        with pytest.raises(RetryLater, match=r"peer\.unreachable"):
            post(PeerRules(allows_private=True, read_seconds=0.1), address, b"{}", KEY)
        stop.set()


def dripping(stop, head):
    def drip(connection):
        try:
            connection.sendall(head)
            while not stop.wait(0.02):
                connection.sendall(b".")
        except OSError:
            return

    return drip


@pytest.mark.parametrize("head", [b"X-Long: ", b"Content-Length: 100000\r\n\r\n"])
def test_an_answer_that_drips_is_given_up_in_the_end(head):
    stop = threading.Event()
    rules = PeerRules(allows_private=True, read_seconds=5, total_seconds=0.3)
    with raw_server(dripping(stop, b"HTTP/1.1 200 OK\r\n" + head)) as address:
        with pytest.raises(RetryLater, match=r"peer\.unreachable.*0\.3 s"):
            post(rules, address, b"{}", KEY)
        stop.set()


@pytest.mark.parametrize("said", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 99999 x\r\n\r\n"])
def test_an_answer_that_is_no_http_is_a_passing_fault(said):
    with (
        raw_server(lambda connection: connection.sendall(said)) as address,
        pytest.raises(RetryLater, match=r"peer\.unreachable"),
    ):
        post(HOME, address, b"{}", KEY)


def test_a_peer_that_speaks_no_tls_is_a_passing_fault():
    with running_peer() as peer:
        address = peer.address.replace("http:", "https:")
        with pytest.raises(RetryLater, match=r"peer\.unreachable: \w*SSL"):
            post(HOME, address, b"{}", KEY)


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("90", timedelta(seconds=90)),
        ("Mon, 02 Mar 2026 01:05:00 GMT", timedelta(minutes=5)),
        ("Mon, 02 Mar 2026 00:05:00 GMT", timedelta()),
        ("99999999999999999999", timedelta(hours=6)),
        ("soon", None),
        ("-5", None),
        (None, None),
    ],
)
def test_retry_after_is_honoured_within_reason(header, wait):
    with pytest.raises(RetryLater) as later:
        judge(PeerAnswer(503, b"", header), NOW)
    assert later.value.after == wait


def test_an_answer_that_breaks_off_is_no_answer():
    """A package of which a part came would be refused, and so be lost at the axis."""
    with (
        raw_server(
            lambda one: one.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<edXML>")
        ) as address,
        pytest.raises(RetryLater, match="IncompleteRead"),
    ):
        post(HOME, address, b"{}", KEY)


def test_a_handshake_that_drips_ends_in_time():
    hung_up = threading.Event()

    def drip(connection):
        connection.sendall(b"\x16\x03\x03\x40\x00")
        for _ in range(200):
            if hung_up.wait(0.02):
                return
            try:
                connection.sendall(b"\x02")
            except OSError:
                return

    with raw_server(drip) as address:
        started = time.monotonic()
        with pytest.raises(RetryLater):
            post(
                PeerRules(allows_private=True, total_seconds=0.2),
                address.replace("http:", "https:"),
                b"",
                KEY,
            )
        assert time.monotonic() - started < 2
        hung_up.set()


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, b"\xef\xbb\xbf\n<!DOCTYPE html><html>", "peer.odd_answer"),
        (200, b"<HTML><body>Please log in", "peer.odd_answer"),
        (409, b'{"code": "message.no_receiver"}', "peer.busy"),
        (409, b'{"code": "process_instance.suspended"}', "peer.busy"),
    ],
)
def test_what_is_neither_yes_nor_no_is_tried_again(status, body, code):
    with pytest.raises(RetryLater) as waits:
        judge(PeerAnswer(status, body, None), NOW)
    assert waits.value.reason.startswith(code)


def test_another_conflict_is_final():
    with pytest.raises(PolicyRefusal):
        judge(PeerAnswer(409, b'{"code": "document.refused"}', None), NOW)


@pytest.mark.parametrize(
    "body",
    [b"ok", b"[]", b'{"code": 0, "packages": [1]}', b'{"code": 0, "packages": null}', b'{"code": "no"}'],
)
def test_an_axis_that_answers_with_rubbish_is_asked_again(body):
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    with (
        raw_server(lambda one: one.sendall(answer)) as address,
        pytest.raises(RetryLater, match=r"peer\.odd_answer"),
    ):
        AxisClient(HOME, AxisAccount(address, "vptu", "t")).received(NOW)
