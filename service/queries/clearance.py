"""Whether a stored content may leave to a person; :mod:`handlers.scanning.release` decides for all."""

from __future__ import annotations

from handlers.scanning.release import (
    MASK,
    SCAN,
    SPILL,
    SPILL_FILE,
    SPILLED,
    ScanState,
    check_released,
    is_spilled,
    is_undecided,
    shown_state,
)

__all__ = [
    "MASK",
    "SCAN",
    "SPILL",
    "SPILLED",
    "SPILL_FILE",
    "ScanState",
    "check_released",
    "is_spilled",
    "is_undecided",
    "shown_state",
]
