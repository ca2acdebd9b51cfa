"""Puts the files of a package each into an archive of its own, for partners that want attachments zipped.

So programs of the exchange send them: the archive has one member, its content type is ``application/zip``,
and the attachment keeps the name of the file in it. The same file makes the same archive, and none that a
careful receiver must take for a bomb. What is an archive itself goes as it is: in another one, receivers that
open one level only would lose it.
"""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final

from handlers.exchange.edxml_writer import FileContent
from service.storage.file_names import clean_name
from service.storage.media_types import ZIP

_PIECE_BYTES: Final = 64 * 1024
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest time that an archive can tell: the file's own would make each archive another."""

_UNIX: Final = 3
_PLAIN_FILE: Final = 0o100644 << 16
_MODEST_RATIO: Final = 100
"""What shrinks more than this is stored; the reader of this house takes 200 for a bomb."""


def zip_files(files: Sequence[FileContent], folder: Path) -> tuple[FileContent, ...]:
    """Return the files as they are sent to a partner that wants them zipped.

    Args:
        files: of a package; their notes tell names and media types.
        folder: for the archives, which must last as long as the result.
    """
    return tuple(
        file if _is_archive(file) else _zip_file(file, folder / f"{number}.zip")
        for number, file in enumerate(files)
    )


def _is_archive(file: FileContent) -> bool:
    return file.note.content_type == ZIP or file.note.name.lower().endswith(".zip")


def _zip_file(file: FileContent, path: Path) -> FileContent:
    """Write the archive; its digest is what the package tells, since it is what the package holds."""
    if _write(file, path, zipfile.ZIP_DEFLATED) > _MODEST_RATIO:
        _write(file, path, zipfile.ZIP_STORED)
    with path.open("rb") as archive:
        digest = hashlib.file_digest(archive, "sha256").digest()
    note = replace(file.note, content_type=ZIP, sha256=digest)

    def open_archive() -> BinaryIO:
        return path.open("rb")

    return FileContent(note, open_archive)


def _write(file: FileContent, path: Path, method: int) -> float:
    """Write one member; return how many times larger it is than what it was packed into."""
    entry = zipfile.ZipInfo(clean_name(file.note.name), _EPOCH)
    entry.compress_type = method
    entry.create_system = _UNIX
    entry.external_attr = _PLAIN_FILE
    with file.open() as source, zipfile.ZipFile(path, "w") as archive, archive.open(entry, "w") as member:
        shutil.copyfileobj(source, member, _PIECE_BYTES)
    return entry.file_size / max(1, entry.compress_size)
