"""Offices and models on the database of running processes."""

from __future__ import annotations

from pathlib import Path

from service.actions import deployments
from service.bootstrap import build
from service.domain.clock import SystemClock
from service.engine.definition.bundle import Bundle, BundleFile
from service.storage.database import Database, open_engine
from tests.api.processes import MODELS
from tests.factories import Office, add_office
from tests.harness import TestDatabase, test_settings


def add_provincial_office(database: TestDatabase) -> Office:
    """Add the provincial office with its people."""
    engine = open_engine(database.owner_conninfo, pool_connections=1)
    with Database(engine, SystemClock()).session() as session:
        office = add_office(session.connection(), SystemClock())
    engine.dispose()
    return office


def deploy_model(database: TestDatabase, office: Office, directory: Path, key: str = "short_note") -> None:
    """Deploy a model for the office, in this process."""
    paths = [MODELS / f"{key}.bpmn", *sorted((MODELS / "forms" / key).glob("*.form.json"))]
    files = tuple(BundleFile(path.relative_to(MODELS).as_posix(), path.read_bytes()) for path in paths)
    runtime = build(test_settings(directory, database.owner_conninfo))
    try:
        with runtime.database.unit_of_work(office.system) as unit:
            deployments.deploy(runtime.checker, unit, Bundle(key, files))
    finally:
        runtime.close()
