"""A person at the API, for scripts: HTTP from the standard library, errors told in the person's language."""

from __future__ import annotations

import json
import secrets
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from factors import Factors


class Refused(Exception):  # noqa: N818 - named for what happened
    """The API answered with a problem document."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        findings = [f"{one['pointer']}: {one['detail']}" for one in problem.get("errors", ())]
        super().__init__("; ".join([f"{status} {problem.get('code')}: {problem.get('detail')}", *findings]))
        self.status = status
        self.problem = problem


@dataclass
class Person:
    """Someone who is signed in."""

    address: str
    login: str
    token: str

    @classmethod
    def sign_in(cls, address: str, login: str, password: str, factors: Factors) -> Person:
        """Return the person behind a login and its password, with the second factor where one is wanted."""
        answer = call(address, "POST", "/api/v1/sessions", {"login": login, "password": password})
        if "token" not in answer:
            proof = {"login_token": answer["login_token"], "totp": factors.code(address, login)}
            answer = call(address, "POST", "/api/v1/sessions/second-factor", proof)
        return cls(address, login, answer["token"])

    def get(self, path: str) -> Any:
        """Return what a path gives."""
        return call(self.address, "GET", path, token=self.token)

    def post(self, path: str, body: Any = None) -> Any:
        """Do something, once, even if the answer is lost and it is sent again."""
        headers = {"Idempotency-Key": secrets.token_hex(16)}
        return call(
            self.address, "POST", path, body if body is not None else {}, token=self.token, headers=headers
        )

    def put(self, path: str, body: Any) -> Any:
        """Replace what a path holds."""
        return call(self.address, "PUT", path, body, token=self.token)

    def patch(self, path: str, body: Any) -> Any:
        """Change a part of what a path holds."""
        return call(self.address, "PATCH", path, body, token=self.token)

    def fetch(self, path: str) -> bytes:
        """Return the bytes of a file."""
        return fetch(self.address, path, self.token)

    def send_file(self, path: str, fields: dict[str, str], name: str, content: bytes) -> Any:
        """Send a form with one file in the part ``file``."""
        boundary = secrets.token_hex(16)
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
            for field, value in fields.items()
        ]
        disposition = f'Content-Disposition: form-data; name="file"; filename="{PurePosixPath(name).name}"'
        head = f"--{boundary}\r\n{disposition}\r\n"
        parts += [head.encode(), b"Content-Type: application/octet-stream\r\n\r\n", content]
        parts.append(f"\r\n--{boundary}--\r\n".encode())
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Idempotency-Key": secrets.token_hex(16),
        }
        return call(self.address, "POST", path, b"".join(parts), token=self.token, headers=headers)


def call(
    address: str,
    method: str,
    path: str,
    body: Any = None,
    *,
    token: str | None = None,
    headers: dict[str, str] | None = None,
) -> Any:
    """Send one request and return the JSON of its answer.

    Raises:
        Refused: the answer is a problem document.
        OSError: nobody answers.
    """
    sent = {"Accept-Language": "vi", **(headers or {})}
    if token:
        sent["Authorization"] = f"Bearer {token}"
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
        sent["Content-Type"] = "application/json"
    content = _ask(urllib.request.Request(address + path, data=body, headers=sent, method=method))  # noqa: S310
    return json.loads(content) if content else None


def fetch(address: str, path: str, token: str) -> bytes:
    """Return the bytes that a path gives.

    Raises:
        Refused: the answer is a problem document.
    """
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "vi"}
    return _ask(urllib.request.Request(address + path, headers=headers))  # noqa: S310 - http


def _ask(request: urllib.request.Request) -> bytes:
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - http
            content: bytes = answer.read()
    except urllib.error.HTTPError as error:
        raise Refused(error.code, json.loads(error.read())) from None
    return content
