"""Reads a bundle from an uploaded ZIP without trusting a word of it: names, sizes, counts, ratios."""

from __future__ import annotations

import io
import re
import stat
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from service.domain.errors import InvalidInput
from service.engine.definition.bundle import Bundle, BundleFile, is_bundle_file
from service.engine.definition.rule import Rule

_CHAPTER = "docs/deploy-checks.md, Bundles"


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What an archive may hold; all counted on the bytes that come out, not on what the archive claims.

    Attributes:
        archive_bytes: the ZIP itself.
        files: entries, folders included.
        file_bytes: one unpacked file.
        total_bytes: all unpacked files.
        ratio: unpacked to packed size of one file, beyond ``ratio_from_bytes``.
        ratio_from_bytes: files smaller than this may have any ratio.
        path_chars: length of a path.
        folders: depth of folders.
    """

    archive_bytes: int = 10 * 1024 * 1024
    files: int = 300
    file_bytes: int = 5 * 1024 * 1024
    total_bytes: int = 20 * 1024 * 1024
    ratio: int = 100
    ratio_from_bytes: int = 65_536
    path_chars: int = 200
    folders: int = 4


def _rule(code: str, vi: str, en: str, mend_vi: str, mend_en: str) -> Rule:
    return Rule(code, _CHAPTER, vi, en, mend_vi, mend_en)


NOT_A_ZIP = _rule(
    "archive.not_a_zip",
    "Tệp tải lên không phải ZIP hợp lệ hoặc bị hỏng.",
    "The upload is not a valid ZIP, or it is damaged.",
    "Nén lại gói bằng định dạng ZIP thường.",
    "Pack the bundle again as a plain ZIP.",
)
TOO_LARGE = _rule(
    "archive.too_large",
    "Gói vượt giới hạn {what_vi} ({limit}) tại “{file}”.",
    "The bundle is over its limit of {what_en} ({limit}) at “{file}”.",
    "Bỏ bớt tệp hoặc tách thành nhiều gói.",
    "Leave files out, or split the bundle.",
)
BAD_PATH = _rule(
    "archive.bad_path",
    "Đường dẫn “{file}” trong gói không được phép: {reason_vi}.",
    "The path “{file}” in the bundle is not allowed: {reason_en}.",
    "Dùng đường dẫn tương đối ngắn, chữ NFC, dấu “/”.",
    "Use a short relative path in NFC with “/”.",
)
BAD_ENTRY = _rule(
    "archive.bad_entry",
    "Mục “{file}” trong gói không được phép: {reason_vi}.",
    "The entry “{file}” of the bundle is not allowed: {reason_en}.",
    "Chỉ đóng gói tệp thường, không mã hoá, nén kiểu deflate.",
    "Pack plain files only, not encrypted, stored or deflated.",
)
NO_KEY = _rule(
    "archive.no_key",
    "Không rõ mã quy trình của gói: cần đúng một tệp .bpmn ở thư mục gốc, hoặc nói rõ mã.",
    "The bundle's key is not clear: it needs exactly one .bpmn file at the top, or the key must be said.",
    "Đặt sơ đồ chính ở thư mục gốc với tên <mã quy trình>.bpmn.",
    "Put the main diagram at the top as <process key>.bpmn.",
)
ARCHIVE_RULES = (NOT_A_ZIP, TOO_LARGE, BAD_PATH, BAD_ENTRY, NO_KEY)

_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_PIECE_BYTES = 65_536


def read_zip(data: bytes, key: str | None = None, limits: ArchiveLimits | None = None) -> Bundle:
    """Return the bundle in a ZIP archive.

    Args:
        data: the archive.
        key: the process key; None takes the name of the only ``.bpmn`` file at the top.
        limits: what the archive may hold; None for the house's limits.

    Raises:
        InvalidInput: with one finding of ``ARCHIVE_RULES``.
    """
    bounds = limits or ArchiveLimits()
    if len(data) > bounds.archive_bytes:
        raise _refusal(TOO_LARGE, "ZIP", what_vi="dung lượng", what_en="size", limit=bounds.archive_bytes)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = _Reader(archive, bounds).read()
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError):
        raise _refusal(NOT_A_ZIP, "ZIP") from None
    return Bundle(key or _key_of(files), files)


def _refusal(rule: Rule, file: str, **values: Any) -> InvalidInput:
    finding = rule.finding(file[:200], **values)
    return InvalidInput(rule.code, finding.vi, finding.en, [finding])


def _key_of(files: tuple[BundleFile, ...]) -> str:
    top = [file.path for file in files if file.path.endswith(".bpmn") and "/" not in file.path]
    if len(top) != 1:
        raise _refusal(NO_KEY, "ZIP")
    return top[0].removesuffix(".bpmn")


class _Reader:
    """Reads the entries of one archive and stops at the first that is out of bounds."""

    def __init__(self, archive: zipfile.ZipFile, bounds: ArchiveLimits) -> None:
        self._archive = archive
        self._bounds = bounds
        self._total = 0
        self._seen: set[str] = set()

    def read(self) -> tuple[BundleFile, ...]:
        entries = self._archive.infolist()
        if len(entries) > self._bounds.files:
            limit = self._bounds.files
            raise _refusal(TOO_LARGE, "ZIP", what_vi="số tệp", what_en="files", limit=limit)
        for entry in entries:
            self._check_entry(entry)
        files = [BundleFile(one.filename, self._content(one)) for one in entries if not one.is_dir()]
        return tuple(sorted(files, key=lambda one: one.path))

    def _check_entry(self, entry: zipfile.ZipInfo) -> None:
        reason = path_complaint(entry.filename, self._bounds)
        if reason is not None:
            raise _refusal(BAD_PATH, repr(entry.filename)[1:-1], reason_vi=reason[0], reason_en=reason[1])
        is_second = entry.filename.casefold() in self._seen
        self._seen.add(entry.filename.casefold())
        reason = _REPEATED if is_second else _entry_complaint(entry)
        if reason is not None:
            raise _refusal(BAD_ENTRY, entry.filename, reason_vi=reason[0], reason_en=reason[1])

    def _content(self, entry: zipfile.ZipInfo) -> bytes:
        pieces: list[bytes] = []
        size = 0
        with self._archive.open(entry) as source:
            while piece := source.read(_PIECE_BYTES):
                size += len(piece)
                self._total += len(piece)
                self._check_size(entry, size)
                pieces.append(piece)
        return b"".join(pieces)

    def _check_size(self, entry: zipfile.ZipInfo, size: int) -> None:
        bounds = self._bounds
        if size > bounds.file_bytes:
            raise self._too(entry, "dung lượng một tệp", "bytes in one file", bounds.file_bytes)
        if self._total > bounds.total_bytes:
            raise self._too(entry, "tổng dung lượng", "bytes in all", bounds.total_bytes)
        if size > bounds.ratio_from_bytes and size > bounds.ratio * max(entry.compress_size, 1):
            raise self._too(entry, "tỷ lệ nén", "compression ratio", bounds.ratio)

    @staticmethod
    def _too(entry: zipfile.ZipInfo, what_vi: str, what_en: str, limit: int) -> InvalidInput:
        return _refusal(TOO_LARGE, entry.filename, what_vi=what_vi, what_en=what_en, limit=limit)


def path_complaint(path: str, bounds: ArchiveLimits) -> tuple[str, str] | None:
    """Return why a path in an archive is refused, in both languages; None if it is fine."""
    parts = PurePosixPath(path).parts
    complaints = {
        ("rỗng", "it is empty"): not path.strip("/"),
        ("quá dài", "it is too long"): len(path) > bounds.path_chars,
        ("không phải đường dẫn tương đối", "it is not relative"): path.startswith(("/", "~")) or ":" in path,
        ("có dấu “\\”", "it has a backslash"): "\\" in path,
        ("có phần bắt đầu bằng dấu chấm", "a part begins with a dot"): any(
            one.startswith(".") for one in parts
        ),
        ("có dấu “//”", "it has “//”"): "//" in path,
        ("có ký tự điều khiển", "it has a control character"): _CONTROL.search(path) is not None,
        ("không ở dạng NFC", "it is not in NFC"): not unicodedata.is_normalized("NFC", path),
        ("quá nhiều cấp thư mục", "its folders are too deep"): len(parts) > bounds.folders + 1,
    }
    return next((reason for reason, holds in complaints.items() if holds), None)


_REPEATED = ("trùng tên (không phân biệt hoa thường)", "its name is repeated (upper and lower case are one)")


def _entry_complaint(entry: zipfile.ZipInfo) -> tuple[str, str] | None:
    if entry.flag_bits & _ENCRYPTED:
        return "bị mã hoá", "it is encrypted"
    if entry.compress_type not in _METHODS:
        return "kiểu nén lạ", "its compression is not known here"
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "là liên kết hoặc thiết bị", "it is a link or a device"
    if not entry.is_dir() and not is_bundle_file(entry.filename):
        return "không phải .bpmn, .dmn hay .form.json", "it is no .bpmn, .dmn or .form.json"
    return None
