"""What was recorded on paper while the software stood still, entered afterwards with its real time (S4-4.2).

Ordinarily the server's clock says when a document arrived and nobody enters it. After an outage the real time
counts: deadlines run from it. The line in the history says that it was entered late, by whom, when and where
it was recorded meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from service.domain.errors import Finding

LONGEST_BACK: Final = timedelta(days=31)
"""How far back an entry may reach: it is made right after recovery, not months later."""

MAX_PROOF_CHARACTERS: Final = 500


@dataclass(frozen=True, slots=True)
class BackEntry:
    """An arrival that was recorded by other means.

    Attributes:
        received_at: when it really arrived; aware.
        proof: where it was recorded meanwhile, such as a page of a paper book.
    """

    received_at: datetime
    proof: str


def check_back_entry(entry: BackEntry, now: datetime) -> list[Finding]:
    """Return what is wrong with an entry, pointing at ``/received_at`` and ``/back_entry``."""
    findings = []
    if not now - LONGEST_BACK <= entry.received_at <= now:
        vi = f"Thời điểm đến thực tế phải trong {LONGEST_BACK.days} ngày qua, không ở tương lai."
        en = f"The real time of arrival lies within the past {LONGEST_BACK.days} days."
        findings.append(Finding("document.received_at", vi, en, "/received_at"))
    if not 1 <= len(entry.proof.strip()) <= MAX_PROOF_CHARACTERS:
        vi = f"Nhập bù phải ghi đã ghi nhận tạm ở đâu, tối đa {MAX_PROOF_CHARACTERS} ký tự."
        en = f"Say where it was recorded meanwhile, in at most {MAX_PROOF_CHARACTERS} characters."
        findings.append(Finding("document.back_entry", vi, en, "/back_entry"))
    return findings


__all__ = ["MAX_PROOF_CHARACTERS", "BackEntry", "check_back_entry"]
