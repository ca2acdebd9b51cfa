"""What a file is, told from its content: a name proves nothing (OWASP ASVS 5.0 5.2.2).

Only formats that an office exchanges are told apart; everything else is ``application/octet-stream``, which
no browser renders.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import BinaryIO, Final

PDF: Final = "application/pdf"
PNG: Final = "image/png"
JPEG: Final = "image/jpeg"
TIFF: Final = "image/tiff"
XML: Final = "application/xml"
TEXT: Final = "text/plain"
ZIP: Final = "application/zip"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX: Final = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
OLD_OFFICE: Final = "application/x-ole-storage"
UNKNOWN: Final = "application/octet-stream"

_HEAD_BYTES: Final = 4096
_PDF_MARK_WITHIN: Final = 1024
"""A PDF's mark may follow other bytes, within the first 1,024 (ISO 32000-1 annex H, note 13)."""

_ODF_PREFIX: Final = "application/vnd.oasis.opendocument."
_LONGEST_MIMETYPE: Final = 100
_MOST_ENTRIES: Final = 10_000
LARGEST_DIRECTORY_BYTES: Final = 2 * 1024 * 1024
"""Some 20,000 entries: far more than office documents have, and nothing yet that hurts."""

_END: Final = b"PK\x05\x06"
_END_BYTES: Final = 22
_LOCATOR_BYTES: Final = 20
_LARGE_END_BYTES: Final = 56
_LONGEST_END: Final = 65_535 + _END_BYTES + _LOCATOR_BYTES + _LARGE_END_BYTES

_MARKS: Final = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLD_OFFICE),
)
_OOXML: Final = (
    ("word/document.xml", DOCX),
    ("xl/workbook.xml", XLSX),
    ("ppt/presentation.xml", PPTX),
)


def sniff(path: Path) -> str:
    """Return the media type of a file by its content."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        for mark, media_type in _MARKS:
            if head.startswith(mark):
                return media_type
        if head.startswith(b"PK\x03\x04"):
            return _sniff_zip(file)
    if b"%PDF-" in head[:_PDF_MARK_WITHIN]:
        return PDF
    return _sniff_text(head, is_whole=len(head) < _HEAD_BYTES)


def directory_bytes(file: BinaryIO) -> int:
    """Return how long the directory of an archive says it is; whoever lists it holds all of it in memory.

    By the end record, or the one of large archives before it (APPNOTE 4.3.14, 4.3.16); 0 without any.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _LONGEST_END))
    tail = file.read(_LONGEST_END)
    last = len(tail) - _END_BYTES  # without a comment; its own bytes may look like another record's beginning
    is_plain = last >= 0 and tail.startswith(_END, last) and tail.endswith(b"\0\0")
    end = last if is_plain else tail.rfind(_END)
    if not 0 <= end <= len(tail) - _END_BYTES:
        return 0
    found = int.from_bytes(tail[end + 12 : end + 16], "little")
    large = end - _LOCATOR_BYTES - _LARGE_END_BYTES
    if large >= 0 and tail[large : large + 4] == b"PK\x06\x06":
        found = max(found, int.from_bytes(tail[large + 40 : large + 48], "little"))
    return found


def _sniff_zip(file: BinaryIO) -> str:
    """Tell the office formats apart by their member names; no member is unpacked but a short stored one."""
    if directory_bytes(file) > LARGEST_DIRECTORY_BYTES:
        return UNKNOWN
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            if len(entries) > _MOST_ENTRIES:
                return ZIP
            names = {entry.filename for entry in entries}
            if "mimetype" in names:
                return _sniff_open_document(archive)
            if "[Content_Types].xml" in names:
                return next((media_type for name, media_type in _OOXML if name in names), ZIP)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return UNKNOWN
    return ZIP


def _sniff_open_document(archive: zipfile.ZipFile) -> str:
    entry = archive.getinfo("mimetype")
    if entry.compress_type != zipfile.ZIP_STORED or entry.file_size > _LONGEST_MIMETYPE:
        return ZIP  # OpenDocument 1.3 part 2, 3.3: the member is stored, not compressed
    declared = archive.read(entry).decode("ascii", errors="replace").strip()
    return declared if declared.startswith(_ODF_PREFIX) and declared.isprintable() else ZIP


def _sniff_text(head: bytes, *, is_whole: bool) -> str:
    try:
        text = head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The last character may be cut by the end of what was read.
        if is_whole or error.start < len(head) - 3:
            return UNKNOWN
        text = head[: error.start].decode("utf-8-sig")
    if not text or any(character < " " and character not in "\t\n\r\f" for character in text):
        return UNKNOWN
    return XML if text.lstrip().startswith("<?xml") else TEXT
