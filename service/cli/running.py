"""Starting the house: the web process, the worker, or all of it on one machine."""

from __future__ import annotations

import os
import sys

import click

from service.api.routes import ACCESS
from service.app import create_app
from service.bootstrap import build, prepare_database
from service.cli.deploy import deploy_folder
from service.cli.house import House, check_port
from service.cli.installation import load_remembered, print_accounts
from service.cli.processes import PROCESSES, process_folders
from service.config import Settings, read_settings
from service.domain.permissions import PERMISSIONS
from service.storage import embedded

WEB = (
    sys.executable,
    "-m",
    "gunicorn",
    "--config",
    "python:service.cli.gunicorn_settings",
    "service.wsgi:app",
)
WORKER = (sys.executable, "-m", "service.worker")


@click.command()
def web() -> None:
    """Serve the API and the pages (gunicorn); SIGTERM lets requests under way finish."""
    os.execv(WEB[0], WEB)  # noqa: S606 - our own interpreter, no shell


@click.command()
def worker() -> None:
    """Run timers, jobs and schedules; SIGTERM lets work under way finish."""
    os.execv(WORKER[0], WORKER)  # noqa: S606


@click.command()
@click.option("--demo/--no-demo", default=True, help="load the demonstration offices once (default)")
def run(*, demo: bool) -> None:
    """Start everything on this machine: database, schema, processes, demonstration, web and worker."""
    settings = read_settings()
    house = House(settings)
    with house.only_one():
        check_port(settings.host, settings.port)
        try:
            _prepare(settings, with_demo=demo)
            house.start("web", WEB)
            house.start("worker", WORKER)
            house.wait_until_ready()
            house.heed_signals()
            click.echo(f"Công Văn: {house.address}   API: {house.address}/api/docs   (Ctrl-C stops)")
            house.stay()
        finally:
            house.stop()
            if settings.database_url is None:
                embedded.stop(settings.embedded_database_dir)


def _prepare(settings: Settings, *, with_demo: bool) -> None:
    prepare_database(settings)
    accounts = load_remembered(settings) if with_demo else None
    runtime = build(settings)
    try:
        for folder in process_folders(PROCESSES):
            for line in deploy_folder(runtime, folder, None, None):
                click.echo(line)
    finally:
        runtime.close()
    if accounts is not None:
        click.echo("Demonstration accounts:")
        print_accounts(accounts)


@click.command()
def routes() -> None:
    """Print every route and who may ask for it."""
    runtime = build(read_settings())
    try:
        rules = sorted(create_app(runtime).url_map.iter_rules(), key=lambda rule: rule.rule)
    finally:
        runtime.close()
    for rule in rules:
        access = ACCESS[rule.endpoint]
        who = "anyone" if access.is_public else "signed in"
        if access.action:
            who = ", ".join(sorted(PERMISSIONS[access.action].roles) or ["signed in"])
        methods = ",".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        click.echo(f"{methods:<12} {rule.rule:<58} {who}")
