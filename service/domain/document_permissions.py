"""The rows of the permission table about documents: who reads what, by role or by relation to the document.

Whoever is not named reads nothing, and is told that there is no such document (S2-4.1, S3-19.2). Those who
administer the system keep it running and are not among the readers. The queries make their SQL condition of
these rows, so that a list, a search and a single reading cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from service.domain.permission_parties import ANY, Party, Permission

IN_SERVICE: Final = frozenset({"entrant", "handler", "directed", "drafter", "signer"})
"""Relations of those whom their duty brings to the document."""

_READERS: Final = IN_SERVICE | {"clerk", "head_of_office", "audience", "visitor"}
_KEEPERS: Final = _READERS - {"visitor"} | {"downloader"}

READING: Final = ("document.read_plain", "document.read_secret", "document.read_top_secret")
"""Actions whose states are secrecy levels: abstract, trace and files."""

SEEING: Final = (*READING, "document.see_cover")
"""The same, and the line of a register without the abstract (domain rule: no abstract without a right)."""


def _row(parties: Iterable[Party], *states: str) -> Permission:
    return Permission(frozenset(parties) | {"system"}, frozenset(states))


DOCUMENT_PERMISSIONS: Final[Mapping[str, Permission]] = MappingProxyType(
    {
        "document.read_plain": _row(_READERS, "none"),
        "document.read_secret": _row(IN_SERVICE | {"clerk", "visitor"}, "confidential", "secret"),
        "document.read_top_secret": _row(IN_SERVICE, "top_secret"),
        "document.see_cover": _row({"head_of_office"}, "confidential", "secret"),
        "document.view_pages": _row(_READERS),
        "document.download": _row(_KEEPERS),
        "document.print_copy": _row(_KEEPERS),
        "document.open_withdrawn": _row({"clerk"}, "recall_pending", "recalled", "deleted"),
        "document.publish": _row({"clerk", "leader", "head_of_office"}, "none"),
        "document.share": _row({"clerk", "leader", "head_of_office"}, "none"),
        "feed.read": _row({"clerk", "leader", "head_of_office"}),
        "shared_document.read": _row({"clerk", "leader", "head_of_office", "unit_head"}),
        "document.withdraw_publication": _row({"clerk", "leader", "head_of_office"}),
        "spill.report": _row({"person"}),
        "spill.read": _row({"clerk", "head_of_office", "admin", "leader"}),
        "spill.decide": _row({"head_of_office"}, "quarantined"),
        "scan.list": _row({"clerk", "head_of_office", "admin"}),
        "scan.repeat": _row({"admin"}),
        "access_request.ask": _row(ANY),
        "access_request.read": _row({"asker", "head_of_office"}),
        "access_request.withdraw": _row({"asker", "head_of_office"}, "asked", "granted"),
    },
)
"""Action → its row."""

__all__ = ["DOCUMENT_PERMISSIONS", "IN_SERVICE", "READING", "SEEING"]
