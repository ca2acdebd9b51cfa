"""The agencies of an installation, for commands that act as the system."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import text

from service.bootstrap import owner_conninfo
from service.config import read_settings
from service.domain.actors import Actor, system_actor
from service.domain.clock import SystemClock
from service.storage.database import Database, open_engine, runtime_conninfo
from service.storage.unit_of_work import UnitOfWork

AGENCY = click.option("--agency", required=True, metavar="CODE", help="the agency's code")


@contextmanager
def as_system(agency: str) -> Iterator[UnitOfWork]:
    """Open a unit of work as the system of one agency, which sees no other; it commits at the end.

    Raises:
        ClickException: there is no such agency.
    """
    settings = read_settings()
    conninfo = runtime_conninfo(settings.runtime_database_url or owner_conninfo(settings))
    database = Database(open_engine(conninfo, pool_connections=1), SystemClock())
    with database.unit_of_work(system_of(database, agency)) as unit:
        yield unit


def systems(database: Database, code: str | None = None) -> list[Actor]:
    """Return the system's actor of every agency, or of the one with the code.

    Raises:
        ClickException: there is no such agency.
    """
    with database.session() as session:
        rows = session.execute(text("SELECT agency_id, agency_code FROM list_agencies()")).all()
    actors = [system_actor(row.agency_id, row.agency_code) for row in rows]
    if code is None:
        return actors
    found = [actor for actor in actors if actor.agency_code == code]
    if not found:
        known = ", ".join(actor.agency_code for actor in actors) or "none"
        raise click.ClickException(f"there is no agency {code!r}; there are: {known}")
    return found


def system_of(database: Database, code: str) -> Actor:
    """Return the system's actor of one agency.

    Raises:
        ClickException: there is no such agency.
    """
    return systems(database, code)[0]
