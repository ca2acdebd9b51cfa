"""A remote signing service for tests: a real server that speaks the CSC API, versions 1 and 2, over HTTP."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from handlers.signing.demo_authority import Holder

TOKEN, PIN, CREDENTIAL = "the-persons-token", "246810", "cred-1"
_SHA256 = "2.16.840.1.101.3.4.2.1"
Answer = tuple[int, dict[str, Any]]


@dataclass
class RemoteService:
    """One person's key at a service.

    Attributes:
        holder: the key.
        asked: methods and bodies, in order.
        is_expired: whether the authorisation has run out when the signature is asked for.
        is_silent: whether it never answers.
        given: another certificate to show, None = the key's own.
        spoilt: method → bytes to answer instead.
    """

    holder: Holder
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    is_expired: bool = False
    is_silent: bool = False
    given: bytes | None = None
    spoilt: dict[str, bytes] = field(default_factory=dict)
    closing: Event = field(default_factory=Event)
    address: str = ""

    def answer(self, path: str, token: str, body: dict[str, Any]) -> Answer:
        """Return status and answer to a call."""
        version, method = path.removeprefix("/csc/").split("/", 1)
        self.asked.append((method, body))
        if self.is_silent:
            self.closing.wait(5)
        if token != f"Bearer {TOKEN}":
            return 401, {"error": "invalid_token"}
        if body.get("credentialID") != CREDENTIAL:
            return 400, {"error": "invalid_request"}
        name = "hashes" if version == "v2" else "hash"
        if method == "credentials/info":
            der = self.given or self.holder.der()
            return 200, {"cert": {"certificates": [base64.b64encode(der).decode()]}}
        if method == "credentials/authorize":
            return self._authorise(body, name)
        return self._sign(body, name, version)

    def _authorise(self, body: dict[str, Any], name: str) -> Answer:
        if body.get("PIN") != PIN or body.get("numSignatures") != 1:
            return 400, {"error": "invalid_pin"}
        return 200, {"SAD": "sad:" + body[name][0], "expiresIn": 300}

    def _sign(self, body: dict[str, Any], name: str, version: str) -> Answer:
        digests = body[name]
        algorithm = body.get("hashAlgorithmOID" if version == "v2" else "hashAlgo")
        if self.is_expired or body.get("SAD") != "sad:" + digests[0] or algorithm != _SHA256:
            return 400, {"error": "expired_sad"}
        assert isinstance(self.holder.key, rsa.RSAPrivateKey)
        hashed = Prehashed(hashes.SHA256())
        signature = self.holder.key.sign(base64.b64decode(digests[0]), padding.PKCS1v15(), hashed)
        return 200, {"signatures": [base64.b64encode(signature).decode()]}


@contextmanager
def running_remote_service(holder: Holder) -> Iterator[RemoteService]:
    """Serve a key on loopback."""
    service = RemoteService(holder)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, answer = service.answer(self.path, self.headers["Authorization"], body)
            content = service.spoilt.get(self.path.split("/", 3)[3], json.dumps(answer).encode())
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.address = f"http://127.0.0.1:{server.server_port}/csc/v1"
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield service
    finally:
        service.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
