"""A small exchange axis: a real HTTP server for demonstrations and tests, its state in files of one folder.

It knows offices by their identifiers, takes packages for them, keeps them until they are fetched, and answers
with the codes of a provincial service bus: 0 ok, 10 bad file, 15 bad system id, 18 unknown receiver, 19
sender not registered, 22 bad edXML, 23 receiver locked. Every change is one file renamed into place, so that
the server may be killed at any moment and started again.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import os
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from handlers.exchange.axis_client import (
    BAD_EDXML,
    BAD_FILE,
    BAD_SYSTEM,
    CODES,
    OK,
    RECEIVER_LOCKED,
    UNKNOWN_RECEIVER,
    UNKNOWN_SENDER,
)
from handlers.exchange.edxml_reader import read_message
from handlers.exchange.package_intake import opened_package
from service.domain.clock import Clock, SystemClock
from service.domain.errors import CongVanError
from service.domain.ids import new_id

LARGEST_BYTES: Final = 160 * 1024 * 1024
_WAITING: Final = frozenset({"initial", "processing"})
_OUTCOMES: Final = frozenset({"done", "fail", "processing"})


class Refusal(Exception):  # noqa: N818 - named for what the caller gets
    """The axis does not do what was asked."""

    def __init__(self, code: int, detail: str = "") -> None:
        super().__init__(f"{code} {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class Axis:
    """What the axis knows, in a folder.

    Attributes:
        folder: made on first use.
        clock: for the times of packages.
    """

    folder: Path
    clock: Clock

    def add_system(self, system_id: str, token: str) -> None:
        """Let a program in under this id and token."""
        systems = self._read("systems.json")
        systems[system_id] = hashlib.sha256(token.encode()).hexdigest()
        self._write("systems.json", systems)

    def lock(self, organ_id: str, *, is_locked: bool = True) -> None:
        """Stop, or go on, taking packages for an office."""
        agencies = self._read("agencies.json")
        agencies[organ_id]["is_locked"] = is_locked
        self._write("agencies.json", agencies)

    def check_system(self, system_id: str, token: str) -> str:
        """Return the system's id if the token is its own.

        Raises:
            Refusal: 15.
        """
        known = str(self._read("systems.json").get(system_id, ""))
        given = hashlib.sha256(token.encode()).hexdigest()
        if not known or not hmac.compare_digest(known, given):
            raise Refusal(BAD_SYSTEM)
        return system_id

    def register(self, system_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Make an office known as one of this system's.

        Raises:
            Refusal: 19, it belongs to another system.
        """
        organ_id, name = str(body.get("organId", "")), str(body.get("name", ""))
        agencies = self._read("agencies.json")
        known = agencies.get(organ_id)
        if not organ_id or (known is not None and known["system_id"] != system_id):
            raise Refusal(UNKNOWN_SENDER, organ_id)
        agencies[organ_id] = {"name": name, "system_id": system_id, "is_locked": False}
        self._write("agencies.json", agencies)
        return {}

    def agencies(self) -> dict[str, Any]:
        """Return the offices."""
        known = self._read("agencies.json")
        return {"agencies": [{"organId": key, "name": one["name"]} for key, one in sorted(known.items())]}

    def send(self, system_id: str, message_type: str, receiver: str, content: bytes) -> dict[str, Any]:
        """Keep a package for its receiver; the same bytes again are the same package.

        Raises:
            Refusal: 10, 18, 19, 22, 23.
        """
        if not content or len(content) > LARGEST_BYTES or message_type not in {"edoc", "status"}:
            raise Refusal(BAD_FILE)
        try:
            with opened_package(io.BytesIO(content)) as package:
                sender = read_message(package.root).message.sender.organ_id
        except CongVanError as error:
            raise Refusal(BAD_EDXML, error.code) from error
        agencies = self._read("agencies.json")
        if agencies.get(sender, {}).get("system_id") != system_id:
            raise Refusal(UNKNOWN_SENDER, sender)
        if receiver not in agencies:
            raise Refusal(UNKNOWN_RECEIVER, receiver)
        if agencies[receiver]["is_locked"]:
            raise Refusal(RECEIVER_LOCKED, receiver)
        digest = hashlib.sha256(content).hexdigest()
        known = next(
            (
                one
                for one in self._packages()
                if one["sha256"] == digest and one["to"] == receiver and one["messagetype"] == message_type
            ),
            None,
        )
        if known is not None:
            return {"id": known["id"]}
        now = self.clock.now()
        package_id = str(new_id(now))
        self._put(f"packages/{package_id}.edxml", content)
        facts = {
            "id": package_id,
            "messagetype": message_type,
            "from": sender,
            "to": receiver,
            "state": "initial",
            "sha256": digest,
            "at": now.isoformat(),
        }
        self._write(f"packages/{package_id}.json", facts)
        return {"id": package_id}

    def received(self, system_id: str) -> dict[str, Any]:
        """Return what waits for the offices of a system, oldest first."""
        ours = self._organs_of(system_id)
        return {
            "packages": [one for one in self._packages() if one["to"] in ours and one["state"] in _WAITING]
        }

    def sent(self, system_id: str) -> dict[str, Any]:
        """Return what the offices of a system have sent, oldest first."""
        ours = self._organs_of(system_id)
        return {"packages": [one for one in self._packages() if one["from"] in ours]}

    def fetch(self, system_id: str, package_id: str) -> bytes:
        """Return a package that is for one of the system's offices.

        Raises:
            Refusal: 10, there is none.
        """
        self._package_of(system_id, package_id)
        return (self.folder / "packages" / f"{package_id}.edxml").read_bytes()

    def update(self, system_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Note what became of a package.

        Raises:
            Refusal: 10, there is none, or an unknown status.
        """
        package = self._package_of(system_id, str(body.get("id", "")))
        if body.get("status") not in _OUTCOMES:
            raise Refusal(BAD_FILE, "status")
        self._write(f"packages/{package['id']}.json", package | {"state": body["status"]})
        return {}

    def _package_of(self, system_id: str, package_id: str) -> dict[str, Any]:
        ours = self._organs_of(system_id)
        found = next((one for one in self._packages() if one["id"] == package_id and one["to"] in ours), None)
        if found is None:
            raise Refusal(BAD_FILE, package_id)
        return found

    def _organs_of(self, system_id: str) -> set[str]:
        known = self._read("agencies.json")
        return {organ_id for organ_id, one in known.items() if one["system_id"] == system_id}

    def _packages(self) -> list[dict[str, Any]]:
        paths = sorted((self.folder / "packages").glob("*.json"))
        return [json.loads(path.read_text(encoding="utf-8")) for path in paths]

    def _read(self, name: str) -> dict[str, Any]:
        path = self.folder / name
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        return found

    def _write(self, name: str, value: Mapping[str, Any]) -> None:
        self._put(name, json.dumps(value, ensure_ascii=False, indent=1).encode())

    def _put(self, name: str, content: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{secrets.token_hex(8)}")
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)


def make_server(axis: Axis, port: int = 0, host: str = "127.0.0.1") -> ThreadingHTTPServer:
    """Return a server of the axis that listens; the caller lets it serve."""
    lock = threading.Lock()

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer("GET")

        def do_POST(self) -> None:
            self._answer("POST")

        def log_message(self, *_: object) -> None:
            """Stay silent."""

        def _answer(self, method: str) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length) if length <= LARGEST_BYTES else b""
            try:
                with lock:
                    found = _serve(axis, method, self.path, self.headers, body)
            except Refusal as refusal:
                found = {
                    "code": refusal.code,
                    "message": CODES.get(refusal.code, ""),
                    "detail": refusal.detail,
                }
            is_package = isinstance(found, bytes)
            content = found if isinstance(found, bytes) else json.dumps(found, ensure_ascii=False).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/xml" if is_package else "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return ThreadingHTTPServer((host, port), Door)


def _serve(
    axis: Axis, method: str, target: str, headers: Mapping[str, str], body: bytes
) -> dict[str, Any] | bytes:
    """Answer one call.

    Raises:
        Refusal: why not.
    """
    parts = urlsplit(target)
    name = parts.path.rpartition("/v1/")[2]
    token = (headers.get("Authorization") or "").removeprefix("Bearer ")
    system_id = axis.check_system(headers.get("systemid") or "", token)
    if (method, name) == ("POST", "sendEdoc"):
        kind, receiver = headers.get("messagetype") or "", headers.get("to") or ""
        return {"code": OK} | axis.send(system_id, kind, receiver, body)
    if (method, name) == ("GET", "getEdoc"):
        return axis.fetch(system_id, parse_qs(parts.query).get("id", [""])[0])
    if method == "GET":
        calls = {
            "getAgenciesList": axis.agencies,
            "getReceivedEdocList": lambda: axis.received(system_id),
            "getSentEdocList": lambda: axis.sent(system_id),
        }
        if name in calls:
            return {"code": OK} | calls[name]()
    changes = {"registerAgency": axis.register, "updateStatus": axis.update}
    if method == "POST" and name in changes:
        return {"code": OK} | changes[name](system_id, _json(body))
    raise Refusal(BAD_FILE, name)


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        raise Refusal(BAD_FILE) from None
    if not isinstance(found, dict):
        raise Refusal(BAD_FILE)
    return found


@contextmanager
def running_axis(folder: Path, systems: Mapping[str, str], clock: Clock | None = None) -> Iterator[str]:
    """Serve an axis while the block runs; gives its address.

    Args:
        folder: of its state; a second run finds what the first left.
        systems: tokens by system id.
        clock: None = the system's.
    """
    axis = Axis(folder, clock or SystemClock())
    for system_id, token in systems.items():
        axis.add_system(system_id, token)
    server = make_server(axis)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
