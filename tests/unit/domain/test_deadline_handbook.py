"""The pages about deadlines are what the tables say."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.domain.deadline_handbook import render
from service.domain.deadline_kinds import KINDS

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize(("language", "page"), [("en", "deadlines.md"), ("vi", "vi/deadlines.md")])
def test_the_page_about_deadlines_is_what_the_tables_say(language, page) -> None:
    assert (DOCS / page).read_text(encoding="utf-8") == render(language)


def test_every_rule_has_its_row() -> None:
    page = render("en")
    assert all(f"| `{name}` |" in page for name in KINDS)
