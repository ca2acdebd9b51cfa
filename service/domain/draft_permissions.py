"""The rows of the permission table about drafts of outgoing documents (S0-7.1, S0-7.4, S0-10.3, S0-10.4)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from service.domain.outgoing import EDITABLE
from service.domain.permission_parties import ANY, Permission

_WRITERS: Final = frozenset(
    {"specialist", "clerk", "unit_clerk", "unit_head", "head_of_office", "leader", "aide", "system"},
)

DRAFT_PERMISSIONS: Final[Mapping[str, Permission]] = MappingProxyType(
    {
        "document_type.list": Permission(ANY | {"system"}),
        "draft.create": Permission(_WRITERS),
        "draft.read": Permission(frozenset({"person", "system"})),
        "draft.change": Permission(frozenset({"drafter", "owner", "system"}), EDITABLE),
    },
)
"""Action → its row. ``draft.change``: the drafter while nobody has a task of it, and who has such a task."""

__all__ = ["DRAFT_PERMISSIONS"]
