"""The audit log: sealing it, and checking that nothing in it was changed."""

from __future__ import annotations

import click

from service.actions import audit as actions
from service.bootstrap import build, open_owner_database
from service.config import read_settings
from service.storage.audit_chain import Anchor, parse_anchor


@click.group()
def audit() -> None:
    """The audit log and its hash chain."""


@audit.command()
def seal() -> None:
    """Seal every event that is final by now; the worker does it every few seconds."""
    runtime = build(read_settings())
    try:
        click.echo(f"sealed {actions.seal(runtime.database)} events")
    finally:
        runtime.close()


@audit.command()
@click.option("--anchor", "anchors", multiple=True, metavar="NUMBER:HASH", help="a seal noted elsewhere")
def verify(anchors: tuple[str, ...]) -> None:
    """Check the whole chain; exit status 1 when something was deleted, inserted, changed or cut off."""
    owner = open_owner_database(read_settings())
    report = actions.verify(owner.engine, [_parse(text) for text in anchors])
    for finding in report.findings:
        click.echo(str(finding), err=True)
    click.echo(f"{report.seals} seals, {report.events} sealed events, {report.unsealed} not sealed yet")
    if report.head is not None:
        click.echo(f"note this anchor elsewhere: {report.head}")
    if not report.is_intact:
        raise click.ClickException(f"the log was changed: {len(report.findings)} findings")
    click.echo("the log is intact")


def _parse(text: str) -> Anchor:
    try:
        return parse_anchor(text)
    except ValueError as error:
        raise click.BadParameter(f"{text}: {error}", param_hint="--anchor") from error
