"""The ``congvan`` command: what an operator does on the machine itself."""

from __future__ import annotations

import click

from service.cli.audit import audit
from service.cli.deploy import decide, deploy
from service.cli.installation import database, demo
from service.cli.issuing_bodies import issuing_body
from service.cli.partners import partner
from service.cli.people import user
from service.cli.running import routes, run, web, worker
from service.cli.speaking import HouseGroup


@click.group(cls=HouseGroup)
@click.version_option(package_name="congvan")
def main() -> None:
    """Công Văn: documents and work of an office, driven by BPMN."""


for command in (run, web, worker, routes, database, demo, deploy, decide, user, issuing_body, partner, audit):
    main.add_command(command)
main.add_command(database, "db")
