"""Packages that mean harm cost no more than their limit and leave nothing behind."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from handlers.exchange.archives import ArchiveLimits, unpack
from handlers.exchange.package_intake import PackageLimits, opened_package
from service.domain.errors import InvalidInput, TooLarge
from tests.handlers.exchange.letters import file_content, package

HEAD = '<?xml version="1.0"?>'
BOMB = (
    HEAD
    + '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><edXML>&b;</edXML>'
)
FILE_ENTITY = HEAD + '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><edXML>&x;</edXML>'
HOSTILE = {
    "an entity bomb": (BOMB.encode(), "edxml.doctype"),
    "an outside entity": (FILE_ENTITY.encode(), "edxml.doctype"),
    "a document type alone": (b"<!DOCTYPE edXML><edXML/>", "edxml.doctype"),
    "UTF-16": ("<edXML/>".encode("utf-16"), "edxml.encoding"),
    "another encoding": (b'<?xml version="1.0" encoding="IBM037"?><edXML/>', "edxml.encoding"),
    "an undeclared entity": (b"<edXML>&lol;</edXML>", "edxml.not_xml"),
    "a cut off file": (package()[:-40], "edxml.not_xml"),
    "nothing": (b"", "edxml.not_xml"),
    "no XML": (b"%PDF-1.7", "edxml.not_xml"),
    "depth": (b"<edXML>" * 200 + b"</edXML>" * 200, "edxml.too_complex"),
    "many elements": (b"<edXML>" + b"<a/>" * 30_000 + b"</edXML>", "edxml.too_complex"),
    "a huge attribute": (b'<edXML a="' + b"x" * 100_000 + b'"/>', "edxml.too_complex"),
    "many attributes": (
        b"<edXML " + b" ".join(b'a%d="1"' % n for n in range(500)) + b"/>",
        "edxml.too_complex",
    ),
    "a long name": (b"<edXML><" + b"n" * 1000 + b"/></edXML>", "edxml.too_complex"),
    "a processing instruction": (
        b'<edXML><?xml-stylesheet href="x"?></edXML>',
        "edxml.processing_instruction",
    ),
    "no base64": (
        b"<edXML><Attachment><ContentTransferEncoded>***</ContentTransferEncoded></Attachment></edXML>",
        "M.AttachmentEncoded.Attachment.ContentTransferEncoded",
    ),
    "half base64": (
        b"<edXML><Attachment><ContentTransferEncoded>QUJ</ContentTransferEncoded></Attachment></edXML>",
        "M.AttachmentEncoded.Attachment.ContentTransferEncoded",
    ),
    "an element inside content": (
        b"<edXML><Attachment><ContentTransferEncoded><a/></ContentTransferEncoded></Attachment></edXML>",
        "M.AttachmentEncoded.Attachment.ContentTransferEncoded",
    ),
}


def opened(content: bytes, limits: PackageLimits | None = None) -> list[str]:
    with opened_package(io.BytesIO(content), limits) as package_:
        return [part.name for file in package_.files for part in file.parts]


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_file(content: bytes, name: str = "ho-so.zip") -> bytes:
    return package([file_content(name, content)])


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused(name):
    content, code = HOSTILE[name]
    with pytest.raises(InvalidInput) as refusal:
        opened(content)
    assert refusal.value.code == code
    assert refusal.value.vi
    assert refusal.value.en


def test_a_header_without_end_is_too_large():
    with pytest.raises(TooLarge):
        opened(b'<edXML a="' + b"x" * 5_000_000)
    with pytest.raises(TooLarge):
        opened(b"<edXML><Subject>" + b"x" * 5_000_000 + b"</Subject></edXML>")


def test_files_over_the_limit_are_too_large():
    limits = PackageLimits(archive=ArchiveLimits(total_bytes=1000))
    with pytest.raises(TooLarge):
        opened(package([file_content(content=b"x" * 1001)]), limits)


def test_too_many_files_are_refused():
    files = [file_content(f"{number}.txt", b"abc", f"f{number}") for number in range(31)]
    with pytest.raises(InvalidInput) as refusal:
        opened(package(files))
    assert refusal.value.code == "edxml.too_many_files"


def test_an_archive_becomes_its_members():
    content = zipped({"thư mục/a.txt": b"mot", "../../b.txt": b"hai", "trong.zip": zipped({"c.txt": b"ba"})})
    assert opened(with_file(content)) == ["a.txt", "b.txt", "c.txt"]


def test_a_file_that_was_packed_alone_keeps_its_own_name():
    assert opened(with_file(zipped({"x.tmp": b"%PDF-1.7 ..."}), "Thông báo 05.pdf")) == ["Thông báo 05.pdf"]


def test_an_office_document_is_no_archive():
    content = zipped({"[Content_Types].xml": b"<a/>", "word/document.xml": b"<a/>"})
    assert opened(with_file(content, "du-thao.docx")) == ["du-thao.docx"]


ARCHIVES = {
    "a bomb": (zipped({"zeros.txt": b"\0" * 30_000_000}), "archive.ratio"),
    "too many members": (zipped({f"{number}.txt": b"a" for number in range(40)}), "archive.too_many"),
    "too deep": (zipped({"a.zip": zipped({"b.zip": zipped({"c.txt": b"a"})})}), "archive.too_deep"),
    "a method that names its own memory": (zipped({"a": b"a" * 9}, zipfile.ZIP_LZMA), "archive.method"),
    "a method that nobody needs": (zipped({"a": b"a" * 9}, zipfile.ZIP_BZIP2), "archive.method"),
    "nothing inside": (zipped({}) or b"", "archive.damaged"),
    "a damaged one": (zipped({"a.txt": b"a" * 5000})[:60] + b"\0" * 200, None),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_hostile_archive_is_refused_or_kept_as_one_file(name):
    content, code = ARCHIVES[name]
    if code is None or not content.startswith(b"PK\x03\x04"):
        assert len(opened(with_file(content))) == 1
        return
    with pytest.raises(InvalidInput) as refusal:
        opened(with_file(content))
    assert refusal.value.code == code
    assert refusal.value.findings[0].pointer == "/files/0"


def test_an_archive_that_lies_about_its_size_is_counted_by_what_comes(tmp_path: Path):
    content = bytearray(zipped({"a.txt": b"x" * 3_000_000}, zipfile.ZIP_STORED))
    path = tmp_path / "a.zip"
    path.write_bytes(bytes(content))
    with pytest.raises(InvalidInput) as refusal:
        unpack(path, "a.zip", tmp_path / "out", ArchiveLimits(total_bytes=2_000_000))
    assert refusal.value.code == "archive.too_large"


def test_an_encrypted_archive_is_refused(tmp_path: Path):
    content = bytearray(zipped({"a.txt": b"secret"}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    with pytest.raises(InvalidInput) as refusal:
        opened(with_file(bytes(content)))
    assert refusal.value.code == "archive.encrypted"


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    opened(package())
    with pytest.raises(InvalidInput):
        opened(package()[:-40])
    assert list(tmp_path.iterdir()) == []
