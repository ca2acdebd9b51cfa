"""The content policy: one decision table beside the process, one guard before the store, the same answers."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from service.domain.content_policy import (
    CATEGORY_NAMES,
    SECRECY_NAMES,
    ContentFacts,
    decide_content,
    decide_entry,
)
from service.feel import Runtime, to_json
from service.feel.dmn import load_models

TABLE = Path(__file__).parents[3] / "processes" / "incoming_document" / "content_policy.dmn"
ZONES = ("internet", "wan", "standalone")


@pytest.mark.clause("S0-4.4", "S0-4.5", "S0-6.6")
def test_the_decision_table_and_the_guard_agree_on_every_combination() -> None:
    models = load_models({TABLE.name: TABLE.read_bytes()})
    flags = (False, True)
    for zone, secrecy, category, no_copy, exchange, cipher in product(
        ZONES, SECRECY_NAMES, CATEGORY_NAMES, flags, flags, flags
    ):
        facts = ContentFacts(zone, secrecy, category, no_copy, exchange, cipher)
        document = {
            "zone": zone,
            "secrecy": secrecy,
            "category": category,
            "is_no_copy": no_copy,
            "is_exchange": exchange,
            "has_cipher": cipher,
        }
        found = to_json(models.decide("content_policy", {"document": document}, Runtime()).value)
        answer = decide_content(facts)
        assert (found["decision"], found["clause"]) == (answer.decision, answer.clause), facts
        assert found["reason"] == answer.reason_vi, facts


@pytest.mark.clause("S1-1", "S1-3.1", "S2-3.3", "S3-1.2", "S4-3.2")
@pytest.mark.parametrize("secrecy", ["confidential", "secret", "top_secret"])
def test_on_the_internet_every_secret_is_refused_even_its_abstract(secrecy: str) -> None:
    for cipher in (False, True):
        facts = ContentFacts("internet", secrecy, is_no_copy=True, has_cipher=cipher)
        assert decide_content(facts).decision == "refuse"


@pytest.mark.clause("S0-4.5", "S0-6.6")
def test_on_the_wide_area_network_secrets_need_the_cipher_and_top_secrets_leave_an_abstract() -> None:
    assert decide_content(ContentFacts("wan", "secret")).decision == "refuse"
    assert decide_content(ContentFacts("wan", "secret", has_cipher=True)).decision == "allowed"
    assert decide_content(ContentFacts("wan", "top_secret", has_cipher=True)).decision == "abstract_only"
    assert decide_content(ContentFacts("wan", "top_secret", is_exchange=True)).decision == "refuse"


@pytest.mark.clause("S4-3.2", "S1-8.2")
@pytest.mark.parametrize(
    ("zone", "refused"),
    [("internet", {"petition", "harmful"}), ("wan", {"harmful"}), ("standalone", {"harmful"})],
)
def test_some_kinds_of_content_are_not_entered_by_hand_either(zone: str, refused: set[str]) -> None:
    answers = {category: decide_entry(ContentFacts(zone, "none", category)) for category in CATEGORY_NAMES}
    assert {name for name, answer in answers.items() if answer.decision == "refuse"} == refused
    assert all(answers[name].clause for name in refused)


def test_an_entry_is_never_freer_than_the_policy() -> None:
    for zone, secrecy in product(ZONES, SECRECY_NAMES):
        facts = ContentFacts(zone, secrecy, is_no_copy=True)
        assert decide_entry(facts) == decide_content(facts)
