"""How the house refuses a package that cannot be read, whatever the libraries that read it call the fault."""

from __future__ import annotations

import logging
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from lxml import etree

from service.domain.errors import Finding, InvalidInput

log = logging.getLogger("congvan.exchange")

_UNREADABLE: Final = (
    ArithmeticError,
    LookupError,
    RecursionError,
    TypeError,
    UnsupportedAlgorithm,
    ValueError,
    etree.LxmlError,
    zipfile.BadZipFile,
    zlib.error,
)


def refuse(code: str, vi: str, en: str, pointer: str = "") -> InvalidInput:
    """Return the error of a package that is not read any further."""
    return InvalidInput(code, vi, en, [Finding(code, vi, en, pointer)])


@contextmanager
def reading() -> Iterator[None]:
    """Read what a stranger made: whatever its bytes, its certificates and its archives bring up is a refusal.

    The libraries that read XML, certificates and archives have errors of their own for what they cannot make
    sense of, and some only show when a value is used.

    Raises:
        InvalidInput: ``edxml.unreadable``.
    """
    try:
        yield
    except _UNREADABLE as error:
        log.warning(
            "a package cannot be read",
            extra={"action": "exchange.unreadable", "fault": type(error).__name__},
            exc_info=True,
        )
        vi, en = "Không đọc được gói tin.", "The package cannot be read."
        raise refuse("edxml.unreadable", vi, en) from error
