"""The API's document: complete, unchanged unless meant, and readable without a network."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from service.api.routes import ACCESS, PLAIN

SNAPSHOT = Path(__file__).parent / "openapi.snapshot.json"
PLAIN_NAMES = {blueprint.name for blueprint in PLAIN}


@pytest.fixture
def document(anonymous):
    return anonymous.get("/api/openapi.json").json


def test_every_resource_route_is_in_the_document(app, document):
    expected = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.endpoint.split(".")[0] not in PLAIN_NAMES
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    told = {
        (path, method)
        for path, item in document["paths"].items()
        for method in item
        if method != "parameters"
    }
    assert told == expected


def test_every_operation_has_a_summary_and_a_problem_answer(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method == "parameters":
                continue
            assert operation["summary"], f"{method} {path}"
            assert operation["responses"]["default"] == {"$ref": "#/components/responses/Problem"}
            assert any(status.startswith("2") for status in operation["responses"]), f"{method} {path}"


def test_only_the_public_operations_need_no_credentials(document):
    open_ones = {
        path
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters" and operation["security"] == []
    }
    assert open_ones == {
        "/api/v1/sessions",
        "/api/v1/sessions/second-factor",
        "/api/v1/sessions/second-factor/passkey-options",
        "/api/v1/sessions/provider",
        "/api/v1/sessions/provider/callback",
        "/api/v1/sessions/provider/back-channel-logout",
    }
    assert ACCESS["sessions.log_in"].is_public


def test_every_reference_resolves(document):
    def walk(value):
        if isinstance(value, dict):
            if "$ref" in value:
                found = document
                for step in value["$ref"].removeprefix("#/").split("/"):
                    found = found[step]
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(document)


def test_the_document_is_as_recorded(document, request):
    """After a wanted change: delete the snapshot and run this test once."""
    if not SNAPSHOT.exists():
        SNAPSHOT.write_text(
            json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True, default=float) + "\n",
            encoding="utf-8",
        )
        pytest.fail("the snapshot was missing and has been written; read it and commit it")
    assert document == json.loads(SNAPSHOT.read_text(encoding="utf-8"), parse_float=Decimal)


def test_the_page_shows_every_operation_and_loads_nothing_from_elsewhere(anonymous, document):
    answer = anonymous.get("/api/docs")
    page = answer.get_data(as_text=True)
    assert answer.mimetype == "text/html"
    count = sum(1 for item in document["paths"].values() for method in item if method != "parameters")
    assert page.count("<details") == count
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page)
    assert "<script" not in page
    assert "style=" not in page
    anchors = re.findall(r'<details id="([^"]+)"', page)
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r'href="#([^"]+)"', page)) - {"operations"} <= set(
        re.findall(r'id="([^"]+)"', page)
    )


def test_the_page_allows_its_own_style_only(anonymous):
    policy = anonymous.get("/api/docs").headers["Content-Security-Policy"]
    assert "style-src 'self'" in policy
    assert "script-src" not in policy
    assert anonymous.get("/api/docs.css").mimetype == "text/css"
