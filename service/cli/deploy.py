"""Deploying processes from folders, and trying a decision at the desk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from service.actions import deployments
from service.bootstrap import Runtime, build
from service.cli.agencies import systems
from service.cli.processes import SHARED
from service.config import read_settings
from service.domain.clock import SystemClock
from service.engine.definition.bundle import Bundle
from service.engine.functions import OfficeFunctions
from service.feel import Runtime as FeelRuntime
from service.feel.dmn import decide_file

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("folders", nargs=-1, required=True, type=FOLDER)
@click.option("--forms", type=FOLDER, help="folder of the forms; default: forms/ beside processes/")
@click.option("--agency", metavar="CODE", help="only for this agency; default: for all")
def deploy(folders: tuple[Path, ...], forms: Path | None, agency: str | None) -> None:
    """Check and deploy process folders (processes/KEY …); the same content again changes nothing."""
    runtime = build(read_settings())
    try:
        for folder in folders:
            for line in deploy_folder(runtime, folder, forms, agency):
                click.echo(line)
    finally:
        runtime.close()


def deploy_folder(runtime: Runtime, folder: Path, forms: Path | None, agency: str | None) -> list[str]:
    """Deploy one folder for the agencies and return a line for each.

    Raises:
        InvalidInput: the findings.
    """
    place = folder.resolve()
    forms_root = forms or place.parent.parent / "forms"
    bundle = Bundle.from_directory(place, forms_root, place.parent / SHARED)
    lines = []
    for actor in systems(runtime.database, agency):
        with runtime.database.unit_of_work(actor) as unit:
            view = deployments.deploy(runtime.checker, unit, bundle)
        lines.append(f"{actor.agency_code}: {view.key} version {view.version} is active")
    return lines


@click.command()
@click.argument("file", type=FILE)
@click.argument("decision")
@click.option("--input", "inputs", multiple=True, metavar="NAME=VALUE", help="an input of the decision")
@click.option("--language", type=click.Choice(["vi", "en"]), default="vi", show_default=True)
@click.option(
    "--agency",
    metavar="CODE",
    help="with this agency's holidays and people; default: the ordinary working week",
)
def decide(file: Path, decision: str, inputs: tuple[str, ...], language: Any, agency: str | None) -> None:
    """Decide by a DMN file and explain: which rules matched, why a result is null."""
    given = dict(_read_input(text) for text in inputs)
    with _world(agency) as world:
        report = decide_file(
            file.read_bytes(),
            decision,
            given,
            world,
            file=file.name,
            others={path.name: path.read_bytes() for path in file.parent.glob("*.dmn") if path != file},
        )
    click.echo(report.as_text(language))


@contextmanager
def _world(agency: str | None) -> Iterator[FeelRuntime]:
    """Give what a decision may ask about: the ordinary working week, or an agency's calendar and people."""
    if agency is None:
        yield FeelRuntime(SystemClock(), functions=OfficeFunctions(None))
        return
    runtime = build(read_settings())
    try:
        with runtime.database.unit_of_work(systems(runtime.database, agency)[0]) as unit:
            yield FeelRuntime(runtime.clock, functions=OfficeFunctions(unit))
    finally:
        runtime.close()


def _read_input(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--input")
    return name.strip(), value.strip()
