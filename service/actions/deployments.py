"""Deploying process versions: checked before anything is stored, immutable, activated one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update

from service.domain.errors import Conflict, Finding
from service.domain.ids import new_id
from service.domain.permissions import Subject, is_allowed, require
from service.engine.definition.bundle import Bundle
from service.engine.deployment import DeploymentChecker
from service.engine.loaded import pack_bundle
from service.engine.starts import first_start
from service.queries.definitions import DefinitionView, definition_not_found, read_definition
from service.storage.models import ProcessDefinition, TimerStart, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

DEFINITION = table_of(ProcessDefinition)
TIMER_START = table_of(TimerStart)


def check(checker: DeploymentChecker, unit: UnitOfWork, bundle: Bundle) -> Sequence[Finding]:
    """Return every finding about a bundle, errors and warnings, without storing anything."""
    require(unit.actor, "definition.deploy")
    return checker.findings(bundle)


def deploy(checker: DeploymentChecker, unit: UnitOfWork, bundle: Bundle) -> DefinitionView:
    """Store a bundle as the next version of its process and activate it.

    The same content again is the same version: it is activated, nothing new is stored.

    Raises:
        Forbidden: the actor is neither administrator nor process analyst.
        InvalidInput: the findings, with file, element id and line.
    """
    require(unit.actor, "definition.deploy")
    _lock_key(unit, bundle.key)
    content_hash = bytes.fromhex(bundle.content_hash)
    same_content = (DEFINITION.c.key == bundle.key, DEFINITION.c.content_hash == content_hash)
    known = select(DEFINITION.c.id).where(*same_content)
    existing = unit.session.execute(known).scalar_one_or_none()
    if existing is not None:
        return activate(unit, existing)
    checked = checker.check(bundle)
    definition_id = new_id(unit.now)
    row = {
        "id": definition_id,
        "agency_id": unit.actor.agency_id,
        "key": bundle.key,
        "version": _next_version(unit, bundle.key),
        "content_hash": content_hash,
        "active": False,
        "info": dict(checked.info),
        "bundle": pack_bundle(bundle),
        "spec": checked.spec,
        "deployed_by_id": unit.actor.account_id,
        "deployed_at": unit.now,
    }
    unit.session.execute(insert(DEFINITION), [row])
    details = {"key": bundle.key, "version": row["version"], "content_sha256": bundle.content_hash}
    unit.audit(AuditRecord("process_definition.deploy", "process_definition", definition_id, details))
    return activate(unit, definition_id)


def _lock_key(unit: UnitOfWork, key: str) -> None:
    """Let changes of one process's versions follow each other, each until its commit."""
    lock = func.pg_advisory_xact_lock(func.hashtextextended(f"deploy:{unit.actor.agency_id}:{key}", 0))
    unit.session.execute(select(lock))


def _read_locked(unit: UnitOfWork, definition_id: UUID) -> DefinitionView:
    """Return a version as it is once nobody else changes the process's versions."""
    _lock_key(unit, read_definition(unit, definition_id).key)
    return read_definition(unit, definition_id)


def _next_version(unit: UnitOfWork, key: str) -> int:
    highest = select(func.coalesce(func.max(DEFINITION.c.version), 0)).where(DEFINITION.c.key == key)
    return int(unit.session.execute(highest).scalar_one()) + 1


def activate(unit: UnitOfWork, definition_id: UUID) -> DefinitionView:
    """Make a version the one that new instances start with; running ones keep theirs.

    Raises:
        NotFound: no such version.
        Forbidden: the actor is neither administrator nor process analyst.
    """
    require(unit.actor, "definition.activate")
    view = _read_locked(unit, definition_id)
    if view.active:
        return view
    same_key = (DEFINITION.c.agency_id == unit.actor.agency_id, DEFINITION.c.key == view.key)
    unit.session.execute(update(DEFINITION).where(*same_key, DEFINITION.c.active).values(active=False))
    unit.session.execute(update(DEFINITION).where(DEFINITION.c.id == definition_id).values(active=True))
    _write_timer_starts(unit, view)
    details = {"key": view.key, "version": view.version}
    unit.audit(AuditRecord("process_definition.activate", "process_definition", definition_id, details))
    return read_definition(unit, definition_id)


def _write_timer_starts(unit: UnitOfWork, view: DefinitionView) -> None:
    """Replace the waiting timer starts of the key by those of the version now active."""
    ids = select(DEFINITION.c.id).where(DEFINITION.c.key == view.key)
    unit.session.execute(TIMER_START.delete().where(TIMER_START.c.definition_id.in_(ids)))
    rows: list[dict[str, Any]] = []
    for start in view.info.get("starts", ()):
        if start["kind"] != "timer":
            continue
        rows.append(
            {
                "id": new_id(unit.now),
                "agency_id": unit.actor.agency_id,
                "definition_id": view.id,
                "element_id": start["element_id"],
            }
            | first_start(start, unit.clock).columns(),
        )
    if rows:
        unit.session.execute(insert(TIMER_START), rows)


def deactivate(unit: UnitOfWork, definition_id: UUID) -> DefinitionView:
    """Let no new instance start from a version; running ones go on.

    Raises:
        NotFound: no such version.
        Conflict: it is not active.
    """
    require(unit.actor, "definition.deactivate")
    view = _read_locked(unit, definition_id)
    if not is_allowed(unit.actor, "definition.deactivate", Subject("active" if view.active else "inactive")):
        raise Conflict(
            "process_definition.not_active",
            "Phiên bản này không ở trạng thái hoạt động.",
            "This version is not active.",
        )
    unit.session.execute(update(DEFINITION).where(DEFINITION.c.id == definition_id).values(active=False))
    unit.session.execute(TIMER_START.delete().where(TIMER_START.c.definition_id == definition_id))
    details = {"key": view.key, "version": view.version}
    unit.audit(AuditRecord("process_definition.deactivate", "process_definition", definition_id, details))
    return read_definition(unit, definition_id)


def roll_back(unit: UnitOfWork, key: str) -> DefinitionView:
    """Activate the version before the active one.

    Raises:
        NotFound: no such process.
        Conflict: there is no earlier version.
    """
    require(unit.actor, "definition.activate")
    _lock_key(unit, key)
    columns = (DEFINITION.c.id, DEFINITION.c.version, DEFINITION.c.active)
    versions = select(*columns).where(DEFINITION.c.key == key)
    rows = unit.session.execute(versions.order_by(DEFINITION.c.version.desc())).all()
    if not rows:
        raise definition_not_found()
    current = next((row.version for row in rows if row.active), rows[0].version + 1)
    earlier = next((row.id for row in rows if row.version < current), None)
    if earlier is None:
        raise Conflict(
            "process_definition.no_earlier_version",
            "Không có phiên bản trước để quay lại.",
            "There is no earlier version to return to.",
        )
    return activate(unit, earlier)
