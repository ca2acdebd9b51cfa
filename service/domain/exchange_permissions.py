"""The rows of the permission table about deliveries, the exchange with other offices, and recalls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from service.domain.permission_parties import ANY, Party, Permission

_SENDERS: Final = frozenset({"admin", "clerk"})


def _row(parties: Iterable[Party], *states: str) -> Permission:
    return Permission(frozenset(parties) | {"system"}, frozenset(states))


EXCHANGE_PERMISSIONS: Final[Mapping[str, Permission]] = MappingProxyType(
    {
        "delivery.read": _row(ANY),
        "delivery.retry": _row(_SENDERS, "failed", "refused"),
        "delivery.cancel": _row(_SENDERS, "pending", "failed"),
        "delivery.settle": _row({"clerk"}),
        "exchange.read": _row(_SENDERS | {"head_of_office", "supervisor"}),
        "exchange.keep": _row({"admin"}),
        "document.recall": _row(
            {"specialist", "unit_head", "unit_clerk", "clerk", "leader", "head_of_office"},
            "issued",
            "completed",
            "corrected",
        ),
    },
)
"""Action → its row; which documents exist for a person is decided where the document is loaded."""

__all__ = ["EXCHANGE_PERMISSIONS"]
