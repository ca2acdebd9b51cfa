"""Accounts from the command line: for the first administrator, and for when nobody can log in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from service.actions import accounts, memberships
from service.bootstrap import open_owner_database
from service.cli.agencies import system_of
from service.config import read_settings
from service.storage.unit_of_work import UnitOfWork

AGENCY = click.option("--agency", required=True, metavar="CODE", help="the agency's code")


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
    with _as_system(agency) as unit:
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
    with _as_system(agency) as unit:
        accounts.disable_account(unit, login)


@user.command()
@click.argument("login")
@AGENCY
def enable(login: str, agency: str) -> None:
    """Enable a disabled account again."""
    with _as_system(agency) as unit:
        accounts.enable_account(unit, login)


@user.command()
@click.argument("login")
@AGENCY
def password(login: str, agency: str) -> None:
    """Give an account a new first password and print it; its sessions end."""
    with _as_system(agency) as unit:
        account = accounts.reset_password(unit, login)
    click.echo(f"{account.login} {account.password}")


@contextmanager
def _as_system(agency: str) -> Iterator[UnitOfWork]:
    database = open_owner_database(read_settings())
    with database.unit_of_work(system_of(database, agency)) as unit:
        yield unit
