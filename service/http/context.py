"""What a view works with: the house's runtime, and the open unit of work of its request."""

from __future__ import annotations

from typing import cast

from flask import current_app, g

from service.bootstrap import Runtime
from service.storage.unit_of_work import UnitOfWork

EXTENSION = "congvan"


def runtime() -> Runtime:
    """Return the runtime that the application answers for."""
    return cast("Runtime", current_app.extensions[EXTENSION])


def unit() -> UnitOfWork:
    """Return the request's unit of work; the gate commits it after the view has answered."""
    return cast("UnitOfWork", g.unit)
