"""The list of people of an agency from the command line: in, out, and for review."""

from __future__ import annotations

from pathlib import Path

import click

from service.actions import people_import
from service.actions.exports import RULE_EN, RULE_VI, note_export
from service.cli.agencies import AGENCY, as_system
from service.domain.spreadsheets import Format
from service.queries.people_export import export_people, people_template, rights_table
from service.queries.rights import review_all_rights, review_rights
from service.storage.unit_of_work import UnitOfWork

_IN = click.Path(exists=True, dir_okay=False, path_type=Path)
_OUT = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.group()
def people() -> None:
    """The list of people of an agency, as CSV or XLSX."""


@people.command("import")
@click.argument("file", type=_IN)
@click.option("--apply", "is_applied", is_flag=True, help="do it; without it the list is only looked at")
@click.option("--whole", "is_whole", is_flag=True, help="whoever is not in the list leaves")
@click.option("--passwords", type=_OUT, help="where to write the first passwords; default: printed")
@AGENCY
def bring_in(file: Path, passwords: Path | None, agency: str, *, is_applied: bool, is_whole: bool) -> None:
    """Tell what a list would change and every problem in it; with --apply do it, whole or not at all."""
    act = people_import.apply if is_applied else people_import.look
    with as_system(agency) as unit:
        report = act(unit, file.read_bytes(), is_whole=is_whole)
    for problem in report.problems:
        click.echo(f"{problem.vi} / {problem.en}", err=True)
    for change in report.changes:
        if change.kind != "unchanged":
            click.echo(f"{change.kind:<10} {change.login:<24} {_what(change)}")
    click.echo(", ".join(f"{count} {kind}" for kind, count in report.counts.items()))
    _tell_passwords(report, passwords)
    if report.problems:
        raise click.ClickException(f"the list has {len(report.problems)} problems")


@people.command()
@click.argument("file", type=_OUT)
@AGENCY
def export(file: Path, agency: str) -> None:
    """Write the list to a file; its ending (.csv, .xlsx) tells the kind."""
    with as_system(agency) as unit:
        made = export_people(unit, _form(file))
        _hand_out(unit, "people", file, made.content, made.lines)


@people.command()
@click.argument("file", type=_OUT)
@AGENCY
def template(file: Path, agency: str) -> None:
    """Write an empty list; a workbook also tells the codes of units and roles."""
    with as_system(agency) as unit:
        file.write_bytes(people_template(unit, _form(file)))


@people.command()
@click.argument("file", type=_OUT)
@click.option("--unit", "unit_code", metavar="CODE", help="without it the whole agency")
@AGENCY
def rights(file: Path, unit_code: str | None, agency: str) -> None:
    """Write who may act as what, for the head of a unit to look through."""
    with as_system(agency) as unit:
        lines = review_rights(unit, unit_code) if unit_code else review_all_rights(unit)
        _hand_out(unit, "rights", file, rights_table(lines, _form(file)), len(lines))


def _hand_out(unit: UnitOfWork, what: str, file: Path, content: bytes, lines: int) -> None:
    """Write data that leaves the house to a file, on record, and tell the rule about carriers (S1-8.3)."""
    file.write_bytes(content)
    note_export(unit, what, None, {"count": lines, "bytes": len(content), "file_name": file.name})
    click.echo(f"{RULE_VI} / {RULE_EN}", err=True)


def _form(file: Path) -> Format:
    return "csv" if file.suffix.lower() == ".csv" else "xlsx"


def _what(change: people_import.PersonChange) -> str:
    parts = [f"{name}: {old!r} → {new!r}" for name, (old, new) in change.changes.items()]
    parts += [f"+{one.role}@{one.unit or '*'}" for one in change.gains]
    parts += [f"-{one.role}@{one.unit or '*'}" for one in change.loses]
    return "; ".join(parts)


def _tell_passwords(report: people_import.PeopleReport, file: Path | None) -> None:
    lines = [f"{made.login} {made.password}" for made in report.passwords]
    if file is not None and lines:
        file.touch(mode=0o600)
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    elif lines:
        click.echo("\n".join(lines))
