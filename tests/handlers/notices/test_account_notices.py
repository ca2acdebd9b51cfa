"""What people are told about their accounts has words in both languages, and holds no text of a stranger."""

from __future__ import annotations

import re

import pytest

from handlers.notices.texts import known_kinds, notice_text
from tests.architecture.sources import sources

TOLD = re.compile(r'tell_(?:person|administrators|of_account)\(\s*unit,(?:[^()"]*?,)?\s*"(\w+)"')


def told_kinds() -> set[str]:
    code = (source.text for source in sources("service/actions"))
    return {kind for text in code for kind in TOLD.findall(text)}


def test_every_kind_that_is_told_is_found_here():
    assert told_kinds() >= {
        "second_factor_added",
        "second_factor_removed",
        "second_factor_reset",
        "passkey_copied",
        "api_token_made",
        "identity_linked",
        "login_disabled_account",
        "account_suspicious",
        "second_factor_failures",
    }


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("kind", sorted(told_kinds() | {"login_new_place", "login_after_failures"}))
def test_every_kind_has_words_with_nothing_left_open(kind, language):
    assert kind in known_kinds()
    said = notice_text(kind, {"name": "203.0.113.9", "by": "chanhvp"}, language)
    assert "$" not in said.subject + said.body
    other = notice_text("other", {}, language)
    assert said.subject != other.subject
