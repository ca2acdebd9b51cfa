"""Files by content: the SHA-256 is the name, so that nothing is stored twice and nothing changes unseen.

A file is on the disk, synced and renamed into place, before any row points to it; a row that was rolled back
leaves an orphan, which a sweep removes. Rows belong to agencies: an agency that has no row for a content
cannot read it, even if another agency keeps the same.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service.domain.errors import NotFound, TooLarge
from service.storage.media_types import sniff
from service.storage.models import Blob, table_of
from service.storage.unit_of_work import UnitOfWork

_blob = table_of(Blob)

_CHUNK_BYTES: Final = 256 * 1024
_SHA256_BYTES: Final = 32
ORPHAN_AGE: Final = timedelta(hours=24)
"""A file without a row is left alone for so long: its transaction may still be running."""

_SWEEP_BATCH: Final = 500
_LOCK: Final = ".lock"


class Readable(Protocol):
    """A source of bytes: an upload, an open file."""

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes, empty at the end."""
        ...


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """A file in the store.

    Attributes:
        sha256: of the content.
        size_bytes: of the content.
        media_type: told from the content.
    """

    sha256: bytes
    size_bytes: int
    media_type: str


class BlobStore:
    """The directory of content-addressed files.

    Args:
        directory: made on first use; on the same file system as a whole, because files are renamed.
        limit_bytes: the largest file that is taken.
        is_scanned: whether there is a malware scanner, so that what it has not cleared is not handed out.
    """

    def __init__(self, directory: Path, limit_bytes: int, *, is_scanned: bool = False) -> None:
        self.directory = directory
        self.limit_bytes = limit_bytes
        self.is_scanned = is_scanned

    def put(self, unit: UnitOfWork, source: Readable) -> StoredBlob:
        """Store a content and give the actor's agency a row for it.

        The content streams through; memory use does not depend on its size.

        Raises:
            TooLarge: it is larger than the limit; nothing is left behind.
        """
        stored = self.write(source)
        self.keep(unit, stored)
        return stored

    def write(self, source: Readable) -> StoredBlob:
        """Bring a content onto the disk, durably, without a row.

        Raises:
            TooLarge: it is larger than the limit; nothing is left behind.
        """
        incoming = self.directory / "incoming"
        incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = incoming / secrets.token_hex(16)
        try:
            with draft.open("xb") as file:
                digest, size = self._copy(source, file)
                file.flush()
                os.fsync(file.fileno())
            stored = StoredBlob(digest, size, sniff(draft))
            self._settle(draft, self.path_of(digest))
        finally:
            draft.unlink(missing_ok=True)
        return stored

    def find(self, unit: UnitOfWork, sha256: bytes) -> StoredBlob:
        """Return what the actor's agency keeps under an address.

        Raises:
            NotFound: the agency has no such content.
        """
        row = unit.session.execute(
            select(_blob.c.size_bytes, _blob.c.media_type).where(_blob.c.sha256 == sha256),
        ).first()
        if row is None:
            raise NotFound("blob.not_found", "Không có tệp này.", "There is no such file.")
        return StoredBlob(sha256, row.size_bytes, row.media_type)

    def open(self, unit: UnitOfWork, sha256: bytes) -> BinaryIO:
        """Open a content of the actor's agency for reading.

        Raises:
            NotFound: the agency has no such content.
        """
        self.find(unit, sha256)
        return self.path_of(sha256).open("rb")

    def chunks(self, unit: UnitOfWork, sha256: bytes) -> Iterator[bytes]:
        """Return the content in pieces, for an answer that streams; the right is checked before the first.

        Raises:
            NotFound: the agency has no such content.
        """
        return _pieces(self.open(unit, sha256))

    def path_of(self, sha256: bytes) -> Path:
        """Return where a content lies: two levels of directories, by its first two bytes."""
        if len(sha256) != _SHA256_BYTES:
            raise ValueError("an address is a SHA-256")
        name = sha256.hex()
        return self.directory / name[:2] / name[2:4] / name

    def check(self, sha256: bytes) -> bool:
        """Whether the content is on the disk and still has its address."""
        path = self.path_of(sha256)
        if not path.exists():
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest() == sha256

    def keep(self, unit: UnitOfWork, stored: StoredBlob) -> None:
        """Give the actor's agency a row for a content that :meth:`write` brought in."""
        unit.session.execute(
            insert(_blob)
            .values(
                agency_id=unit.actor.agency_id,
                sha256=stored.sha256,
                size_bytes=stored.size_bytes,
                media_type=stored.media_type,
                created_at=unit.now,
            )
            .on_conflict_do_nothing(),
        )

    def erase(self, session: Session, sha256: bytes) -> bool:
        """Overwrite and remove a content, unless an agency has a row for it; return whether it is gone.

        Overwriting is best effort: what a file system or a disk keeps elsewhere is beyond a program.
        """
        with self._lock(fcntl.LOCK_EX):
            path = self.path_of(sha256)
            used = session.execute(text("SELECT used_blobs(:addresses)"), {"addresses": [sha256]}).first()
            if used is not None:
                return False
            if path.exists():
                _overwrite(path)
                path.unlink()
                _sync_directory(path.parent)
        return True

    def sweep_orphans(self, session: Session, now: datetime) -> int:
        """Remove files that no agency has a row for and that are older than :data:`ORPHAN_AGE`.

        Args:
            session: of the runtime role, under no agency.
            now: aware.

        Returns:
            How many files went.
        """
        cutoff = (now - ORPHAN_AGE).timestamp()
        gone = 0
        for batch in _batches(path for path in self._files() if path.stat().st_mtime <= cutoff):
            with self._lock(fcntl.LOCK_EX):
                gone += _remove_unused(session, batch, cutoff)
        return gone

    def _files(self) -> Iterator[Path]:
        if self.directory.exists():
            yield from (path for path in self.directory.rglob("*") if path.is_file() and path.name != _LOCK)

    @contextmanager
    def _lock(self, mode: int) -> Iterator[None]:
        """Keep the sweep (exclusive) from removing what a writer (shared) finds in place and relies on."""
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.directory / _LOCK).open("a") as lock:
            fcntl.flock(lock, mode)
            yield

    def _copy(self, source: Readable, file: BinaryIO) -> tuple[bytes, int]:
        digest, size = hashlib.sha256(), 0
        while chunk := source.read(_CHUNK_BYTES):
            size += len(chunk)
            if size > self.limit_bytes:
                raise _too_large(self.limit_bytes)
            digest.update(chunk)
            file.write(chunk)
        return digest.digest(), size

    def _settle(self, draft: Path, path: Path) -> None:
        """Rename the draft into place; an existing file is only touched, so that no sweep takes it now."""
        with self._lock(fcntl.LOCK_SH):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if path.exists():
                os.utime(path)
                return
            draft.chmod(0o400)
            draft.rename(path)
        for directory in (path.parent, path.parent.parent, self.directory):
            _sync_directory(directory)


def _batches(paths: Iterable[Path]) -> Iterator[list[Path]]:
    rest = iter(paths)
    while batch := list(islice(rest, _SWEEP_BATCH)):
        yield batch


def _remove_unused(session: Session, paths: list[Path], cutoff: float) -> int:
    """Remove what has no row and was not touched since; drafts that nobody finished have no address."""
    addresses = {path: bytes.fromhex(path.name) for path in paths}
    statement = text("SELECT used_blobs(:addresses)")
    used = {
        bytes(address)
        for address in session.execute(statement, {"addresses": list(addresses.values())}).scalars()
    }
    unused = [path for path in paths if addresses[path] not in used and path.stat().st_mtime <= cutoff]
    for path in unused:
        path.unlink(missing_ok=True)
    return len(unused)


def _overwrite(path: Path) -> None:
    path.chmod(0o600)
    with path.open("r+b") as file:
        left = path.stat().st_size
        while left > 0:
            left -= file.write(bytes(min(left, _CHUNK_BYTES)))
        file.flush()
        os.fsync(file.fileno())


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def _sync_directory(directory: Path) -> None:
    """Make a rename durable (fsync(2): a directory entry needs its own)."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _too_large(limit_bytes: int) -> TooLarge:
    megabytes = limit_bytes / (1024 * 1024)
    return TooLarge(
        "file.too_large",
        f"Tệp vượt quá giới hạn {megabytes:g} MB.",
        f"The file is larger than the limit of {megabytes:g} MB.",
        extra={"limit_bytes": limit_bytes},
    )
