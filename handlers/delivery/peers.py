"""One POST to another program: to a checked network address, without redirects, within limits.

The name is resolved once, every address that it has must be allowed, and the connection goes to such an
address: a name that changes its address between check and call gains nothing.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from typing import BinaryIO, Final
from urllib.parse import SplitResult, urlsplit

from handlers.contract import RetryLater
from service.domain.dispatch_faults import FAULTS, fault_text
from service.domain.endpoints import check_endpoint, may_be_called
from service.domain.errors import PolicyRefusal

_PASSING: Final = frozenset({408, 425, 429})
_SUCCESS: Final = range(200, 300)
_REDIRECTS: Final = range(300, 400)
_SERVER_FAULTS: Final = range(500, 600)
_LONGEST_WAIT: Final = timedelta(hours=6)
_DETAIL_CHARACTERS: Final = 300
_MOST_PLACES: Final = 4
_PAGE: Final = re.compile(rb"(?i)(\xef\xbb\xbf)?\s*(<!doctype html|<html)")
_CONFLICT: Final = 409
_LATER: Final = ("message.no_receiver", "process_instance.suspended")
"""Codes of this program by which a receiver says that it cannot take a message yet."""

_CODE: Final = re.compile(r'"code"\s*:\s*"?([\w.-]{1,60})')


@dataclass(frozen=True, slots=True)
class PeerRules:
    """How far a call may go.

    Attributes:
        allows_private: whether loopback and private networks may be called.
        connect_seconds: until the connection stands.
        read_seconds: between two pieces of the answer.
        total_seconds: for the whole exchange, however slowly the answer drips.
        answer_bytes: how much of the answer's body is read.
    """

    allows_private: bool = False
    connect_seconds: float = 5.0
    read_seconds: float = 15.0
    total_seconds: float = 30.0
    answer_bytes: int = 64 * 1024


@dataclass(frozen=True, slots=True)
class PeerAnswer:
    """What the other program said; ``body`` is cut at the limit."""

    status: int
    body: bytes
    retry_after: str | None


@dataclass(frozen=True, slots=True)
class PeerRequest:
    """What is asked of another program.

    Attributes:
        method: GET, POST.
        address: registered.
        headers: besides those that every call has; a stream as body needs Content-Length.
        body: bytes, a stream, or None.
    """

    method: str
    address: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | BinaryIO | None = None


def post(rules: PeerRules, address: str, body: bytes, headers: Mapping[str, str]) -> PeerAnswer:
    """POST a JSON body to a registered address; see :func:`call`."""
    return call(rules, PeerRequest("POST", address, {"Content-Type": "application/json", **headers}, body))


def call(rules: PeerRules, request: PeerRequest) -> PeerAnswer:
    """Send a request to a registered address and return the answer, whatever its status.

    Raises:
        InvalidInput: the address is malformed.
        PolicyRefusal: it leads into a network that may not be called.
        RetryLater: the peer cannot be reached, or its answer does not end in time.
    """
    parts = urlsplit(check_endpoint(request.address))
    places = _resolve(rules, parts)
    try:
        sock = _open_socket(places, rules.connect_seconds)
    except OSError as error:
        raise _unreachable(error) from error
    is_late = threading.Event()
    open_sockets = [sock]
    watchdog = threading.Timer(rules.total_seconds, _hang_up, (open_sockets, is_late))
    watchdog.daemon = True
    watchdog.start()
    try:
        with closing(_connect(rules, parts, open_sockets)) as connection:
            answer = _exchange(rules, connection, parts, request)
    except (OSError, HTTPException) as error:  # ssl.SSLError is an OSError
        raise _unreachable(_late(rules) if is_late.is_set() else error) from error
    finally:
        watchdog.cancel()
        open_sockets[-1].close()
    if is_late.is_set():  # what was read of it looks whole, but is not
        raise _unreachable(_late(rules))
    return answer


def judge(answer: PeerAnswer, now: datetime) -> None:
    """Return if the peer has taken the message.

    A success that is a web page is none: a proxy's or a log-in page, where the door should be.

    Raises:
        RetryLater: it may take it later (408, 425, 429, 5xx, no process there yet); ``Retry-After`` is
            honoured up to six hours.
        PolicyRefusal: it never will.
    """
    said = _said(answer)
    if answer.status in _SUCCESS and _PAGE.match(answer.body):
        raise RetryLater(fault_text("peer.odd_answer", said))
    if answer.status in _SUCCESS:
        return
    if answer.status == _CONFLICT and said.endswith(_LATER):
        raise RetryLater(fault_text("peer.busy", said))
    if answer.status in _PASSING or answer.status in _SERVER_FAULTS:
        raise RetryLater(fault_text("peer.busy", said), _wait(answer.retry_after, now))
    raise refusal("peer.redirected" if answer.status in _REDIRECTS else "peer.refused", said)


def refusal(code: str, detail: str = "") -> PolicyRefusal:
    """Return the error of a dispatch that will never go; ``detail`` stands in ``extra``."""
    vi, en = FAULTS[code]
    return PolicyRefusal(code, vi, en, extra={"detail": detail})


def _resolve(rules: PeerRules, parts: SplitResult) -> list[tuple[str, int]]:
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise _unreachable(error) from error
    places = list(dict.fromkeys((str(entry[4][0]), port) for entry in found))
    refused = [ip for ip, _ in places if not may_be_called(ip, allows_private=rules.allows_private)]
    if refused:
        raise refusal("peer.address_refused", f"{host} → {', '.join(refused)}")
    return places


def _connect(rules: PeerRules, parts: SplitResult, sockets: list[socket.socket]) -> HTTPConnection:
    """Return a connection over the open socket; the watchdog hears of the one that a TLS handshake makes."""
    host = parts.hostname or ""
    connection = HTTPConnection(host, timeout=rules.read_seconds)
    if parts.scheme == "https":
        context = ssl.create_default_context()
        sockets.append(context.wrap_socket(sockets[-1], server_hostname=host, do_handshake_on_connect=False))
        sockets[-1].settimeout(rules.read_seconds)
        sockets[-1].do_handshake()  # type: ignore[attr-defined]  # the one that was wrapped
    sockets[-1].settimeout(rules.read_seconds)
    connection.sock = sockets[-1]
    return connection


def _open_socket(places: list[tuple[str, int]], seconds: float) -> socket.socket:
    last: OSError = OSError("no address")
    for place in places[:_MOST_PLACES]:
        try:
            return socket.create_connection(place, seconds)
        except OSError as error:
            last = error
    raise last


def _exchange(
    rules: PeerRules,
    connection: HTTPConnection,
    parts: SplitResult,
    request: PeerRequest,
) -> PeerAnswer:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    fixed = {
        "Host": parts.netloc,
        "User-Agent": "congvan",
        "Connection": "close",
    }
    connection.request(request.method, target, request.body, {**fixed, **request.headers})
    response: HTTPResponse = connection.getresponse()
    body = response.read(rules.answer_bytes)
    if response.length and len(body) < rules.answer_bytes:
        raise IncompleteRead(body, response.length)  # a part of a package would be refused for good
    return PeerAnswer(response.status, body, response.getheader("Retry-After"))


def _hang_up(sockets: list[socket.socket], is_late: threading.Event) -> None:
    """End an exchange that takes too long; the reader then sees the end of the stream."""
    is_late.set()
    # The base class's own: an SSL socket's would pull the cipher away from under the reader.
    try:
        socket.socket.shutdown(sockets[-1], socket.SHUT_RDWR)
    except OSError:
        return


def _late(rules: PeerRules) -> TimeoutError:
    return TimeoutError(f"no whole answer within {rules.total_seconds:g} s")


def _unreachable(error: Exception) -> RetryLater:
    return RetryLater(fault_text("peer.unreachable", f"{type(error).__name__}: {error}"[:_DETAIL_CHARACTERS]))


def _said(answer: PeerAnswer) -> str:
    """Return the peer's status and, where its JSON has one, its ``code``; never the whole of its words."""
    code = _CODE.search(answer.body.decode("utf-8", "replace"))
    return f"HTTP {answer.status}" + (f", {code[1]}" if code else "")


def _wait(retry_after: str | None, now: datetime) -> timedelta | None:
    if not retry_after:
        return None
    if retry_after.isascii() and retry_after.isdigit():
        return min(timedelta(seconds=int(retry_after[:9])), _LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(timedelta(), min(aware - now, _LONGEST_WAIT))
