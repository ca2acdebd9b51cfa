"""What the house provides to handlers: the file store, the network zone, the trust anchors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final, cast
from uuid import UUID

from handlers.contract import HandlerContext
from service.domain.content_policy import Zone
from service.domain.signing_places import SigningPlaces
from service.storage.blobs import BlobStore
from service.storage.unit_of_work import UnitOfWork

Sight = Callable[[UnitOfWork, UUID], bool]
"""Says whether the unit's actor may see a document."""

INSPECTION_TIME: Final = timedelta(seconds=30)
INSPECTION_MEMORY_BYTES: Final = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class InspectionLimits:
    """What one look into a foreign file may cost before it is given up."""

    time: timedelta = INSPECTION_TIME
    memory_bytes: int = INSPECTION_MEMORY_BYTES


def sees_as_system(unit: UnitOfWork, document_id: UUID) -> bool:
    """Say that the system alone sees a document: what holds until the house's own rule is put here."""
    del document_id
    return unit.actor.is_system


@dataclass(frozen=True, slots=True)
class HandlerResources:
    """The resources of one deployment.

    Attributes:
        blobs: the content-addressed files.
        zone: the network zone, from the deployment's settings file.
        has_cipher: whether the site has a solution of the cipher branch (Cơ yếu) for Mật and Tối mật.
        trust_dir: folder with ``roots/``, ``intermediates/`` and ``crls/``; what is not there is not trusted.
        inspection: limits of looking into a PDF.
        signing: where keys and services of signing are.
        sees: the rule of all lists and readings, where a person names a document to a handler.
    """

    blobs: BlobStore
    zone: Zone
    has_cipher: bool = False
    trust_dir: Path | None = None
    inspection: InspectionLimits = field(default_factory=InspectionLimits)
    signing: SigningPlaces = field(default_factory=SigningPlaces)
    sees: Sight = sees_as_system


def resources_of(context: HandlerContext) -> HandlerResources:
    """Return the resources, typed."""
    return cast("HandlerResources", context.resources)
