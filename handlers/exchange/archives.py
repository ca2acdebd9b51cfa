"""Unpacks archives of foreign packages within limits: entries, real bytes, ratio, nesting.

What an archive says of itself proves nothing: bytes are counted as they come out (a few kilobytes can hold
gigabytes of zeros, which a virus scanner calls clean).
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final

from service.domain.errors import Finding, InvalidInput
from service.storage.archive_members import member_pieces
from service.storage.file_names import clean_name
from service.storage.media_types import ZIP, sniff

_ENCRYPTED: Final = 0x1
_SYMLINK: Final = 0xA000
_KIND_BITS: Final = 0xF000
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""What office programs write. Others let an archive name how much memory it takes to unpack it."""

_FREE_BYTES: Final = 1024 * 1024
"""So much may come out of any entry, whatever its ratio."""


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What the files of one package may come to.

    Attributes:
        files: number of files, after unpacking.
        total_bytes: of all of them together.
        ratio: unpacked to packed bytes of one entry.
        depth: archives within archives.
    """

    files: int = 30
    total_bytes: int = 100 * 1024 * 1024
    ratio: int = 200
    depth: int = 2

    def less(self, parts: Sequence[Unpacked]) -> ArchiveLimits:
        """Return the room that is left after ``parts``."""
        used = sum(part.size_bytes for part in parts)
        return replace(
            self, files=max(0, self.files - len(parts)), total_bytes=max(0, self.total_bytes - used)
        )


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A file that came out: its name, cleaned, and where it lies."""

    name: str
    path: Path
    size_bytes: int

    def open(self) -> BinaryIO:
        """Open it for reading."""
        return self.path.open("rb")


def unpack(
    path: Path, name: str, folder: Path, limits: ArchiveLimits, pointer: str = ""
) -> tuple[Unpacked, ...]:
    """Return the file itself, or what the archive that it is holds; office documents are no archives.

    Args:
        path: the file.
        name: as the sender calls it; the one member of an archive keeps it where it is a document's name.
        folder: for what comes out; made here.
        limits: the room that is left.
        pointer: where the input holds the file.

    Raises:
        InvalidInput: ``archive.…``: over a limit, encrypted, damaged.
    """
    if sniff(path) != ZIP:
        size = path.stat().st_size
        if size > limits.total_bytes or limits.files < 1:
            raise _refusal("too_large", pointer)
        return (Unpacked(clean_name(name), path, size),)
    if limits.depth < 1:
        raise _refusal("too_deep", pointer)
    folder.mkdir(parents=True, exist_ok=True)
    members = _extract(path, folder, limits, pointer)
    found: list[Unpacked] = []
    room = replace(limits, depth=limits.depth - 1)
    for number, member in enumerate(members):
        inner = unpack(member.path, member.name, folder / f"inner-{number}", room, pointer)
        room = room.less(inner)
        found += inner
    if len(found) == 1 and not name.lower().endswith(".zip"):
        return (replace(found[0], name=clean_name(name)),)
    return tuple(found)


def _extract(path: Path, folder: Path, limits: ArchiveLimits, pointer: str) -> list[Unpacked]:
    found: list[Unpacked] = []
    room = limits.total_bytes
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > limits.files:
                raise _refusal("too_many", pointer)
            for number, entry in enumerate(entries):
                _check_entry(entry, pointer)
                target = folder / f"member-{number}"
                size = _copy(archive, entry, target, room=room, ratio=limits.ratio, pointer=pointer)
                room -= size
                found.append(Unpacked(clean_name(entry.filename), target, size))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        raise _refusal("damaged", pointer) from error  # RuntimeError: a password is needed
    if not found:
        raise _refusal("damaged", pointer)
    return found


def _check_entry(entry: zipfile.ZipInfo, pointer: str) -> None:
    if entry.flag_bits & _ENCRYPTED:
        raise _refusal("encrypted", pointer)
    if entry.compress_type not in _METHODS:
        raise _refusal("method", pointer)
    if (entry.external_attr >> 16) & _KIND_BITS == _SYMLINK:
        raise _refusal("damaged", pointer)


def _copy(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, *, room: int, ratio: int, pointer: str
) -> int:
    """Write one entry out, counting what really comes; return how many bytes it was."""
    size = 0
    most = max(_FREE_BYTES, entry.compress_size * ratio)
    with target.open("wb") as out:
        for piece in member_pieces(archive, entry):
            size += len(piece)
            if size > room:
                raise _refusal("too_large", pointer)
            if size > most:
                raise _refusal("ratio", pointer)
            out.write(piece)
    return size


_TEXTS: Final = {
    "too_large": ("Tệp nén bung ra quá lớn.", "The archive unpacks to too much."),
    "too_many": ("Tệp nén có quá nhiều tệp.", "The archive holds too many files."),
    "too_deep": ("Tệp nén lồng nhau quá sâu.", "The archive nests too deep."),
    "ratio": (
        "Tỷ lệ nén bất thường, nghi là bom nén.",
        "The compression is beyond reason: a bomb, it seems.",
    ),
    "method": (
        "Tệp nén dùng cách nén không được nhận.",
        "The archive is compressed in a way that is not taken.",
    ),
    "encrypted": ("Tệp nén có mật khẩu, không kiểm tra được.", "The archive is encrypted."),
    "damaged": ("Tệp nén hỏng hoặc rỗng.", "The archive is damaged or empty."),
}


def _refusal(reason: str, pointer: str) -> InvalidInput:
    code = f"archive.{reason}"
    vi, en = _TEXTS[reason]
    return InvalidInput(code, vi, en, [Finding(code, vi, en, pointer)])
