"""Finds handlers by the operation that a service task names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from handlers.catalogue import CATALOGUE
from handlers.contract import Handler


def by_operation(handlers: Iterable[Handler] = CATALOGUE) -> Mapping[str, Handler]:
    """Return the handlers by operation.

    Raises:
        ValueError: two handlers claim the same operation.
    """
    found: dict[str, Handler] = {}
    for handler in handlers:
        if handler.operation in found:
            raise ValueError(f"two handlers for the operation {handler.operation}")
        found[handler.operation] = handler
    return found
