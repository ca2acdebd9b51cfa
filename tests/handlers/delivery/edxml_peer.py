"""Another installation on loopback: a real HTTP server that takes packages as a test wants."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class EdxmlPeer:
    """What it got, and what it answers next; after the last written answer it says 200."""

    answers: list[tuple[int, bytes]] = field(default_factory=list)
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    address: str = ""

    def will(self, status: int, body: bytes = b"") -> None:
        """Answer so, once."""
        self.answers.append((status, body))


@contextmanager
def running_edxml_peer() -> Iterator[EdxmlPeer]:
    """Serve while the test runs."""
    peer = EdxmlPeer()

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = peer.answers.pop(0) if peer.answers else (200, b"{}")
            if status == 200:
                peer.calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    peer.address = f"http://127.0.0.1:{server.server_port}/api/v1/exchange/edxml"
    try:
        yield peer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
