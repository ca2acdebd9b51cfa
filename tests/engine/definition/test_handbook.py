"""``docs/deploy-checks.md`` says what the code checks."""

from pathlib import Path

from service.engine.definition.handbook import render


def test_the_table_of_checks_is_up_to_date():
    written = Path(__file__).parents[3] / "docs" / "deploy-checks.md"
    assert written.read_text(encoding="utf-8") == render()
