"""Files of a package, each zipped: the same bytes come out, the same archive is made, no reader takes fright."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from handlers.delivery.contacts import Contact
from handlers.delivery.wires import Parcel, packed
from handlers.exchange.archive_writer import zip_files
from handlers.exchange.edxml_reader import read_message
from handlers.exchange.edxml_writer import FileContent
from handlers.exchange.package_intake import opened_package
from handlers.exchange.package_signing import verify_package
from handlers.signing.demo_authority import DemoAuthority
from handlers.signing.keys import Pkcs12Key
from tests.handlers.exchange.letters import AT, LETTER, file_content
from tests.handlers.exchange.test_hostile_packages import zipped
from tests.pdf_files import plain_pdf

NAME = "Báo cáo số 5 – phụ lục.txt"
TEXT = "\n".join(f"Dòng {number}: báo cáo Tỉnh ủy." for number in range(2000)).encode()


def archived(files: list[FileContent], folder: Path) -> list[bytes]:
    folder.mkdir()
    return [file.open().read() for file in zip_files(files, folder)]


def parcel(files: list[FileContent], encoding: str = "zip", key: Pkcs12Key | None = None) -> bytes:
    """Return the bytes of a package to a partner with this setting."""
    receiver = Contact(None, "A01.01.00", "VPTU", attachment_encoding=encoding)
    with packed(Parcel(receiver, LETTER, "key", tuple(files), key)) as (stream, size):
        content = stream.read()
    assert len(content) == size
    return content


def test_an_archive_has_one_member_with_the_files_name_and_no_time_of_its_own(tmp_path: Path) -> None:
    files = [file_content(unicodedata.normalize("NFD", NAME), TEXT), file_content("../../cong-van.pdf")]
    first = archived(files, tmp_path / "a")
    assert first == archived(files, tmp_path / "b")
    assert len(first[0]) < len(TEXT) / 5
    for content, name, data in zip(first, (NAME, "cong-van.pdf"), (TEXT, plain_pdf()), strict=True):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            (entry,) = archive.infolist()
            assert (entry.filename, entry.file_size, archive.read(entry)) == (name, len(data), data)
            assert bool(entry.flag_bits & 0x800) is not name.isascii()
            assert not entry.flag_bits & 0x08, "sizes stand before the data"


def test_what_is_an_archive_already_is_not_put_into_another(tmp_path: Path) -> None:
    inner = zipped({"a.txt": b"mot", "b.txt": b"hai"})
    by_name, by_kind = file_content("ho-so.zip", inner), file_content("ho-so.dat", inner)
    by_kind = replace(by_kind, note=replace(by_kind.note, content_type="application/zip"))
    assert archived([by_name, by_kind], tmp_path / "a") == [inner, inner]


@pytest.mark.parametrize(
    ("content", "method"),
    [(TEXT, zipfile.ZIP_DEFLATED), (b"\0" * 3_000_000, zipfile.ZIP_STORED), (b"", zipfile.ZIP_DEFLATED)],
)
def test_no_archive_of_ours_looks_like_a_bomb(tmp_path: Path, content: bytes, method: int) -> None:
    (made,) = archived([file_content("so-lieu.csv", content)], tmp_path / "a")
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.infolist()[0].compress_type == method
    with opened_package(io.BytesIO(parcel([file_content("so-lieu.csv", content)]))) as package:
        assert [part.path.read_bytes() for file in package.files for part in file.parts] == [content]


@pytest.mark.clause("S3-18.1a", "S3-12.3")
def test_a_zipped_package_tells_type_and_digest_of_what_it_holds_and_is_read_back_whole(
    tmp_path: Path,
) -> None:
    authority = DemoAuthority.create(AT)
    key = Pkcs12Key.open(authority.pack(authority.issue_agency("Ban Tổ chức", "A01.02.00"), "x"), "x")
    authority.save_trust(tmp_path / "trust", AT)
    files = [
        file_content(),
        file_content(NAME, TEXT, "f2"),
        file_content("ho-so.zip", zipped({"a": b"1"}), "f3"),
    ]
    with opened_package(io.BytesIO(parcel(files, key=key))) as package:
        verdict = verify_package(
            package.root,
            package.files,
            senders={"A01.02.00"},
            pinned=None,
            trust_dir=tmp_path / "trust",
            moment=AT,
        )
        letter = read_message(package.root).message
        parts = [(part.name, part.path.read_bytes()) for file in package.files for part in file.parts]
    assert verdict.is_valid
    assert [note.content_type for note in letter.attachments] == ["application/zip"] * 2 + ["application/pdf"]
    assert [note.name for note in letter.attachments] == ["van-ban.pdf", NAME, "ho-so.zip"]
    assert parts == [("van-ban.pdf", plain_pdf()), (NAME, TEXT), ("a", b"1")]


def test_a_package_stays_as_it_was_where_nothing_else_is_registered() -> None:
    with opened_package(io.BytesIO(parcel([file_content()], "base64"))) as package:
        assert read_message(package.root).message.attachments == (file_content().note,)
