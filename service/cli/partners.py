"""The directory of receiving contact points from the command line."""

from __future__ import annotations

import click

from service.actions.partners import add_partner, change_partner
from service.cli.agencies import AGENCY, as_system


@click.group()
def partner() -> None:
    """Offices that an agency exchanges documents with."""


@partner.command("add")
@click.argument("organ_id")
@click.argument("name")
@click.option("--endpoint", metavar="URL", help="http(s) address that takes packets and status messages")
@AGENCY
def enter(organ_id: str, name: str, endpoint: str | None, agency: str) -> None:
    """Enter an office into the directory."""
    with as_system(agency) as unit:
        add_partner(unit, organ_id, name, endpoint=endpoint)


@partner.command("endpoint")
@click.argument("organ_id")
@click.argument("url", required=False)
@AGENCY
def set_endpoint(organ_id: str, url: str | None, agency: str) -> None:
    """Set where an office takes packets; without URL nothing is sent to it any more."""
    with as_system(agency) as unit:
        change_partner(unit, organ_id, {"endpoint": url})
