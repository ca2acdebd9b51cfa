"""Whether a stored content may leave to a person; :mod:`handlers.scanning.release` decides for all."""

from __future__ import annotations

from handlers.scanning.release import (
    SCAN,
    SPILL,
    SPILL_FILE,
    SPILLED,
    ScanState,
    check_released,
    is_spilled,
    shown_state,
)

__all__ = [
    "SCAN",
    "SPILL",
    "SPILLED",
    "SPILL_FILE",
    "ScanState",
    "check_released",
    "is_spilled",
    "shown_state",
]
