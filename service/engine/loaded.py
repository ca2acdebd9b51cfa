"""Deployed versions in memory: parsed once for each content, shared by agencies, instances and threads."""

from __future__ import annotations

import io
import threading
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.domain.errors import NotFound
from service.engine.definition.bundle import Bundle, BundleFile
from service.engine.functions import function_names
from service.engine.spiff.definition import Definition
from service.feel.dmn import DmnModels, load_models
from service.forms import Form, load_form
from service.storage.models import ProcessDefinition

CACHED_VERSIONS: Final = 200
CACHED_CONTENTS: Final = 100
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class LoadedDefinition:
    """A deployed version, ready to run.

    Attributes:
        id: of the ``process_definition`` row.
        key: process key.
        version: 1, 2, … of the key in its agency.
        info: what lists show.
        definition: the parsed processes.
        decisions: the bundle's DMN models.
        forms: by form key.
    """

    id: UUID
    key: str
    version: int
    info: Mapping[str, Any]
    definition: Definition
    decisions: DmnModels
    forms: Mapping[str, Form]


def pack_bundle(bundle: Bundle) -> bytes:
    """Return the bundle as a ZIP archive, the same bytes for the same content."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(bundle.files, key=lambda one: one.path):
            archive.writestr(zipfile.ZipInfo(file.path, _EPOCH), file.content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def unpack_bundle(key: str, data: bytes) -> Bundle:
    """Return the bundle that :func:`pack_bundle` made; for our own stored bytes only."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return Bundle(key, tuple(BundleFile(name, archive.read(name)) for name in archive.namelist()))


class DefinitionCache:
    """Keeps the last used versions; a version is immutable, so nothing ever goes stale."""

    def __init__(self, size: int = CACHED_VERSIONS) -> None:
        self._size = size
        self._loaded: OrderedDict[UUID, LoadedDefinition] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, session: Session, definition_id: UUID) -> LoadedDefinition:
        """Return the version; reads the row only on the first use in this process.

        Raises:
            NotFound: no such version in the session's agency.
        """
        with self._lock:
            found = self._loaded.get(definition_id)
            if found is not None:
                self._loaded.move_to_end(definition_id)
                return found
        loaded = _load(session, definition_id)
        with self._lock:
            self._loaded[definition_id] = loaded
            if len(self._loaded) > self._size:
                self._loaded.popitem(last=False)
        return loaded


def _load(session: Session, definition_id: UUID) -> LoadedDefinition:
    table = ProcessDefinition
    row = session.execute(
        select(table.key, table.version, table.info, table.bundle, table.spec).where(
            table.id == definition_id
        ),
    ).one_or_none()
    if row is None:
        raise NotFound(
            "process_definition.not_found",
            "Không tìm thấy phiên bản quy trình.",
            "There is no such process version.",
        )
    parsed = _parse(row.key, row.bundle, row.spec)
    return LoadedDefinition(
        definition_id, row.key, row.version, row.info, parsed.definition, parsed.decisions, parsed.forms
    )


@dataclass(frozen=True, slots=True)
class _Parsed:
    """What agencies that deployed the same content share."""

    definition: Definition
    decisions: DmnModels
    forms: Mapping[str, Form]


@lru_cache(maxsize=CACHED_CONTENTS)
def _parse(key: str, packed: bytes, spec: bytes) -> _Parsed:
    bundle = unpack_bundle(key, packed)
    decisions = load_models({file.path: file.content for file in bundle.dmn()}, functions=function_names())
    forms = {name: load_form(file.path, file.content) for name, file in bundle.forms().items()}
    return _Parsed(Definition.restore(spec), decisions, forms)
