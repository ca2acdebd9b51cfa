"""Scanning stored contents for malware: once when they come in, again from time to time, and when asked to.

What is found stays locked; clerks, administrators and the head of office are told at once (S1-8.5, S3-19.6,
S4-12.2). A scanner that gives no verdict is asked again later, and the content waits for it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select, update

from handlers.scanning.archives import UnpackRefused, check_unpacking
from handlers.scanning.clamd import Clamd, Verdict
from service.domain.permissions import require
from service.storage.blobs import BlobStore
from service.storage.models import BlobScan, DocumentFile, TaskNote, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

SCAN = table_of(BlobScan)
FILE = table_of(DocumentFile)
NOTE = table_of(TaskNote)

RESCAN_AFTER: Final = timedelta(days=30)
"""A clean content is scanned again: signatures learn of malware after it has come in (S3-19.1)."""

_FIRST_PAUSE: Final = timedelta(seconds=30)
_LONGEST_PAUSE: Final = timedelta(minutes=30)
_MOST_DOUBLINGS: Final = 6
_TOLD: Final = ("role:clerk", "role:admin", "role:head_of_office")


def scan_content(unit: UnitOfWork, blobs: BlobStore, scanner: Clamd, scan_id: UUID) -> str | None:
    """Scan a content that is due and keep the verdict; return the state, None if another worker has it."""
    statement = select(SCAN).where(SCAN.c.id == scan_id).with_for_update(skip_locked=True)
    row = unit.session.execute(statement).one_or_none()
    if row is None or row.due_at is None or row.due_at > unit.now:
        return None
    path = blobs.path_of(bytes(row.sha256))
    if not path.exists():
        return _keep(unit, row, "unknown", "missing")
    try:
        check_unpacking(path)
    except UnpackRefused as refusal:
        return _keep(unit, row, "refused", f"unpacking: {refusal.reason}")
    with path.open("rb") as content:
        verdict: Verdict = scanner.scan(content)
    return _keep(unit, row, verdict.state, verdict.finding)


def postpone(unit: UnitOfWork, scan_id: UUID, fault: str) -> None:
    """Let a content whose scan failed unexpectedly wait: the others must not wait for it."""
    row = unit.session.execute(select(SCAN).where(SCAN.c.id == scan_id)).one()
    _keep(unit, row, "unknown", fault)


def ask_rescan(unit: UnitOfWork, state: str | None = None) -> int:
    """Have contents scanned again, all or those in one state; they stay released or locked until then.

    Raises:
        Forbidden: the actor is no administrator.
    """
    require(unit.actor, "scan.repeat")
    which = SCAN.c.state == state if state is not None else SCAN.c.state.is_not(None)
    asked = update(SCAN).where(which).values(due_at=unit.now, attempts=0).returning(SCAN.c.id)
    count = len(unit.session.execute(asked).all())
    unit.audit(AuditRecord("scan.repeat", "blob_scan", None, {"state": state, "count": count}))
    return count


def _keep(unit: UnitOfWork, row: Row[Any], found: str, finding: str | None) -> str:
    """Write the verdict; without one the state stays, and the next try comes later and later."""
    if found == "unknown":
        pause = min(_FIRST_PAUSE * 2 ** min(row.attempts, _MOST_DOUBLINGS), _LONGEST_PAUSE)
        values = {"attempts": row.attempts + 1, "due_at": unit.now + pause, "finding": finding}
        if row.state != "waiting":  # an old verdict and its finding hold until there is a new one
            values.pop("finding")
        unit.session.execute(update(SCAN).where(SCAN.c.id == row.id).values(values))
        return str(row.state)
    again = unit.now + RESCAN_AFTER if found == "clean" else None
    values = {"state": found, "finding": finding, "attempts": 0, "due_at": again, "scanned_at": unit.now}
    unit.session.execute(update(SCAN).where(SCAN.c.id == row.id).values(values))
    if found != row.state:
        _tell(unit, row, found, finding)
    return found


def _tell(unit: UnitOfWork, row: Row[Any], found: str, finding: str | None) -> None:
    """Leave an audit event of a changed verdict, and tell people of what was locked by it."""
    sha256 = bytes(row.sha256)
    files = select(FILE.c.document_id, FILE.c.file_name).where(FILE.c.sha256 == sha256)
    named = unit.session.execute(files.distinct()).all()
    notes = unit.session.execute(select(NOTE.c.file_name).where(NOTE.c.blob_sha256 == sha256)).scalars()
    documents = sorted({str(one.document_id) for one in named})
    facts = {"sha256": sha256.hex(), "finding": finding, "was": row.state, "documents": documents}
    unit.audit(AuditRecord(f"file.{found}", "blob_scan", row.id, facts))
    if found == "clean":
        return
    name = next(iter([*(one.file_name for one in named), *notes]), sha256.hex()[:12])
    payload: dict[str, Any] = {"kind": "file_locked", "name": name, "urgency": "urgent", "rule": finding}
    if documents:
        payload["document_id"] = documents[0]
    for receiver in _TOLD:
        unit.send("notice", receiver, payload, f"scan:{row.id}:{found}:{unit.now.isoformat()}:{receiver}")
