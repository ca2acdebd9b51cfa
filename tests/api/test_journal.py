"""The log: one JSON object a line, with the request's id, and nothing that a person typed."""

from __future__ import annotations

import json
import logging

import pytest

from service.logs import JsonLines
from tests.api.callers import Caller


@pytest.fixture
def lines(caplog):
    """Return a function to what was logged so far, formatted and read again."""
    caplog.set_level(logging.INFO)

    def read():
        return [json.loads(JsonLines().format(record)) for record in caplog.records]

    return read


def test_every_request_leaves_a_line_with_its_id(sign_in, lines):
    answer = sign_in("vanthu").get("/api/v1/tasks?text=mật")
    line = next(line for line in lines() if line["logger"] == "congvan.access")
    assert line["route"] == "/api/v1/tasks"
    assert (line["method"], line["status"]) == ("GET", 200)
    assert line["ms"] >= 0
    assert line["request_id"] == answer.headers["X-Request-Id"]
    assert line["account"]


def test_nothing_that_was_typed_is_logged(anonymous, office, lines):
    secrets = {"login": "ten-dang-nhap", "password": "mat-khau-bi-mat"}
    anonymous.post("/api/v1/sessions", secrets, headers={"User-Agent": "trinh-duyet"})
    Caller(anonymous.client, "mot-ma-bi-mat-nao-do").get("/api/v1/tasks?text=tu-khoa")
    text = json.dumps(lines())
    for secret in (*secrets.values(), "trinh-duyet", "mot-ma-bi-mat", "tu-khoa"):
        assert secret not in text


def test_a_line_break_in_a_message_stays_inside_its_line():
    record = logging.LogRecord("x", logging.INFO, "f", 1, "một\nhai", (), None)
    assert "\n" not in JsonLines().format(record)


def test_each_request_has_its_own_id(anonymous):
    ids = {anonymous.get("/health/live").headers["X-Request-Id"] for _ in range(5)}
    assert len(ids) == 5


def test_a_client_cannot_choose_the_id(anonymous):
    answer = anonymous.get("/health/live", headers={"X-Request-Id": "forged"})
    assert answer.headers["X-Request-Id"] != "forged"
