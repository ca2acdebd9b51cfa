"""Limits of unpacking of our own: a scanner answers OK to what unpacks to a thousand times its size.

What is declared in an archive proves nothing, so the members are really unpacked, piece by piece, and
counted; no piece is kept. Office files (DOCX, XLSX, ODT …) are archives too (OWASP ASVS 5.0, 5.2.3).
"""

from __future__ import annotations

import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, cast

from service.storage.archive_members import member_pieces
from service.storage.media_types import LARGEST_DIRECTORY_BYTES, directory_bytes

MARK: Final = b"PK\x03\x04"
_SPOOL_BYTES: Final = 4 * 1024 * 1024
_ENCRYPTED: Final = 0x1
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""What office files are packed with (ECMA-376 part 2, OpenDocument 1.3 part 2); LZMA names its own memory."""


@dataclass(frozen=True, slots=True)
class UnpackLimits:
    """What an archive may unpack to.

    Attributes:
        total_bytes: of all members together, nested ones too.
        ratio: of unpacked to packed bytes, asked once ``small_bytes`` are passed.
        small_bytes: up to here any ratio is harmless.
        entries: members, nested ones too.
        depth: archives inside archives; 1 = none.
    """

    total_bytes: int = 512 * 1024 * 1024
    ratio: int = 150
    small_bytes: int = 16 * 1024 * 1024
    entries: int = 10_000
    depth: int = 4


class UnpackRefused(Exception):  # noqa: N818 - named for what happened
    """An archive breaks a limit; ``reason`` is total, ratio, entries, depth, encrypted, method or broken."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True)
class _Count:
    limits: UnpackLimits
    packed_bytes: int
    unpacked_bytes: int = 0
    entries: int = 0

    def add(self, size: int) -> None:
        self.unpacked_bytes += size
        if self.unpacked_bytes > self.limits.total_bytes:
            raise UnpackRefused("total")
        is_large = self.unpacked_bytes > self.limits.small_bytes
        if is_large and self.unpacked_bytes > self.limits.ratio * max(1, self.packed_bytes):
            raise UnpackRefused("ratio")


def check_unpacking(path: Path, limits: UnpackLimits | None = None) -> None:
    """Refuse a file that is an archive and breaks the limits; any other file passes.

    Raises:
        UnpackRefused: the first limit that it breaks.
    """
    with path.open("rb") as file:
        if file.read(len(MARK)) != MARK:
            return
        file.seek(0)
        _walk(file, _Count(limits or UnpackLimits(), path.stat().st_size), depth=1)


def _walk(file: BinaryIO, count: _Count, depth: int) -> None:
    if depth > count.limits.depth:
        raise UnpackRefused("depth")
    if directory_bytes(file) > LARGEST_DIRECTORY_BYTES:  # whoever lists it holds all of it
        raise UnpackRefused("entries")
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            count.entries += len(entries)
            if count.entries > count.limits.entries:
                raise UnpackRefused("entries")
            for entry in entries:
                _unpack(archive, entry, count, depth)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        raise UnpackRefused("broken") from None


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, count: _Count, depth: int) -> None:
    if entry.flag_bits & _ENCRYPTED:
        raise UnpackRefused("encrypted")
    if entry.compress_type not in _METHODS:
        raise UnpackRefused("method")
    with tempfile.SpooledTemporaryFile(_SPOOL_BYTES) as nested:
        is_archive: bool | None = None
        for piece in filter(None, member_pieces(archive, entry)):
            count.add(len(piece))
            is_archive = piece.startswith(MARK) if is_archive is None else is_archive
            if is_archive:
                nested.write(piece)
        if is_archive:
            nested.seek(0)
            _walk(cast("BinaryIO", nested), count, depth + 1)
