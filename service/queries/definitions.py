"""Deployed process versions: lists, one version, its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from service.domain.errors import NotFound
from service.engine.loaded import unpack_bundle
from service.storage.models import Account, ProcessDefinition, table_of
from service.storage.unit_of_work import UnitOfWork

DEFINITION = table_of(ProcessDefinition)
ACCOUNT = table_of(Account)


@dataclass(frozen=True, slots=True)
class DefinitionView:
    """A deployed version as a list shows it; ``content_hash`` is hex."""

    id: UUID
    key: str
    version: int
    content_hash: str
    active: bool
    info: Mapping[str, Any]
    deployed_by: str | None
    deployed_at: datetime


def _select() -> Select[Any]:
    columns = (
        DEFINITION.c.id,
        DEFINITION.c.key,
        DEFINITION.c.version,
        DEFINITION.c.content_hash,
        DEFINITION.c.active,
        DEFINITION.c.info,
        DEFINITION.c.deployed_at,
        ACCOUNT.c.login.label("deployed_by"),
    )
    joined = DEFINITION.outerjoin(ACCOUNT, ACCOUNT.c.id == DEFINITION.c.deployed_by_id)
    return select(*columns).select_from(joined)


def _view(row: Mapping[Any, Any]) -> DefinitionView:
    return DefinitionView(**{**row, "content_hash": row["content_hash"].hex()})


def list_definitions(
    unit: UnitOfWork, *, key: str | None = None, active_only: bool = False
) -> list[DefinitionView]:
    """Return the versions by key, newest first."""
    statement = _select().order_by(DEFINITION.c.key, DEFINITION.c.version.desc())
    if key is not None:
        statement = statement.where(DEFINITION.c.key == key)
    if active_only:
        statement = statement.where(DEFINITION.c.active)
    return [_view(row) for row in unit.session.execute(statement).mappings()]


def read_definition(unit: UnitOfWork, definition_id: UUID) -> DefinitionView:
    """Return one version.

    Raises:
        NotFound: no such version in the agency.
    """
    row = unit.session.execute(_select().where(DEFINITION.c.id == definition_id)).mappings().one_or_none()
    if row is None:
        raise definition_not_found()
    return _view(row)


def active_definition(unit: UnitOfWork, key: str) -> DefinitionView:
    """Return the active version of a process.

    Raises:
        NotFound: no such process, or none of its versions is active.
    """
    statement = _select().where(DEFINITION.c.key == key, DEFINITION.c.active)
    row = unit.session.execute(statement).mappings().one_or_none()
    if row is None:
        raise definition_not_found()
    return _view(row)


def read_files(unit: UnitOfWork, definition_id: UUID) -> dict[str, bytes]:
    """Return the files of a version as they were deployed, by path.

    Raises:
        NotFound: no such version in the agency.
    """
    statement = select(DEFINITION.c.key, DEFINITION.c.bundle).where(DEFINITION.c.id == definition_id)
    row = unit.session.execute(statement).one_or_none()
    if row is None:
        raise definition_not_found()
    return {file.path: file.content for file in unpack_bundle(row.key, row.bundle).files}


def definition_not_found() -> NotFound:
    """Return the error for a version that is absent or hidden."""
    return NotFound(
        "process_definition.not_found",
        "Không tìm thấy quy trình hoặc phiên bản này.",
        "There is no such process or version.",
    )
