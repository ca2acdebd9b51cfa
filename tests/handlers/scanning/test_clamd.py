"""The scanner's protocol against a real peer: only a literal OK is clean."""

from __future__ import annotations

import io
import socket
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from handlers.scanning.clamd import Clamd, Verdict, read_answer
from service.config import ScannerSettings
from tests.handlers.scanning.peer import BAD, Peer, running_peer


@pytest.fixture
def peer():
    with running_peer() as running:
        yield running


def scan(peer: Peer, content: bytes, seconds: float = 5.0) -> Verdict:
    return Clamd(peer.settings, seconds).scan(io.BytesIO(content))


@pytest.mark.clause("S1-3.3", "S3-19.3")
def test_a_clean_content_is_clean_and_an_infected_one_is_named(peer: Peer) -> None:
    assert scan(peer, b"") == Verdict("clean")
    assert scan(peer, b"plain words") == Verdict("clean")
    assert scan(peer, b"x" * 70_000 + BAD) == Verdict("infected", "Congvan.Test.Signature")


def test_a_content_of_many_pieces_arrives_whole(peer: Peer) -> None:
    content = bytes(range(256)) * 4096
    assert scan(peer, content).state == "clean"
    assert peer.scanned == [content]


def test_a_socket_of_this_machine_serves_as_well() -> None:
    with TemporaryDirectory(prefix="cv-") as directory, running_peer(Path(directory) / "clamd") as peer:
        assert scan(peer, BAD).state == "infected"
        assert Clamd(peer.settings).is_there()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0",
        b"OK\0",
        b"stream: OK",
        b"stream: OK\n",
        b"stream: ok\0",
        b"stream: OK and more\0",
        b" stream: OK\0",
        b"stream: OK\0stream: OK\0",
        b"INSTREAM size limit exceeded. ERROR\0",
        b"UNKNOWN COMMAND\0",
        b"\xff\xfe garbage \x00",
        b"stream: x ERROR\0",
        b"A" * 10_000,
    ],
)
def test_whatever_else_is_said_is_no_verdict(peer: Peer, answer: bytes) -> None:
    peer.behaviour, peer.answer = "say", answer
    assert scan(peer, b"content").state == "unknown"


def test_a_cut_connection_is_no_verdict(peer: Peer) -> None:
    peer.behaviour = "cut"
    assert scan(peer, b"x" * 5_000_000).state == "unknown"


def test_an_ok_before_the_content_was_heard_whole_is_no_verdict(peer: Peer) -> None:
    peer.behaviour, peer.answer = "hasty", b"stream: OK\0"
    assert scan(peer, b"x" * 20_000_000).state == "unknown"


def test_a_silent_daemon_is_given_up(peer: Peer) -> None:
    peer.behaviour = "silent"
    assert scan(peer, b"content", seconds=0.3) == Verdict("unknown", "time_limit")


def test_a_content_over_the_daemons_limit_is_no_verdict(peer: Peer) -> None:
    peer.limit = 100_000
    verdict = scan(peer, b"x" * 3_000_000)
    assert verdict.state == "unknown"


def test_a_daemon_that_is_not_there_is_no_verdict() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = ScannerSettings(host="127.0.0.1", port=taken.getsockname()[1])
        assert Clamd(address).scan(io.BytesIO(b"x")).state == "unknown"
        assert not Clamd(address).is_there()
    missing = ScannerSettings(path=Path("/nonexistent/clamd.ctl"))
    assert Clamd(missing).scan(io.BytesIO(b"x")).state == "unknown"


def test_a_name_that_is_no_text_is_shown_safely() -> None:
    verdict = read_answer(b"stream: Bad\x1b[31m\xff FOUND\0")
    assert verdict.state == "infected"
    assert verdict.finding is not None
    assert verdict.finding.isprintable()
