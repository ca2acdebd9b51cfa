"""Names of files: one Unicode form, nothing that a path or a header could trip over (RFC 6266)."""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import quote

LONGEST_NAME: Final = 200
_FALLBACK: Final = "tai-lieu"
_UNSAFE: Final = re.compile(r'[\\/:*?"<>|]')
_RESERVED: Final = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)")


def clean_name(name: str) -> str:
    """Return a name that is safe to keep and to offer for download, in NFC, at most 200 characters.

    Directories, control and direction-changing characters, and the names that Windows reserves are removed;
    the extension survives shortening.
    """
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    visible = "".join(character for character in last if unicodedata.category(character)[0] != "C")
    plain = " ".join(_UNSAFE.sub("_", visible).split()).strip(". ")
    if not plain:
        return _FALLBACK
    if _RESERVED.match(plain):
        plain = f"_{plain}"
    if len(plain) <= LONGEST_NAME:
        return plain
    stem, dot, extension = plain.rpartition(".")
    if not dot or len(extension) > LONGEST_NAME // 4:
        return plain[:LONGEST_NAME]
    return stem[: LONGEST_NAME - len(extension) - 1] + dot + extension


def content_disposition(name: str, *, is_inline: bool = False) -> str:
    """Return the Content-Disposition header for a download (RFC 6266, and the ASCII form for old clients)."""
    safe = clean_name(name)
    plain = unicodedata.normalize("NFD", safe.replace("đ", "d").replace("Đ", "D"))
    ascii_name = plain.encode("ascii", errors="ignore").decode() or _FALLBACK
    kind = "inline" if is_inline else "attachment"
    return f"{kind}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(safe, safe='')}"
