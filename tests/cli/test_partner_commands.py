"""Connecting to another office from the command line."""

from __future__ import annotations

from click.testing import CliRunner

from service.cli import main
from tests.cli.test_commands import congvan

__all__ = ["congvan"]


def test_an_office_is_entered_connected_and_given_a_token(congvan, office, tmp_path):
    ours = ("--agency", "vptu")
    entered = congvan("partner", "add", "B02", "Ban Nội chính", "--endpoint", "https://bnc.example/in", *ours)
    assert entered.exit_code == 0, entered.output
    secret = tmp_path / "token"
    secret.write_text("their-token\n", encoding="utf-8")
    connected = congvan(
        "partner", "connect", "B02", "--channel", "http", "--unsigned", "--token-file", str(secret), *ours
    )
    assert connected.output == "B02 http\n"
    zipping = congvan("partner", "connect", "B02", "--attachments", "zip", *ours)
    assert zipping.exit_code == 0, zipping.output
    given = congvan("partner", "token", "B02", *ours)
    assert given.output.startswith("cvp_")
    assert congvan("partner", "connect", "B02", "--locked", *ours).output == "B02 http locked\n"
    assert congvan("partner", "token", "B99", *ours).exit_code == 1
    behind = congvan("partner", "add", "B02.1", "Hội đồng", "--through", "B02", *ours)
    assert behind.exit_code == 0, behind.output
    assert congvan("partner", "through", "B02", "B02.1", *ours).exit_code == 1
    assert congvan("partner", "through", "B02.1", *ours).exit_code == 0
    assert "their-token" not in connected.output


def test_the_commands_explain_themselves():
    shown = CliRunner().invoke(main, ["partner", "connect", "--help"])
    assert "how documents go to it" in shown.output
