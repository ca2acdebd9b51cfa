"""Bringing a database to this release, and the demonstration offices."""

from __future__ import annotations

from dataclasses import replace

import click

from service.bootstrap import open_owner_database, prepare_database
from service.config import Settings, read_settings
from service.demo import DemoResult, load_demo
from service.demo_keys import set_up_demo_keys


@click.group()
def database() -> None:
    """The database's schema."""


@database.command()
def migrate() -> None:
    """Bring the database to the schema of this release; the embedded one is started and made if needed."""
    applied = prepare_database(read_settings())
    click.echo(f"applied: {', '.join(applied)}" if applied else "the database is up to date")


@click.group()
def demo() -> None:
    """Demonstration offices, for looking around."""


@demo.command()
@click.option("--password", help="for every account; without it a random one is made and printed")
@click.option("--renew-passwords", is_flag=True, help="also give the accounts that exist the new password")
def load(password: str | None, *, renew_passwords: bool) -> None:
    """Load the demonstration offices that are not there yet, with keys marked TEST for their leaders."""
    settings = read_settings()
    owner = open_owner_database(settings)
    result = load_demo(owner, password=password, renew_passwords=renew_passwords)
    set_up_demo_keys(settings, owner)
    print_accounts(result)


def print_accounts(result: DemoResult) -> None:
    """Print the demonstration accounts, and the password if they were given one."""
    for person in result.people:
        roles = ", ".join(role if unit is None else f"{role}@{unit}" for role, unit in person.held)
        click.echo(f"  {person.login:<18} {person.full_name:<20} {roles}")
    if result.password is not None:
        click.echo(f"  password of each: {result.password}")


def load_remembered(settings: Settings) -> DemoResult:
    """Load the demonstration once, with a random password that is kept in the var folder for its owner.

    Returns:
        The people, always with their password while the file is there.
    """
    place = settings.var_dir / "demo-password"
    known = place.read_text(encoding="utf-8").strip() if place.exists() else None
    owner = open_owner_database(settings)
    result = load_demo(owner, password=known)
    set_up_demo_keys(settings, owner)
    if result.password is not None and known is None:
        place.touch(mode=0o600)
        place.write_text(result.password + "\n", encoding="utf-8")
    return replace(result, password=known or result.password)
