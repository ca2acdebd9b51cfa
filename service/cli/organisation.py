"""Agencies, units, posts and people from the command line."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import click

from service.actions import accounts, agency_accounts, organisation, posts
from service.bootstrap import open_owner_database
from service.cli.agencies import AGENCY, as_system
from service.config import read_settings
from service.queries.organisation import list_agencies_below, list_units
from service.queries.posts import list_posts

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def agency() -> None:
    """Agencies of this installation."""


@agency.command()
@click.argument("code")
@click.argument("name")
@click.option("--side", type=click.Choice(organisation.SIDES), required=True)
@click.option("--organ-id", metavar="ID", help="its identifier on the exchange axis")
@click.option("--under", metavar="CODE", help="the agency above it; without it the new one stands at the top")
def found(code: str, name: str, side: str, organ_id: str | None, under: str | None) -> None:
    """Found an agency; then `congvan user add --agency CODE --role admin` makes its first administrator."""
    if under is None:
        organisation.found_agency(open_owner_database(read_settings()), code, name, side, organ_id)
        return
    with as_system(under) as unit:
        organisation.create_agency(unit, code, name, side, organ_id)


@agency.command()
@click.option("--name")
@click.option("--organ-id", metavar="ID")
@AGENCY
def change(name: str | None, organ_id: str | None, agency: str) -> None:
    """Change an agency's name or exchange identifier."""
    with as_system(agency) as unit:
        organisation.change_agency(unit, name=name, organ_id=organ_id)


@agency.command("below")
@AGENCY
def list_below(agency: str) -> None:
    """List the agencies below one, by depth and code."""
    with as_system(agency) as unit:
        for one in list_agencies_below(unit):
            click.echo(f"{'  ' * (one.depth - 1)}{one.code:<20} {one.side:<6} {one.name}")


@click.group("unit")
def units() -> None:
    """Units of an agency."""


@units.command("add")
@click.argument("code")
@click.argument("name")
@click.option("--under", metavar="CODE", help="the unit above it")
@AGENCY
def add_unit(code: str, name: str, under: str | None, agency: str) -> None:
    """Add a unit."""
    with as_system(agency) as unit:
        organisation.create_unit(unit, code, name, under)


@units.command("rename")
@click.argument("code")
@click.argument("name")
@AGENCY
def rename_unit(code: str, name: str, agency: str) -> None:
    """Give a unit another name; its code stays."""
    with as_system(agency) as unit:
        organisation.rename_unit(unit, code, name)


@units.command("move")
@click.argument("code")
@click.argument("under", required=False)
@AGENCY
def move_unit(code: str, under: str | None, agency: str) -> None:
    """Put a unit under another one; without UNDER at the top."""
    with as_system(agency) as unit:
        organisation.move_unit(unit, code, under)


@units.command("close")
@click.argument("code")
@AGENCY
def close_unit(code: str, agency: str) -> None:
    """Close a unit in which nobody is any more."""
    with as_system(agency) as unit:
        organisation.close_unit(unit, code)


@units.command("list")
@click.option("--closed", is_flag=True, help="closed ones too")
@AGENCY
def show_units(agency: str, *, closed: bool) -> None:
    """List the units by code."""
    with as_system(agency) as unit:
        for one in list_units(unit, with_closed=closed):
            end = " (closed)" if one.closed_at else ""
            click.echo(f"{one.code:<20} {one.parent_code or '-':<20} {one.name}{end}")


@click.group("post")
def post() -> None:
    """Posts of an agency: titles with the roles that they bring."""


@post.command("add")
@click.argument("code")
@click.argument("title")
@click.option("--role", "roles", multiple=True, metavar="ROLE")
@click.option("--unit", "unit_code", metavar="CODE", help="without it the post is of the whole agency")
@AGENCY
def add_post(code: str, title: str, roles: tuple[str, ...], unit_code: str | None, agency: str) -> None:
    """Add a post."""
    with as_system(agency) as unit:
        posts.create_post(unit, code, title, roles, unit_code)


@post.command("change")
@click.argument("code")
@click.option("--title")
@click.option("--role", "roles", multiple=True, metavar="ROLE", help="all of its roles from now on")
@AGENCY
def change_post(code: str, title: str | None, roles: tuple[str, ...], agency: str) -> None:
    """Change a post's title or roles; its holders gain and lose roles from today on."""
    with as_system(agency) as unit:
        posts.change_post(unit, code, title=title, roles=roles or None)


@post.command("close")
@click.argument("code")
@AGENCY
def close_post(code: str, agency: str) -> None:
    """Close a post that nobody holds."""
    with as_system(agency) as unit:
        posts.close_post(unit, code)


@post.command("take")
@click.argument("code")
@click.argument("login")
@click.argument("from_on", type=_DAY)
@click.option("--until", type=_DAY, help="the last day")
@click.option("--basis", default="", help="the decision that it stands on")
@click.option("--instead", is_flag=True, help="the person leaves their other posts on the day before")
@AGENCY
def take_post(from_on: datetime, until: datetime | None, agency: str, *, instead: bool, **texts: str) -> None:
    """Put a person into a post, with its roles, and print the holding."""
    last = until.date() if until else None
    taking = posts.Taking(
        texts["login"], texts["code"], from_on.date(), last, texts["basis"], ends_others=instead
    )
    with as_system(agency) as unit:
        click.echo(str(posts.take_post(unit, taking)))


@post.command("leave")
@click.argument("holding", type=click.UUID)
@click.argument("last_on", type=_DAY)
@AGENCY
def leave_post(holding: UUID, last_on: datetime, agency: str) -> None:
    """Let a person leave a post after a last day."""
    with as_system(agency) as unit:
        posts.leave_post(unit, holding, last_on.date())


@post.command("list")
@click.option("--unit", "unit_code", metavar="CODE")
@click.option("--closed", is_flag=True, help="closed ones too")
@AGENCY
def show_posts(unit_code: str | None, agency: str, *, closed: bool) -> None:
    """List the posts by code, with their holders."""
    with as_system(agency) as unit:
        for one in list_posts(unit, unit_code=unit_code, with_closed=closed):
            end = " (closed)" if one.is_closed else ""
            click.echo(
                f"{one.code:<20} {one.unit_code or '-':<16} {','.join(one.roles):<24} {one.title}{end}"
            )
            for holder in one.holders:
                click.echo(f"    {holder.id} {holder.login:<20} {holder.from_on} – {holder.to_on or ''}")


@click.group()
def person() -> None:
    """A person of an agency."""


@person.command("change")
@click.argument("login")
@click.option("--name", "full_name")
@click.option("--position")
@click.option("--staff-code")
@AGENCY
def change_person(login: str, agency: str, **texts: str | None) -> None:
    """Change a person's name, position or staff code."""
    with as_system(agency) as unit:
        accounts.change_account(unit, login, **texts)


@person.command("of-agency")
@click.argument("login")
@AGENCY
def add_agency_account(login: str, agency: str) -> None:
    """Add the one account of the agency itself and print its first password."""
    with as_system(agency) as unit:
        made = accounts.create_agency_account(unit, login)
    click.echo(f"{made.login} {made.password}")


@person.command("keeper")
@click.argument("login")
@click.argument("keeper", required=False)
@click.option("--to", "to_on", type=_DAY, help="the last day")
@click.option("--basis", default="", help="the decision that it stands on")
@AGENCY
def set_keeper(login: str, keeper: str | None, to_on: datetime | None, basis: str, agency: str) -> None:
    """Let the clerk KEEPER answer for the agency's account LOGIN from now on; without KEEPER, nobody."""
    with as_system(agency) as unit:
        if keeper is None:
            agency_accounts.end_keeping(unit, login)
        else:
            agency_accounts.set_keeper(unit, login, keeper, to_on=to_on and to_on.date(), basis=basis)
