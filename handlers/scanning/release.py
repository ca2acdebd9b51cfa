"""Whether a stored content may leave: to a person, to a signature, to a partner.

Asked wherever a content is handed out. With a scanner, anything but its literal word that a content is clean
means that it is not released; without one nothing is scanned, which a file's view and the health page say.
What holds a state secret stays locked whatever a scanner says.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, exists, select

from service.domain.errors import Conflict, CongVanError, Forbidden
from service.storage.blobs import BlobStore
from service.storage.models import BlobScan, Spill, SpillFile, table_of
from service.storage.unit_of_work import UnitOfWork

SCAN = table_of(BlobScan)
SPILL = table_of(Spill)
SPILL_FILE = table_of(SpillFile)

ScanState = Literal["not_scanned", "waiting", "clean", "infected", "refused"]
SPILLED: Final = ("quarantined", "wiping", "wiped")
"""States of a spill in which its contents stay locked, and are not taken in again."""


UNDECIDED: Final = ("quarantined", "wiping")
"""States of a spill in which nobody reads what is about its document."""

MASK: Final = "(Nội dung bị khóa, chờ xử lý)"
"""What stands where the words of a locked document would."""


def is_undecided(document_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that the document of a row is locked by a spill that is not decided."""
    locked = select(1).where(SPILL.c.document_id == document_id, SPILL.c.state.in_(UNDECIDED))
    return exists(locked.correlate_except(SPILL))


def shown_state(stored: str | None, *, is_scanned: bool) -> ScanState:
    """Return the scan's state as people are told it.

    Args:
        stored: of ``blob_scan``; None = no row.
        is_scanned: whether there is a scanner.
    """
    if stored == "infected":
        return "infected"
    if stored == "refused":
        return "refused"
    if stored == "clean":
        return "clean"
    return "waiting" if is_scanned else "not_scanned"


def is_spilled(unit: UnitOfWork, sha256: bytes) -> bool:
    """Say whether secret content was found in this very content (and not released since)."""
    of_spill = exists().where(
        SPILL_FILE.c.sha256 == sha256, SPILL.c.id == SPILL_FILE.c.spill_id, SPILL.c.state.in_(SPILLED)
    )
    return bool(unit.session.execute(select(of_spill)).scalar_one())


def check_released(unit: UnitOfWork, blobs: BlobStore, sha256: bytes) -> None:
    """Refuse a content that may not leave to a person now.

    Raises:
        Conflict: ``file.waiting_for_scan``.
        Forbidden: ``file.infected``, ``file.refused_by_scan`` or ``file.quarantined``.
    """
    if is_spilled(unit, sha256):
        vi = "Tệp đang bị cách ly vì có nội dung bí mật nhà nước."
        raise Forbidden("file.quarantined", vi, "The file is locked: it holds state secrets.")
    stored = unit.session.execute(select(SCAN.c.state).where(SCAN.c.sha256 == sha256)).scalar_one_or_none()
    state = shown_state(stored, is_scanned=blobs.is_scanned)
    if state not in {"clean", "not_scanned"}:
        raise _refusal(state)


def _refusal(state: ScanState) -> CongVanError:
    if state == "waiting":
        vi = "Tệp đang chờ quét mã độc, chưa mở được. Hãy thử lại sau ít phút."
        en = "The file waits for a malware scan and cannot be opened yet. Try again in a few minutes."
        return Conflict("file.waiting_for_scan", vi, en)
    if state == "infected":
        vi = "Tệp có mã độc, đã bị cách ly."
        return Forbidden("file.infected", vi, "The file holds malware and is locked.")
    vi = "Tệp không quét hết được (nén quá sâu hoặc quá lớn), đã bị cách ly."
    en = "The file cannot be scanned through (packed too deep or too large) and is locked."
    return Forbidden("file.refused_by_scan", vi, en)
