"""Accounts from the command line: for the first administrator, and for when nobody can log in."""

from __future__ import annotations

import click

from service.actions import accounts, memberships, second_factors
from service.cli.agencies import AGENCY, as_system


@click.group()
def user() -> None:
    """Accounts of an agency."""


@user.command()
@click.argument("login")
@click.argument("full_name")
@click.option("--position", default="", help="official title")
@click.option("--role", "roles", multiple=True, metavar="ROLE[@UNIT]")
@AGENCY
def add(login: str, full_name: str, position: str, roles: tuple[str, ...], agency: str) -> None:
    """Add an account and print its first password, which must be changed at the first login."""
    with as_system(agency) as unit:
        account = accounts.create_account(unit, login, full_name, position)
        for role in roles:
            name, _, place = role.partition("@")
            memberships.grant_role(unit, login, name, place or None)
    click.echo(f"{account.login} {account.password}")


@user.command()
@click.argument("login")
@AGENCY
def disable(login: str, agency: str) -> None:
    """Disable an account; its sessions end, its history stays."""
    with as_system(agency) as unit:
        accounts.disable_account(unit, login)


@user.command()
@click.argument("login")
@AGENCY
def enable(login: str, agency: str) -> None:
    """Enable a disabled account again."""
    with as_system(agency) as unit:
        accounts.enable_account(unit, login)


@user.command()
@click.argument("login")
@AGENCY
def password(login: str, agency: str) -> None:
    """Give an account a new first password and print it; its sessions end."""
    with as_system(agency) as unit:
        account = accounts.reset_password(unit, login)
    click.echo(f"{account.login} {account.password}")


@user.command("reset-second-factor")
@click.argument("login")
@AGENCY
def reset_second_factor(login: str, agency: str) -> None:
    """Take every second factor from an account whose person lost them; its sessions end."""
    with as_system(agency) as unit:
        second_factors.reset_factors(unit, login)
