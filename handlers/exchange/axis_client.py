"""Speaks to an exchange axis: register, send, list what came, get it, say what became of it.

The calls are those of the axis' own kit (registerAgency, getAgenciesList, sendEdoc, getReceivedEdocList,
getSentEdocList, getEdoc, updateStatus), with the answer codes of a provincial service bus.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, BinaryIO, Final, Literal
from urllib.parse import urlencode

from handlers.contract import RetryLater
from handlers.delivery.peers import PeerAnswer, PeerRequest, PeerRules, call, judge, refusal
from service.domain.dispatch_faults import fault_text

OK: Final = 0
BAD_FILE: Final = 10
BAD_SYSTEM: Final = 15
UNKNOWN_RECEIVER: Final = 18
UNKNOWN_SENDER: Final = 19
BAD_EDXML: Final = 22
RECEIVER_LOCKED: Final = 23
CODES: Final[Mapping[int, str]] = {
    OK: "ok",
    BAD_FILE: "bad file",
    BAD_SYSTEM: "bad system id",
    UNKNOWN_RECEIVER: "unknown receiver",
    UNKNOWN_SENDER: "sender not registered",
    BAD_EDXML: "bad edXML",
    RECEIVER_LOCKED: "receiver locked",
}
MessageType = Literal["edoc", "status"]
Outcome = Literal["done", "fail", "processing"]
_LARGEST_PACKAGE_BYTES: Final = 160 * 1024 * 1024
_PACKAGE_SECONDS: Final = 300.0


@dataclass(frozen=True, slots=True)
class AxisAccount:
    """Where the axis is and as whom we are known there."""

    endpoint: str
    system_id: str
    token: str


@dataclass(frozen=True, slots=True)
class BoxEntry:
    """A package that waits in our box; ``was_tried``: it was begun before, and is there still."""

    package_id: str
    message_type: str
    sender: str
    was_tried: bool = False


class AxisClient:
    """One agency's connection to the axis.

    Args:
        rules: how far a call may go.
        account: registered by the administrator.
    """

    def __init__(self, rules: PeerRules, account: AxisAccount) -> None:
        self._rules = replace(
            rules,
            answer_bytes=_LARGEST_PACKAGE_BYTES,
            total_seconds=max(rules.total_seconds, _PACKAGE_SECONDS),
        )
        self._account = account

    def register(self, now: datetime, organ_id: str, name: str) -> None:
        """Make the agency known to the axis; again changes its name.

        Raises:
            RetryLater: the axis cannot be reached.
            PolicyRefusal: it refuses.
        """
        self._ask(now, "POST", "registerAgency", body={"organId": organ_id, "name": name})

    def agencies(self, now: datetime) -> list[dict[str, Any]]:
        """Return the agencies that the axis knows; errors as of :meth:`register`."""
        return list(self._ask(now, "GET", "getAgenciesList").get("agencies", ()))

    def send(
        self, now: datetime, message_type: MessageType, receiver: str, package: BinaryIO, size: int
    ) -> str:
        """Hand a package over and return its id there; errors as of :meth:`register`."""
        headers = {
            "Content-Type": "application/xml",
            "Content-Length": str(size),
            "messagetype": message_type,
            "to": receiver,
        }
        answer = self._call("POST", "sendEdoc", headers, package)
        return str(_read(answer, now).get("id", ""))

    def received(self, now: datetime) -> list[BoxEntry]:
        """Return what waits in our box, oldest first; errors as of :meth:`register`."""
        entries = self._ask(now, "GET", "getReceivedEdocList").get("packages", ())
        try:
            return [_entry(one) for one in entries]
        except (AttributeError, KeyError, TypeError) as error:
            raise RetryLater(fault_text("peer.odd_answer", "getReceivedEdocList")) from error

    def fetch(self, now: datetime, package_id: str) -> bytes:
        """Return a package of our box; errors as of :meth:`register`."""
        answer = self._call("GET", "getEdoc", {}, None, id=package_id)
        if answer.body[:1] == b"{":
            _read(answer, now)
        judge(answer, now)
        return answer.body

    def update(self, now: datetime, package_id: str, outcome: Outcome) -> None:
        """Say what became of a package, so that it waits no longer; errors as of :meth:`register`."""
        self._ask(now, "POST", "updateStatus", body={"id": package_id, "status": outcome})

    def _ask(
        self, now: datetime, method: str, name: str, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        sent = json.dumps(body).encode() if body is not None else None
        headers = {"Content-Type": "application/json"} if sent is not None else {}
        return _read(self._call(method, name, headers, sent), now)

    def _call(
        self, method: str, name: str, headers: Mapping[str, str], body: bytes | BinaryIO | None, **query: str
    ) -> PeerAnswer:
        address = f"{self._account.endpoint.rstrip('/')}/v1/{name}"
        if query:
            address += f"?{urlencode(query)}"
        ours = {
            "systemid": self._account.system_id,
            "Authorization": f"Bearer {self._account.token}",
            "servicetype": "eDoc",
        }
        return call(self._rules, PeerRequest(method, address, {**ours, **headers}, body))


def _entry(told: Mapping[str, Any]) -> BoxEntry:
    was_tried = told.get("state") == "processing"
    return BoxEntry(str(told["id"]), str(told["messagetype"]), str(told["from"]), was_tried)


def _read(answer: PeerAnswer, now: datetime) -> dict[str, Any]:
    """Return the axis' answer if its code is 0.

    Raises:
        RetryLater: it is busy, says neither yes nor no, or the receiver is locked for now.
        PolicyRefusal: ``axis.refused`` with the code and what it means.
    """
    try:
        said = json.loads(answer.body)
        code = int(said["code"])
    except (ValueError, KeyError, TypeError):
        judge(answer, now)
        raise RetryLater(fault_text("peer.odd_answer", f"HTTP {answer.status}")) from None
    if code == OK:
        return dict(said)
    detail = f"{code} {CODES.get(code, '')}".strip()
    if code == RECEIVER_LOCKED:
        raise RetryLater(fault_text("partner.locked", detail))
    raise refusal("axis.refused", detail)
