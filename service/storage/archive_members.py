"""Reads what a ZIP member really unpacks to: the library stops at the size that the member declares.

A false size with a checksum of just so much content would pass for the whole; other programs unpack further.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import IO, Final

PIECE_BYTES: Final = 256 * 1024
_HEADER_BYTES: Final = 30
_NAME_LENGTH: Final = slice(26, 28)
_EXTRA_LENGTH: Final = slice(28, 30)
_RAW: Final = -zlib.MAX_WBITS


def member_pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the content of a stored or deflated member to its true end, at most ``PIECE_BYTES`` a time.

    Args:
        archive: open.
        entry: of it; neither encrypted nor packed in another way.

    Raises:
        BadZipFile: the content is not of the size and checksum that are declared, or goes on after its end.
        zlib.error: it is no deflated stream.
    """
    with archive.open(entry):  # the header before the content has the name that the directory tells
        file = archive.fp
    if file is None or not (entry.compress_size or entry.file_size):
        return
    packed = _packed(file, entry)
    pieces = packed if entry.compress_type == zipfile.ZIP_STORED else _inflated(packed)
    size, checksum = 0, 0
    for piece in pieces:
        size += len(piece)
        checksum = zlib.crc32(piece, checksum)
        yield piece
    if size != entry.file_size or checksum != entry.CRC:
        message = f"{entry.filename!r} is not what it declares"
        raise zipfile.BadZipFile(message)


def _packed(file: IO[bytes], entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the bytes between a member's header and the next one (APPNOTE 4.3.7)."""
    file.seek(entry.header_offset)
    header = file.read(_HEADER_BYTES)
    lengths = (header[_NAME_LENGTH], header[_EXTRA_LENGTH])
    place = entry.header_offset + _HEADER_BYTES + sum(int.from_bytes(one, "little") for one in lengths)
    end = place + entry.compress_size
    while place < end:
        file.seek(place)
        piece = file.read(min(PIECE_BYTES, end - place))
        if not piece:
            raise EOFError
        place += len(piece)
        yield piece


def _inflated(packed: Iterable[bytes]) -> Iterator[bytes]:
    engine = zlib.decompressobj(_RAW)
    for block in packed:
        rest = block
        while rest and not engine.eof:
            yield engine.decompress(rest, PIECE_BYTES)
            rest = engine.unconsumed_tail
        if rest or engine.unused_data:
            break
    yield engine.flush()  # at most what was read but not yet written: some hundred bytes
    if not engine.eof or engine.unused_data:
        message = "the content does not end where it is said to end"
        raise zipfile.BadZipFile(message)
