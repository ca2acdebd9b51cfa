from __future__ import annotations

from tests.handlers.signing.conftest import signing_office

__all__ = ["signing_office"]
