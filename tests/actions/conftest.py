from __future__ import annotations

from tests.processes.conftest import desk

__all__ = ["desk"]
