"""The directory of receiving contact points from the command line."""

from __future__ import annotations

from typing import IO, Any

import click

from service.actions.exchange_links import give_token, keep_link
from service.actions.partners import add_partner, change_partner
from service.bootstrap import open_sealer
from service.cli.agencies import AGENCY, as_system
from service.config import read_settings
from service.domain.delivery import DELIVERY_CHANNELS
from service.domain.edxml import ATTACHMENT_ENCODINGS


@click.group()
def partner() -> None:
    """Offices that an agency exchanges documents with."""


@partner.command("add")
@click.argument("organ_id")
@click.argument("name")
@click.option("--endpoint", metavar="URL", help="http(s) address that takes packets and status messages")
@click.option("--through", metavar="ORGAN_ID", help="its contact point, an office that is entered already")
@AGENCY
def enter(organ_id: str, name: str, endpoint: str | None, through: str | None, agency: str) -> None:
    """Enter an office into the directory."""
    with as_system(agency) as unit:
        add_partner(unit, organ_id, name, endpoint=endpoint, contact_point=through)


@partner.command("endpoint")
@click.argument("organ_id")
@click.argument("url", required=False)
@AGENCY
def set_endpoint(organ_id: str, url: str | None, agency: str) -> None:
    """Set where an office takes packets; without URL nothing is sent to it any more."""
    with as_system(agency) as unit:
        change_partner(unit, organ_id, {"endpoint": url})


@partner.command("through")
@click.argument("organ_id")
@click.argument("contact_point", required=False)
@AGENCY
def set_contact_point(organ_id: str, contact_point: str | None, agency: str) -> None:
    """Set through which office another is reached; without CONTACT_POINT it is reached by itself."""
    with as_system(agency) as unit:
        change_partner(unit, organ_id, {"contact_point": contact_point})


@partner.command()
@click.argument("organ_id")
@click.option("--channel", type=click.Choice(sorted(DELIVERY_CHANNELS)), help="how documents go to it")
@click.option("--unsigned/--signed", "accepts_unsigned", default=None, help="may it send unsigned packages?")
@click.option(
    "--attachments",
    "attachment_encoding",
    type=click.Choice(ATTACHMENT_ENCODINGS),
    help="how the files of packages to it are encoded; zip: each in an archive of its own",
)
@click.option("--locked/--open", "is_locked", default=None, help="stop exchange with it, or go on")
@click.option(
    "--token-file",
    type=click.File(encoding="utf-8"),
    help="the token that the office gave us; - reads standard input",
)
@AGENCY
def connect(
    organ_id: str,
    *,
    channel: str | None,
    accepts_unsigned: bool | None,
    attachment_encoding: str | None,
    is_locked: bool | None,
    token_file: IO[str] | None,
    agency: str,
) -> None:
    """Register how an office is connected; what is not named stays."""
    named = {
        "channel": channel,
        "accepts_unsigned": accepts_unsigned,
        "attachment_encoding": attachment_encoding,
        "is_locked": is_locked,
    }
    changes: dict[str, Any] = {name: value for name, value in named.items() if value is not None}
    if token_file is not None:
        changes["outbound_token"] = token_file.read().strip()
    with as_system(agency) as unit:
        view = keep_link(unit, open_sealer(read_settings()), organ_id, changes)
    click.echo(f"{view.organ_id} {view.channel}{' locked' if view.is_locked else ''}")


@partner.command()
@click.argument("organ_id")
@AGENCY
def token(organ_id: str, agency: str) -> None:
    """Make a new token for an office's program and print it once; an earlier one ends."""
    with as_system(agency) as unit:
        made = give_token(unit, organ_id)
    click.echo(made)
