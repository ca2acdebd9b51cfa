"""Issuing bodies from the command line."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import click

from service.actions import issuing_bodies as actions
from service.cli.agencies import AGENCY, as_system
from service.queries.issuing_bodies import list_issuing_bodies

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group("issuing-body")
def issuing_body() -> None:
    """Bodies in whose name an agency issues documents."""


@issuing_body.command()
@click.argument("code")
@click.argument("name")
@click.argument("notation")
@click.option("--side", type=click.Choice(["party", "state"]), required=True)
@click.option("--place", default="", help="named before the date")
@click.option("--superior", default="", metavar="NAME", help="the body named above it in the heading")
@click.option("--term", metavar="YEARS", help="of a Party body, such as 2025-2030")
@click.option("--term-from", type=_DAY, help="the term's first day")
@click.option("--organ-id", metavar="ID", help="its own identifier on the exchange")
@AGENCY
def add(agency: str, superior: str, term_from: datetime | None, **texts: Any) -> None:
    """Enter a body."""
    body = actions.NewBody(**texts, superior_name=superior, term_from_on=_day(term_from))
    with as_system(agency) as unit:
        actions.add_issuing_body(unit, body)


@issuing_body.command()
@click.argument("code")
@click.option("--name")
@click.option("--notation")
@click.option("--place")
@click.option("--superior", "superior_name", metavar="NAME")
@click.option("--organ-id", metavar="ID", help='its own identifier on the exchange; "" takes it away')
@AGENCY
def change(code: str, agency: str, **texts: str | None) -> None:
    """Change what is named; documents already issued keep what stands in them."""
    with as_system(agency) as unit:
        actions.change_issuing_body(
            unit, code, {name: text for name, text in texts.items() if text is not None}
        )


@issuing_body.command()
@click.argument("code")
@click.argument("years")
@click.argument("from_on", type=_DAY)
@AGENCY
def term(code: str, years: str, from_on: datetime, agency: str) -> None:
    """Begin a new term of a Party body: its numbers begin again."""
    with as_system(agency) as unit:
        actions.start_term(unit, code, years, from_on.date())


@issuing_body.command()
@click.argument("code")
@AGENCY
def close(code: str, agency: str) -> None:
    """Close a body: it issues nothing any more."""
    with as_system(agency) as unit:
        actions.close_issuing_body(unit, code)


@issuing_body.command("list")
@click.option("--closed", is_flag=True, help="closed ones too")
@AGENCY
def list_(agency: str, *, closed: bool) -> None:
    """List the bodies by code."""
    with as_system(agency) as unit:
        for body in list_issuing_bodies(unit, with_closed=closed):
            end = " (closed)" if body.is_closed else ""
            organ = body.organ_id or "-"
            click.echo(
                f"{body.code:<16} {body.notation:<10} {body.term or '-':<10} {organ:<16} {body.name}{end}"
            )


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
