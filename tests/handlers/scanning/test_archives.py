"""Limits of unpacking: real bytes are counted, whatever an archive declares."""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from pathlib import Path

import pytest

from handlers.scanning.archives import UnpackLimits, UnpackRefused, check_unpacking

SMALL = UnpackLimits(total_bytes=2_000_000, ratio=50, small_bytes=100_000, entries=20, depth=3)


def archive(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return out.getvalue()


def nested(depth: int) -> bytes:
    content = b"at the bottom"
    for _ in range(depth):
        content = archive(inner=content)
    return content


def refused(tmp_path: Path, content: bytes, limits: UnpackLimits = SMALL) -> str | None:
    path = tmp_path / "file"
    path.write_bytes(content)
    try:
        check_unpacking(path, limits)
    except UnpackRefused as refusal:
        return refusal.reason
    return None


def test_an_ordinary_office_file_and_what_is_no_archive_pass(tmp_path: Path) -> None:
    text = os.urandom(60_000).hex().encode()
    assert refused(tmp_path, archive(**{"word/document.xml": text, "[Content_Types].xml": b"<x/>"})) is None
    assert refused(tmp_path, b"%PDF-1.7") is None
    assert refused(tmp_path, b"") is None
    assert refused(tmp_path, nested(3)) is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (archive(zeros=b"\0" * 1_500_000), "ratio"),
        (archive(**{str(one): os.urandom(250_000) for one in range(9)}), "total"),
        (archive(**{str(one): b"" for one in range(21)}), "entries"),
        (nested(4), "depth"),
        (archive(a=b"text")[:40], "broken"),
        (archive(inner=archive(zeros=b"\0" * 1_500_000)), "ratio"),
    ],
    ids=["ratio", "total", "entries", "depth", "broken", "nested ratio"],
)
def test_what_breaks_a_limit_is_refused_with_its_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    assert refused(tmp_path, content) == reason


def test_a_size_that_is_declared_falsely_does_not_help(tmp_path: Path) -> None:
    content = bytearray(archive(zeros=b"\0" * 1_500_000))
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.index(mark) + place
        content[at : at + 4] = (10).to_bytes(4, "little")
    assert refused(tmp_path, bytes(content)) in {"ratio", "broken"}


@pytest.mark.parametrize("declared", [10, 1_500_000 + 10])
def test_a_false_size_is_found_though_the_checksum_fits_it(tmp_path: Path, declared: int) -> None:
    whole = os.urandom(500) * 3_000
    content = bytearray(archive(**{"word/document.xml": whole}))
    told = declared.to_bytes(4, "little")
    checksum = zlib.crc32(whole[:declared]).to_bytes(4, "little")
    for mark, place in ((b"PK\x03\x04", 14), (b"PK\x01\x02", 16)):
        at = content.index(mark) + place
        content[at : at + 4], content[at + 8 : at + 12] = checksum, told
    generous = UnpackLimits()
    assert refused(tmp_path, bytes(content), generous) == "broken"


def test_a_directory_too_long_to_be_listed_is_refused_unread(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for number in range(40):
            made.writestr(f"{number:02}" + "n" * 60_000, b"")
    assert refused(tmp_path, out.getvalue(), UnpackLimits()) == "entries"


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    content = bytearray(archive(secret=b"text"))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + place] |= 1
    assert refused(tmp_path, bytes(content)) == "encrypted"


def test_three_hundred_megabytes_of_zeros_are_given_up_early(tmp_path: Path) -> None:
    assert refused(tmp_path, archive(zeros=b"\0" * 300_000_000), UnpackLimits()) == "ratio"


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_members_packed_by_other_methods_than_office_files_use_are_refused(
    tmp_path: Path, method: int
) -> None:
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("word/document.xml", b"words " * 100)
    content = bytearray(path.read_bytes())
    content[60:70] = bytes(10)  # damaged as well: no error of the method's own may get out
    path.write_bytes(content)
    with pytest.raises(UnpackRefused) as caught:
        check_unpacking(path)
    assert caught.value.reason == "method"
