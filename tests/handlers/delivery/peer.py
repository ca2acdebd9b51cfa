"""A partner office on loopback: a real HTTP server that answers as a test wants and remembers what it got."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Peer:
    """What the partner got and what it answers next; after the last written answer it says 200."""

    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    calls: list[tuple[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    taken: dict[str, Any] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)
    address: str = ""

    def will(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Answer so, once."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, named, body))

    @property
    def codes(self) -> list[str]:
        """The status codes taken, each message once, in the order of arrival."""
        return [payload["status_code"] for payload in self.taken.values()]

    def answer(self, path: str, headers: dict[str, str], payload: Any) -> tuple[int, dict[str, str], bytes]:
        """Note a call; a message is taken once for each key."""
        key = headers["idempotency-key"]
        self.paths.append(path)
        self.headers.append(headers)
        self.calls.append((key, payload))
        status, extra, body = self.answers.pop(0) if self.answers else (200, {}, b'{"status": "taken"}')
        if 200 <= status < 300:
            self.taken.setdefault(key, payload)
        return status, extra, body


@contextmanager
def running_peer() -> Iterator[Peer]:
    """Serve a partner office while the test runs."""
    peer = Peer()

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, extra, body = peer.answer(self.path, headers, json.loads(raw))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **extra}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    peer.address = f"http://127.0.0.1:{server.server_port}/edoc?from=vptu"
    try:
        yield peer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
