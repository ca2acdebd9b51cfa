"""State secrets found where they must not be: locked at once, then released or wiped by decision (S0-4.4).

Reporting locks the document for everybody, the clerk too, holds its work, and keeps a list of those who had
read it by then. Wiping takes the bytes of its files out of the store and its words out of the database; that
it was there, when, who read it and who decided stays. What another agency of the installation keeps is for
that agency to report.
"""

from __future__ import annotations

from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, update

from handlers.records.document_row import lock_document
from service.actions.instances import end_work, hold_work, release_work
from service.actions.spill_words import (
    SLIP,
    TOMBSTONE,
    forget_words,
    instances_about,
    mask_words,
    unmask_words,
)
from service.domain.content_policy import SECRECY_NAMES
from service.domain.errors import Finding, InvalidInput
from service.domain.ids import new_id
from service.domain.permissions import Subject, require
from service.domain.records import clean_text
from service.domain.step_up import require_step_up
from service.engine.engine import ProcessEngine
from service.queries.clearance import SCAN, SPILL, SPILL_FILE
from service.queries.document_access import standing_of
from service.queries.spills import SpillView, read_spill, readers_of, spill_not_found
from service.storage.blobs import BlobStore
from service.storage.models import Blob, Document, DocumentFile, SigningConsent, TaskNote, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

BLOB = table_of(Blob)
CONSENT = table_of(SigningConsent)
DOCUMENT = table_of(Document)
FILE = table_of(DocumentFile)
NOTE = table_of(TaskNote)

Decision = Literal["release", "wipe"]
_LONGEST_REASON: Final = 1000
_TOLD: Final = ("role:head_of_office", "role:clerk", "role:admin")


def report_spill(unit: UnitOfWork, document_id: UUID, secrecy: str, reason: str) -> SpillView:
    """Report that a document holds state secrets; from this moment nobody reads it.

    Args:
        unit: of whoever found it; everyone who sees the document may report it.
        document_id: the document.
        secrecy: the level that its content has in truth.
        reason: why; without the secret itself.

    Raises:
        NotFound: absent, not the actor's to see, or locked already.
        InvalidInput: an unknown level, or no reason.
    """
    standing_of(unit, document_id)
    require(unit.actor, "spill.report")
    words = _checked(secrecy, reason)
    document = lock_document(unit, document_id)
    instances = instances_about(unit, document)
    held = [str(one) for one in instances if hold_work(unit, one)]
    unit.flush_writes()
    spill_id = new_id(unit.now)
    notes = _notes(unit, instances)
    readers = readers_of(unit, document_id, [note.id for note in notes])
    row = {
        "id": spill_id,
        "agency_id": unit.actor.agency_id,
        "document_id": document_id,
        "secrecy": secrecy,
        "reason": words,
        "state": "quarantined",
        "readers": readers,
        "masked": mask_words(unit, document, instances) | {"held": held},
        "reported_by_id": unit.actor.account_id,
        "reported_at": unit.now,
    }
    unit.session.execute(insert(SPILL).values(row))
    files = _contents(unit, document_id, notes)
    if files:
        ours = {"spill_id": spill_id, "agency_id": unit.actor.agency_id}
        unit.session.execute(insert(SPILL_FILE), [one | ours for one in files])
    mine = update(DOCUMENT).where(DOCUMENT.c.id == document_id)
    unit.session.execute(mine.values(is_public=False, version=document.version + 1))
    facts = {"secrecy": secrecy, "files": len(files), "readers": len(readers)}
    unit.audit(AuditRecord("spill.report", "spill", spill_id, facts))
    _tell(unit, spill_id, "spill_reported")
    return read_spill(unit, spill_id)


def decide_spill(
    engine: ProcessEngine, unit: UnitOfWork, spill_id: UUID, decision: Decision, reason: str
) -> SpillView:
    """Release what was locked by mistake, or have it wiped, for good and with a second factor proved.

    Raises:
        NotFound: the agency has no such spill.
        Forbidden: the actor may not decide, or has not proved a second factor a moment ago.
        Conflict: it is decided already.
        InvalidInput: no reason.
    """
    spill = _lock(unit, spill_id)
    require(unit.actor, "spill.decide", Subject(spill.state))
    words = _checked(spill.secrecy, reason)
    document = lock_document(unit, spill.document_id)
    instances = instances_about(unit, document)
    if decision == "wipe":
        require_step_up(unit.actor, unit.now)
        _wipe_words(engine, unit, document, instances)
    else:
        unmask_words(unit, spill.masked)
        for instance_id in spill.masked["held"]:
            release_work(engine, unit, UUID(instance_id))
    values: dict[str, Any] = {
        "state": "wiping" if decision == "wipe" else "released",
        "masked": {},
        "decided_by_id": unit.actor.account_id,
        "decided_at": unit.now,
        "decision_reason": words,
    }
    unit.session.execute(update(SPILL).where(SPILL.c.id == spill_id).values(values))
    unit.audit(AuditRecord(f"spill.{decision}", "spill", spill_id, {"reason": words}))
    _tell(unit, spill_id, f"spill_{values['state']}")
    return read_spill(unit, spill_id)


def wipe_bytes(unit: UnitOfWork, blobs: BlobStore, spill_id: UUID) -> str | None:
    """Erase the bytes of a spill that was decided so; return its state, None if another worker has it."""
    statement = select(SPILL).where(SPILL.c.id == spill_id).with_for_update(skip_locked=True)
    spill = unit.session.execute(statement).one_or_none()
    if spill is None or spill.state != "wiping":
        return None
    _add_prepared(unit, blobs, spill)
    files = select(SPILL_FILE).where(SPILL_FILE.c.spill_id == spill_id, SPILL_FILE.c.wiped_at.is_(None))
    outcomes: dict[str, str] = {}
    for file in unit.session.execute(files).all():
        outcome = "erased" if blobs.erase(unit.session, bytes(file.sha256)) else "kept_elsewhere"
        same = (SPILL_FILE.c.spill_id == spill_id) & (SPILL_FILE.c.sha256 == file.sha256)
        done = {"wiped_at": unit.now, "outcome": outcome}
        unit.session.execute(update(SPILL_FILE).where(same).values(done))
        unit.session.execute(update(SCAN).where(SCAN.c.sha256 == file.sha256).values(due_at=None))
        outcomes[bytes(file.sha256).hex()] = outcome
    ended = {"state": "wiped", "wiped_at": unit.now}
    unit.session.execute(update(SPILL).where(SPILL.c.id == spill_id).values(ended))
    unit.audit(AuditRecord("spill.wiped", "spill", spill_id, {"files": outcomes}))
    return "wiped"


def _add_prepared(unit: UnitOfWork, blobs: BlobStore, spill: Row[Any]) -> None:
    """Put on the list what was written for signatures made elsewhere: no files of a document yet."""
    consents = select(CONSENT.c.prepared, CONSENT.c.completed_sha256)
    rows = unit.session.execute(consents.where(CONSENT.c.document_id == spill.document_id)).all()
    kept = [(row.prepared or {}).get("file_sha256") for row in rows]
    addresses = {bytes.fromhex(one) for one in kept if one}
    addresses |= {bytes(row.completed_sha256) for row in rows if row.completed_sha256}
    known = select(SPILL_FILE.c.sha256).where(SPILL_FILE.c.spill_id == spill.id)
    addresses -= {bytes(one) for one in unit.session.execute(known).scalars()}
    paths = {one: blobs.path_of(one) for one in sorted(addresses)}
    ours = {"spill_id": spill.id, "agency_id": unit.actor.agency_id}
    found = [
        ours | {"sha256": one, "size_bytes": path.stat().st_size}
        for one, path in paths.items()
        if path.exists()
    ]
    if found:
        unit.session.execute(insert(SPILL_FILE), found)


def _wipe_words(engine: ProcessEngine, unit: UnitOfWork, document: Row[Any], instances: list[UUID]) -> None:
    """End the work and forget the words; the rows of the files' contents go, so that no agency reads them."""
    for instance_id in instances:
        end_work(engine, unit, instance_id, TOMBSTONE)
    forget_words(unit, document, instances)
    line = {
        "at": unit.now.isoformat(),
        "kind": "wiped",
        "by": unit.actor.login,
        "by_name": unit.actor.full_name,
    }
    trace = select(DOCUMENT.c.trace).where(DOCUMENT.c.id == document.id)
    changed = {
        "status": "deleted",
        "trace": [*unit.session.execute(trace).scalar_one(), line],
        "version": document.version + 1,
    }
    unit.session.execute(update(DOCUMENT).where(DOCUMENT.c.id == document.id).values(changed))
    named = update(FILE).where(FILE.c.document_id == document.id)
    unit.session.execute(named.values(file_name=TOMBSTONE, signature_report=None, reason=""))
    spilled = (
        select(SPILL_FILE.c.sha256)
        .join(SPILL, SPILL.c.id == SPILL_FILE.c.spill_id)
        .where(SPILL.c.document_id == document.id, SPILL.c.state != "released")
    )
    unit.session.execute(delete(BLOB).where(BLOB.c.sha256.in_(spilled)))


def _lock(unit: UnitOfWork, spill_id: UUID) -> Row[Any]:
    row = unit.session.execute(select(SPILL).where(SPILL.c.id == spill_id).with_for_update()).one_or_none()
    if row is None:
        raise spill_not_found()
    return row


def _checked(secrecy: str, reason: str) -> str:
    words, findings = clean_text(reason), []
    if secrecy not in SECRECY_NAMES or secrecy == "none":
        vi, en = "Phải nêu độ mật thực tế của nội dung.", "The true secrecy of the content is required."
        findings.append(Finding("spill.secrecy", vi, en, "/secrecy"))
    if not 0 < len(words) <= _LONGEST_REASON:
        vi, en = "Phải nêu lý do, tối đa 1000 ký tự.", "A reason is required, of at most 1000 characters."
        findings.append(Finding("reason.required", vi, en, "/reason"))
    if findings:
        raise InvalidInput("spill.invalid", "Báo cáo chưa đúng.", "The report is not right.", findings)
    return words


def _notes(unit: UnitOfWork, instances: list[UUID]) -> list[Row[Any]]:
    attached = NOTE.c.instance_id.in_(instances) & NOTE.c.blob_sha256.is_not(None)
    return list(unit.session.execute(select(NOTE.c.id, NOTE.c.blob_sha256).where(attached)))


def _contents(unit: UnitOfWork, document_id: UUID, notes: list[Row[Any]]) -> list[dict[str, Any]]:
    """Return every content of the document, old versions too, of its slips, and of what its work attached."""
    files = select(FILE.c.sha256).where(FILE.c.document_id == document_id)
    addresses = {bytes(one) for one in unit.session.execute(files).scalars()}
    addresses |= {bytes(note.blob_sha256) for note in notes}
    frozen = select(SLIP.c.file_sha256).where(SLIP.c.document_id == document_id)
    addresses |= {bytes(one) for one in unit.session.execute(frozen).scalars() if one is not None}
    known = select(BLOB.c.sha256, BLOB.c.size_bytes).where(BLOB.c.sha256.in_(addresses))
    return [dict(row) for row in unit.session.execute(known).mappings()]


def _tell(unit: UnitOfWork, spill_id: UUID, kind: str) -> None:
    """Tell those who answer for it; the notice names no document and no content."""
    for receiver in _TOLD:
        payload = {"kind": kind, "urgency": "flash"}
        unit.send("notice", receiver, payload, f"spill:{spill_id}:{kind}:{receiver}")
