"""A peer that speaks clamd's protocol on loopback: finds its own signature, or misbehaves as told."""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from service.config import ScannerSettings

BAD = b"CONGVAN-" + b"TEST-SIGNATURE-NOT-A-VIRUS"
"""What the peer finds; written in two parts so that no scanner finds it in this file."""


@dataclass
class Peer:
    """What the peer does, and what it was sent."""

    settings: ScannerSettings
    behaviour: str = "scan"
    answer: bytes = b""
    limit: int | None = None
    scanned: list[bytes] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        peer: Peer = self.server.peer  # type: ignore[attr-defined]
        command = self._read_until_null()
        if command == b"zPING\0":
            self.wfile.write(b"PONG\0")
            return
        assert command == b"zINSTREAM\0", command
        if peer.behaviour == "cut":
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if peer.behaviour == "hasty":
            self.rfile.read(1024)
            self.wfile.write(peer.answer)
            self.connection.shutdown(socket.SHUT_RD)
            return
        content = self._content(peer)
        if content is None:
            self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
            return
        peer.scanned.append(content)
        if peer.behaviour == "silent":
            peer.released.wait(20)
        elif peer.behaviour == "say":
            self.wfile.write(peer.answer)
        elif BAD in content:
            self.wfile.write(b"stream: Congvan.Test.Signature FOUND\0")
        else:
            self.wfile.write(b"stream: OK\0")

    def _read_until_null(self) -> bytes:
        read = b""
        while not read.endswith(b"\0"):
            read += self.rfile.read(1)
        return read

    def _content(self, peer: Peer) -> bytes | None:
        content = b""
        while True:
            (length,) = struct.unpack(">I", self.rfile.read(4))
            if length == 0:
                return content
            content += self.rfile.read(length)
            if peer.limit is not None and len(content) > peer.limit:
                return None


class _TcpServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class _UnixServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


@contextmanager
def running_peer(path: Path | None = None) -> Iterator[Peer]:
    """Run a peer on a port of loopback, or on a socket at ``path``."""
    server: Any = _UnixServer(str(path), _Handler) if path else _TcpServer(("127.0.0.1", 0), _Handler)
    port = 0 if path else server.server_address[1]
    settings = ScannerSettings(path=path) if path else ScannerSettings(host="127.0.0.1", port=port)
    server.peer = Peer(settings)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.peer
    finally:
        server.peer.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
