"""Where a foreign edXML package becomes a small tree and files: streamed, hardened, within limits.

The bytes go through the parser once. Everything but the files' content makes a tree of at most a few
megabytes; each content goes, decoded, straight to a file. A DOCTYPE, an encoding other than UTF-8, a
processing instruction or a limit ends it. Archives are unpacked by counting the bytes that really come out.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Final

from lxml import etree

from handlers.exchange.archives import ArchiveLimits, Unpacked, unpack
from handlers.exchange.refusals import reading, refuse
from service.domain.errors import InvalidInput, TooLarge
from service.storage.blobs import Readable

Element = etree._Element  # noqa: SLF001 - lxml has no public name for the class of its elements

_PIECE_BYTES: Final = 64 * 1024
_TAIL_BYTES: Final = 16
_CONTENT: Final = "contenttransferencoded"
_DECLARED: Final = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]*)[\"']")
_ASCII_COMPATIBLE: Final = frozenset({b"utf-8", b"utf8", b"us-ascii", b"ascii"})
_BLANKS: Final = bytes.maketrans(b"", b"")


@dataclass(frozen=True, slots=True)
class PackageLimits:
    """What one package may hold.

    Attributes:
        header_bytes: everything that is no file's content.
        depth: nesting of elements.
        elements: number of elements.
        attributes: of one element.
        attribute_characters: of one attribute's value.
        name_characters: of a tag's name, its namespace included.
        archive: of the files, before and after unpacking.
    """

    header_bytes: int = 4 * 1024 * 1024
    depth: int = 32
    elements: int = 20_000
    attributes: int = 16
    attribute_characters: int = 4096
    name_characters: int = 256
    archive: ArchiveLimits = field(default_factory=ArchiveLimits)


@dataclass(frozen=True, slots=True)
class PackedFile:
    """A file of a package: how it was named, its digest as sent, and what came out of it.

    Attributes:
        content_id: without ``cid:``.
        sha256: of the decoded content, before unpacking.
        parts: itself, or the members of the archive that it is.
    """

    content_id: str
    name: str
    sha256: bytes
    parts: tuple[Unpacked, ...]


@dataclass(frozen=True, slots=True)
class Package:
    """A package, read: the tree without the files' contents, and the files. Lives as long as its folder."""

    root: Element
    files: tuple[PackedFile, ...]
    sha256: bytes
    size_bytes: int


@contextmanager
def opened_package(source: Readable, limits: PackageLimits | None = None) -> Iterator[Package]:
    """Read a package; its files are gone when the context ends.

    Raises:
        InvalidInput: ``edxml.…``: no XML, hostile, or a file that cannot be decoded or unpacked.
        TooLarge: over a limit of size.
    """
    bounds = limits or PackageLimits()
    with TemporaryDirectory(prefix="congvan-edxml-") as folder:
        target = _Target(Path(folder), bounds)
        try:
            with reading():
                digest, size = _feed(source, target, bounds)
                package = Package(target.root(), _files(target, Path(folder), bounds), digest, size)
            yield package
        finally:
            target.close_files()


def local_name(element: Element) -> str:
    """Return an element's name in small letters, without its namespace."""
    return _local(str(element.tag))


def _local(tag: str) -> str:
    return tag.rpartition("}")[2].lower()


def _feed(source: Readable, target: _Target, bounds: PackageLimits) -> tuple[bytes, int]:
    """Send the bytes through the parser; return their SHA-256 and how many they were."""
    parser = etree.XMLParser(
        target=target, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
    )
    digest, size, outside, tail = hashlib.sha256(), 0, 0, b""
    most = bounds.header_bytes + bounds.archive.total_bytes * 2
    try:
        while piece := source.read(_PIECE_BYTES):
            _watch_bytes(tail + piece, is_first=size == 0)
            tail = piece[-_TAIL_BYTES:]
            digest.update(piece)
            size += len(piece)
            parser.feed(piece)
            outside += 0 if target.is_in_content else len(piece)
            if outside > bounds.header_bytes or size > most:
                raise _too_large(most)
        if size:
            parser.close()
    except etree.XMLSyntaxError as error:
        line = int(error.lineno or 1)
        raise refuse(
            "edxml.not_xml",
            f"Gói tin không phải XML đúng cú pháp (dòng {line}).",
            f"The package is not well-formed XML (line {line}).",
        ) from None
    if not target.is_whole:
        raise refuse("edxml.not_xml", "Gói tin rỗng hoặc bị cắt.", "The package is empty or cut off.")
    return digest.digest(), size


def _watch_bytes(piece: bytes, *, is_first: bool) -> None:
    if b"<!DOCTYPE" in piece or b"<!ENTITY" in piece:
        raise _doctype()
    declared = _DECLARED.match(piece.removeprefix(b"\xef\xbb\xbf")) if is_first else None
    if b"\x00" in piece or (declared and declared[1].lower() not in _ASCII_COMPATIBLE):
        raise refuse("edxml.encoding", "Gói tin không phải UTF-8.", "The package is not UTF-8.")


def _doctype() -> InvalidInput:
    return refuse(
        "edxml.doctype",
        "Gói tin có khai báo DOCTYPE, không được nhận.",
        "The package declares a DOCTYPE, which is not taken.",
    )


def _too_large(limit_bytes: int) -> TooLarge:
    return TooLarge(
        "edxml.too_large",
        "Gói tin vượt quá giới hạn kích thước.",
        "The package is over the limit of size.",
        extra={"limit_bytes": limit_bytes},
    )


class _Target:
    """Takes the parser's events: builds the small tree, decodes contents into files.

    The names of its methods are those of lxml's parser targets.
    """

    def __init__(self, folder: Path, bounds: PackageLimits) -> None:
        self._folder = folder
        self._bounds = bounds
        self._builder: Any = etree.TreeBuilder()
        self._depth = self._elements = self._decoded = 0
        self._root: Element | None = None
        self._decoder: _Decoder | None = None
        self._open: list[BinaryIO] = []
        self.contents: list[tuple[Path, bytes]] = []

    @property
    def is_in_content(self) -> bool:
        """Whether the parser is inside a file's content."""
        return self._decoder is not None

    @property
    def is_whole(self) -> bool:
        """Whether the root element was closed."""
        return self._root is not None

    def root(self) -> Element:
        """Return the tree; a file's content is replaced by its place in :attr:`contents`."""
        assert self._root is not None
        return self._root

    def close_files(self) -> None:
        """Close what a broken package left open."""
        for file in self._open:
            file.close()

    def start(self, tag: Any, attributes: Mapping[Any, Any], nsmap: Mapping[Any, str] | None = None) -> None:
        """Take an opening tag."""
        self._depth += 1
        self._elements += 1
        self._watch(tag, attributes)
        if self._decoder is not None:
            raise _bad_content(len(self.contents))
        spaces = {prefix or None: uri for prefix, uri in (nsmap or {}).items()}
        self._builder.start(tag, dict(attributes), spaces)
        if _local(tag) == _CONTENT:
            if len(self.contents) >= self._bounds.archive.files:
                raise _too_many(self._bounds.archive.files)
            path = self._folder / f"content-{len(self.contents)}"
            file = path.open("wb")
            self._open.append(file)
            self._decoder = _Decoder(file, self._bounds.archive.total_bytes - self._decoded)

    def end(self, tag: Any) -> None:
        """Take a closing tag."""
        self._depth -= 1
        if self._decoder is not None:
            number = len(self.contents)
            try:
                digest = self._decoder.finish()
            except binascii.Error:
                raise _bad_content(number) from None
            self._decoded += self._decoder.size_bytes
            self._open.pop().close()
            self.contents.append((self._folder / f"content-{number}", digest))
            self._builder.data(str(number))
            self._decoder = None
        self._builder.end(tag)
        if self._depth == 0:
            self._root = self._builder.close()

    def data(self, data: Any) -> None:
        """Take a piece of text."""
        if self._decoder is None:
            self._builder.data(data)
            return
        try:
            self._decoder.write(str(data).encode("ascii"))
        except (UnicodeEncodeError, binascii.Error):
            raise _bad_content(len(self.contents)) from None

    def doctype(self, *_: object) -> None:
        """Refuse a document type."""
        raise _doctype()

    def pi(self, *_: object) -> None:
        """Refuse a processing instruction."""
        raise refuse(
            "edxml.processing_instruction",
            "Gói tin có chỉ thị xử lý, không được nhận.",
            "The package has a processing instruction, which is not taken.",
        )

    def comment(self, *_: object) -> None:
        """Leave a comment out."""

    def close(self) -> None:
        """End of the document."""

    def _watch(self, tag: str, attributes: Mapping[str, str]) -> None:
        bounds = self._bounds
        is_over = (
            self._depth > bounds.depth
            or self._elements > bounds.elements
            or len(attributes) > bounds.attributes
            or len(tag) > bounds.name_characters
            or any(
                len(name) > bounds.name_characters or len(value) > bounds.attribute_characters
                for name, value in attributes.items()
            )
        )
        if is_over:
            raise refuse(
                "edxml.too_complex",
                "Cấu trúc gói tin vượt giới hạn (độ sâu, số phần tử hoặc thuộc tính).",
                "The package's structure is over a limit (depth, elements or attributes).",
            )


class _Decoder:
    """Decodes base64 that comes in pieces."""

    def __init__(self, file: BinaryIO, room_bytes: int) -> None:
        self._file = file
        self._room_bytes = room_bytes
        self._rest = b""
        self._digest = hashlib.sha256()
        self.size_bytes = 0

    def write(self, text: bytes) -> None:
        """Take a piece of base64, blanks between included.

        Raises:
            binascii.Error: no base64.
            TooLarge: more than there is room for.
        """
        self._rest += text.translate(_BLANKS, b" \t\r\n")
        whole = len(self._rest) - len(self._rest) % 4
        self._put(self._rest[:whole])
        self._rest = self._rest[whole:]

    def finish(self) -> bytes:
        """Return the content's SHA-256.

        Raises:
            binascii.Error: the base64 is cut off.
        """
        if self._rest:
            raise binascii.Error("incomplete")
        return self._digest.digest()

    def _put(self, text: bytes) -> None:
        content = base64.b64decode(text, validate=True)
        self.size_bytes += len(content)
        if self.size_bytes > self._room_bytes:
            raise _too_large(self._room_bytes)
        self._digest.update(content)
        self._file.write(content)


def _bad_content(number: int) -> InvalidInput:
    vi = f"Nội dung tệp thứ {number + 1} không phải base64."
    en = f"The content of file {number + 1} is no base64."
    return refuse("M.AttachmentEncoded.Attachment.ContentTransferEncoded", vi, en, f"/files/{number}")


def _too_many(limit: int) -> InvalidInput:
    vi, en = f"Gói tin có quá {limit} tệp.", f"The package holds more than {limit} files."
    return refuse("edxml.too_many_files", vi, en, "/files")


def _files(target: _Target, folder: Path, bounds: PackageLimits) -> tuple[PackedFile, ...]:
    """Return the files with the names that their attachments give, archives unpacked."""
    found: list[PackedFile] = []
    room = bounds.archive
    for element in target.root().iter(tag=etree.Element):
        if local_name(element) != _CONTENT or not (element.text or "").strip().isdigit():
            continue
        number = int(element.text or 0)
        path, digest = target.contents[number]
        said = {local_name(one): (one.text or "").strip() for one in _siblings(element)}
        content_id = said.get("contentid", "").removeprefix("cid:") or f"file-{number + 1}"
        name = said.get("attachmentname") or said.get("description") or content_id
        parts = unpack(path, name, folder / f"parts-{number}", room, f"/files/{number}")
        room = room.less(parts)
        found.append(PackedFile(content_id, name, digest, parts))
    return tuple(found)


def _siblings(element: Element) -> list[Element]:
    parent = element.getparent()
    return [] if parent is None else list(parent.iterchildren(tag=etree.Element))
