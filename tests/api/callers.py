"""A person at the API: a test client with a bearer token, and what an answer must look like."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PROBLEM_MEMBERS = {"type", "title", "status", "detail", "code", "request_id"}


@dataclass
class Caller:
    """Calls the API as one person; without a token as nobody."""

    client: FlaskClient
    token: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.ask("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> TestResponse:
        return self.ask("POST", path, json=json, **options)

    def ask(
        self, method: str, path: str, headers: dict[str, str] | None = None, **options: Any
    ) -> TestResponse:
        mine = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return self.client.open(
            path, method=method, headers={**mine, **self.headers, **(headers or {})}, **options
        )


def assert_problem(answer: TestResponse, status: int, code: str | None = None) -> dict[str, Any]:
    """Check that an answer is a whole problem document, and return it."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.content_type == "application/problem+json"
    document = answer.get_json(force=True)
    assert document.keys() >= PROBLEM_MEMBERS
    assert document["status"] == status
    assert document["type"] == f"urn:congvan:problem:{document['code']}"
    assert document["request_id"] == answer.headers["X-Request-Id"]
    if code is not None:
        assert document["code"] == code
    return document
