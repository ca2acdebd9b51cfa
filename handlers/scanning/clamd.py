"""Asks ClamAV's daemon what a content is, by its own protocol (clamd(8): zINSTREAM, zPING).

A content is clean by the daemon's literal word alone; a silence, a cut connection, an error text or anything
else is no verdict. The daemon is reached over a socket of this machine or the host that the settings name.
"""

from __future__ import annotations

import socket
import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Final, Literal

from service.config import ScannerSettings

CLEAN: Final = b"stream: OK"
_FOUND: Final = b" FOUND"
_PIECE_BYTES: Final = 64 * 1024
_LONGEST_ANSWER: Final = 4096
_CONNECT_SECONDS: Final = 5.0
_PING_SECONDS: Final = 1.0

State = Literal["clean", "infected", "unknown"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the daemon said; ``finding`` is the signature's name, or why there is no verdict."""

    state: State
    finding: str | None = None


class Clamd:
    """The scanner's daemon.

    Args:
        settings: where it listens.
        seconds: how long one content may take, from the connection to the answer.
    """

    def __init__(self, settings: ScannerSettings, seconds: float = 120.0) -> None:
        self._settings = settings
        self._seconds = seconds

    def scan(self, content: IO[bytes]) -> Verdict:
        """Return the verdict on a content; it streams through, whatever its size."""
        deadline = _Deadline(self._seconds)
        try:
            with self._connect(min(_CONNECT_SECONDS, self._seconds)) as connection:
                is_whole = _send(connection, content, deadline)
                answer = _receive(connection, deadline)
        except TimeoutError:
            return Verdict("unknown", "time_limit")
        except OSError as error:
            return Verdict("unknown", f"connection: {type(error).__name__}")
        verdict = read_answer(answer)
        if verdict.state == "clean" and not is_whole:  # said of a part of the content
            return Verdict("unknown", "not_heard_whole")
        return verdict

    def is_there(self) -> bool:
        """Say whether the daemon answers a ping."""
        deadline = _Deadline(_PING_SECONDS)
        try:
            with self._connect(_PING_SECONDS) as connection:
                connection.sendall(b"zPING\0")
                return _receive(connection, deadline).rstrip(b"\0") == b"PONG"
        except OSError:
            return False

    def _connect(self, seconds: float) -> socket.socket:
        if self._settings.path is None:
            return socket.create_connection((self._settings.host, self._settings.port), timeout=seconds)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(seconds)
        try:
            connection.connect(str(self._settings.path))
        except OSError:
            connection.close()
            raise
        return connection


def read_answer(answer: bytes) -> Verdict:
    """Return the verdict that an answer is: clean only for the literal ``stream: OK``, ended as it must be.

    An answer that was cut off is none: ``stream: OK`` may be the beginning of a signature's name.
    """
    if not answer.endswith(b"\0"):
        return Verdict("unknown", "no_answer" if not answer else "cut_off")
    text = answer.rstrip(b"\0\n")
    if text == CLEAN:
        return Verdict("clean")
    if text.startswith(b"stream: ") and text.endswith(_FOUND):
        name = text[len(b"stream: ") : -len(_FOUND)].decode("utf-8", "replace")
        return Verdict("infected", _printable(name))
    return Verdict("unknown", _printable(text.decode("utf-8", "replace")) or "no_answer")


class _Deadline:
    """Counts down by the machine's monotonic clock, which measures spans and tells no time of day."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left.

        Raises:
            TimeoutError: none are.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


def _send(connection: socket.socket, content: IO[bytes], deadline: _Deadline) -> bool:
    """Send the content in pieces with their lengths; say whether the daemon took it to its end.

    A daemon that heard enough may answer earlier.
    """
    with suppress(BrokenPipeError, ConnectionResetError):
        connection.sendall(b"zINSTREAM\0")
        while piece := content.read(_PIECE_BYTES):
            connection.settimeout(deadline.left())
            connection.sendall(struct.pack(">I", len(piece)) + piece)
        connection.sendall(struct.pack(">I", 0))
        return True
    return False


def _receive(connection: socket.socket, deadline: _Deadline) -> bytes:
    answer = b""
    while len(answer) < _LONGEST_ANSWER and not answer.endswith(b"\0"):
        connection.settimeout(deadline.left())
        piece = connection.recv(_LONGEST_ANSWER)
        if not piece:
            break
        answer += piece
    return answer


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)[:300]
