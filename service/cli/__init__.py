"""The ``congvan`` command: what an operator does on the machine itself."""

from __future__ import annotations

from typing import Final

import click

from service.cli.audit import audit
from service.cli.deploy import decide, deploy
from service.cli.installation import database, demo
from service.cli.issuing_bodies import issuing_body
from service.cli.organisation import agency, person, post, units
from service.cli.partners import partner
from service.cli.people import user
from service.cli.people_lists import people
from service.cli.running import routes, run, web, worker
from service.cli.speaking import HouseGroup


@click.group(cls=HouseGroup)
@click.version_option(package_name="congvan")
def main() -> None:
    """Công Văn: documents and work of an office, driven by BPMN."""


COMMANDS: Final[tuple[click.Command, ...]] = (
    run,
    web,
    worker,
    routes,
    database,
    demo,
    deploy,
    decide,
    agency,
    units,
    post,
    person,
    people,
    user,
    issuing_body,
    partner,
    audit,
)
for command in COMMANDS:
    main.add_command(command)
main.add_command(database, "db")
