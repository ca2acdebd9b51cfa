"""The decision tables of outgoing documents, asked directly: policy of the zone, channel of issue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from service.domain.content_policy import ContentFacts, decide_content
from service.feel import Runtime
from service.feel.dmn import decide_file

FOLDER = Path(__file__).parents[2] / "processes" / "outgoing_document"


def _decide(name: str, **inputs: Any) -> dict[str, Any]:
    file = FOLDER / f"{name}.dmn"
    return dict(decide_file(file.read_bytes(), name, inputs, Runtime(), file=file.name).value)


def _policy(**facts: Any) -> dict[str, Any]:
    plain = {
        "zone": "internet",
        "secrecy": "none",
        "has_cipher": False,
        "category": "general",
        "profile": "party",
    }
    return _decide("outgoing_policy", document={**plain, **facts})


def _channel(**given: Any) -> dict[str, Any]:
    document = {"category": "general", "type_code": "TB", "profile": "party"} | given.pop("document", {})
    inputs = {
        "document": document,
        "edit": {"paper_grounds": "none"},
        "signing": {"also_on_paper": False},
        "sealing": {"exception": "none"},
        "dispatch_mending": None,
    }
    return _decide("issue_channel", **{**inputs, **given})


@pytest.mark.parametrize(
    ("facts", "decision", "clause"),
    [
        ({"secrecy": "confidential"}, "refuse", "S1-1"),
        ({"zone": "wan", "secrecy": "secret"}, "refuse", "S0-4.5"),
        ({"zone": "wan", "secrecy": "secret", "has_cipher": True}, "allowed", "S0-4.4"),
        ({"zone": "wan", "secrecy": "top_secret", "has_cipher": True}, "refuse", "S0-4.5"),
        ({"category": "harmful"}, "refuse", "S1-8.2"),
        ({"category": "petition", "profile": "state"}, "refuse", "S4-3.2"),
        ({"category": "petition"}, "allowed", "S0-4.4"),
        ({}, "allowed", "S0-4.4"),
    ],
)
@pytest.mark.clause("S0-4.4", "S0-4.5", "S1-1", "S3-1.2", "S4-3.2")
def test_the_zone_says_what_may_be_drafted(facts: dict[str, Any], decision: str, clause: str) -> None:
    found = _policy(**facts)
    assert found["decision"] == decision
    assert clause in found["clause"].split()
    assert found["reason"]


@pytest.mark.parametrize("zone", ["internet", "wan", "standalone"])
@pytest.mark.parametrize("has_cipher", [True, False])
@pytest.mark.parametrize("secrecy", ["none", "confidential", "secret", "top_secret"])
def test_the_table_never_admits_what_the_store_refuses(zone: Any, secrecy: Any, has_cipher: bool) -> None:
    stored = decide_content(ContentFacts(zone, secrecy, has_cipher=has_cipher))
    if stored.decision != "allowed":
        assert _policy(zone=zone, secrecy=secrecy, has_cipher=has_cipher)["decision"] == "refuse"


@pytest.mark.parametrize(
    ("given", "mode", "clause"),
    [
        ({}, "electronic", "S1-6.2a S3-9.4"),
        ({"document": {"type_code": "NQ"}}, "electronic_and_paper", "S3-15.2"),
        ({"document": {"type_code": "KL"}}, "electronic_and_paper", "S3-15.2"),
        ({"edit": {"paper_grounds": "head_list"}}, "electronic_and_paper", "S3-15.3"),
        ({"signing": {"also_on_paper": True}}, "electronic_and_paper", "S1-6.2a"),
        ({"sealing": {"exception": "no_infrastructure"}}, "paper_only", "S1-6.6 S3-11.1d S3-11.3"),
        ({"dispatch_mending": {"action": "paper"}}, "paper_only", "S1-6.6 S3-11.1d S3-11.3"),
        ({"document": {"category": "personnel", "type_code": "NQ"}}, "paper_only", "S3-11.1b"),
    ],
)
@pytest.mark.clause("S1-6.2a", "S1-6.6", "S3-9.4", "S3-11.1b", "S3-11.1d", "S3-15.2", "S3-15.3")
def test_the_channel_of_issue_names_its_clause(given: dict[str, Any], mode: str, clause: str) -> None:
    found = _channel(**given)
    assert (found["mode"], found["clause"]) == (mode, clause)
