"""Opens the keys that lie on this machine, each once for the life of the process.

A key's row names it (``reference``); the key itself and what unlocks it are files of the deployment, which
only its own account can read. A key is used only for the certificate that was registered: a file put in its
place opens nothing.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from handlers.signing.keys import Pkcs12Key, SigningCertificate, SigningKey, read_certificate
from handlers.signing.timestamps import TimestampAuthority
from handlers.signing.token_key import TokenAddress, TokenKey
from handlers.signing.typeface import Typefaces, find_typefaces
from service.domain.errors import Conflict, InvalidInput, Unavailable
from service.domain.signing_places import SigningPlaces

STORED_KINDS: Final = frozenset({"pkcs12", "pkcs11"})
"""Kinds of keys that this machine signs with by itself."""

COMMON_PASSPHRASE: Final = "keys.passphrase"  # noqa: S105 - a file's name
"""The file whose passphrase opens every key that has no file of its own."""

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_MOST_KEYS: Final = 256


def open_key(places: SigningPlaces, kind: str, reference: str, chain: Sequence[bytes] = ()) -> SigningKey:
    """Return a key of this machine.

    Args:
        places: of the deployment.
        kind: ``pkcs12`` (``reference`` is the file's name without ``.p12``) or ``pkcs11`` (``token/label``).
        reference: see ``kind``.
        chain: DER of intermediates, which devices seldom hold.

    Raises:
        InvalidInput: ``key.reference``, no key of that name; ``key.unreadable``, ``key.unusable``,
            ``token.no_key``.
        Unavailable: ``key.no_place``, or the device.
    """
    if places.key_dir is None:
        vi, en = "Máy chủ chưa cấu hình nơi giữ khóa ký số.", "This machine keeps no signing keys."
        raise Unavailable("key.no_place", vi, en)
    if kind == "pkcs12":
        path = places.key_dir / f"{_checked(reference)}.p12"
        if not path.is_file():
            raise _no_such_key()
        return _open_file(path, path.stat().st_mtime_ns)
    token, _, label = reference.partition("/")
    if places.device_module is None:
        vi, en = "Máy chủ chưa cấu hình thiết bị PKCS #11.", "No PKCS #11 device is configured."
        raise Unavailable("token.no_library", vi, en)
    pin = _read_secret(places.key_dir / f"{_checked(token)}.pin")
    return _open_device(places.device_module, token, label, pin, tuple(chain))


def open_registered(row: Any, places: SigningPlaces) -> SigningKey:
    """Return the key of a ``signing_key`` row, once it is the registered one.

    Raises:
        Conflict: ``key.mismatch``, another key lies in its place.
        InvalidInput: see :func:`open_key`.
        Unavailable: see :func:`open_key`.
    """
    key = open_key(places, row.kind, row.reference, chain_of(row))
    if key.certificate.fingerprint != row.fingerprint:
        vi, en = "Khóa trên máy chủ không khớp chứng thư số đã đăng ký.", "Another key lies in its place."
        raise Conflict("key.mismatch", vi, en)
    return key


def certificate_of(row: Any) -> SigningCertificate:
    """Return the registered certificate of a ``signing_key`` row, with its chain."""
    return read_certificate(bytes(row.certificate), chain_of(row))


def chain_of(row: Any) -> tuple[bytes, ...]:
    """Return the intermediates of a ``signing_key`` row as DER."""
    return tuple(base64.b64decode(one) for one in row.chain)


@lru_cache(maxsize=8)
def timestamps_at(url: str) -> TimestampAuthority | None:
    """Return the time-stamping service at an address of the deployment, None without one."""
    return TimestampAuthority(url) if url else None


@lru_cache(maxsize=1)
def typefaces() -> Typefaces:
    """Return the installed typefaces; errors as of :func:`find_typefaces`."""
    return find_typefaces()


@lru_cache(maxsize=_MOST_KEYS)
def _open_file(path: Path, changed: int) -> Pkcs12Key:
    del changed  # a file that was replaced is another key
    own = path.with_suffix(".passphrase")
    return Pkcs12Key.load(path, _read_secret(own if own.is_file() else path.with_name(COMMON_PASSPHRASE)))


@lru_cache(maxsize=_MOST_KEYS)
def _open_device(module: Path, token: str, label: str, pin: str, chain: tuple[bytes, ...]) -> TokenKey:
    return TokenKey(TokenAddress(module, token, label, pin), chain)


def _read_secret(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        vi, en = "Thiếu tệp mật khẩu của khóa trên máy chủ.", "The key's passphrase file is missing."
        raise Unavailable("key.locked", vi, en) from None


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise _no_such_key()
    return name


def _no_such_key() -> InvalidInput:
    vi, en = "Máy chủ không có khóa với tên này.", "This machine has no key of that name."
    return InvalidInput("key.reference", vi, en)
