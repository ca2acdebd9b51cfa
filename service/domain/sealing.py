"""Secrets that rest in the database: sealed by AES-256-GCM with a key that is not in it (ASVS 5.0, 11.3).

Each secret is bound to what it belongs to, so that whoever can write to the database cannot move one person's
secret to another. The key's file holds one key a line: the first seals, all of them open, so that a key can
be replaced by writing the new one above the old.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from service.domain.errors import Unavailable

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_VERSION: Final = "1"


class SecretKeyError(ValueError):
    """The file of the secret key cannot be used; its text is one line for the operator."""


class Sealer:
    """Seals and opens secrets.

    Args:
        keys: of 32 bytes each; the first seals.
    """

    def __init__(self, *keys: bytes) -> None:
        self._sealing = _key_id(keys[0])
        self._ciphers = {_key_id(key): AESGCM(key) for key in keys}

    def __repr__(self) -> str:
        """Show which keys there are, never a key."""
        return f"Sealer({', '.join(self._ciphers)})"

    def seal(self, secret: str, belongs_to: str) -> str:
        """Return the sealed text; ``belongs_to`` names the object, such as ``second_factor:<account id>``."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._ciphers[self._sealing].encrypt(nonce, secret.encode(), belongs_to.encode())
        return f"{_VERSION}.{self._sealing}.{urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, belongs_to: str) -> str:
        """Return the secret.

        Raises:
            Unavailable: it was sealed with a key that is not here, was changed, or belongs to another object.
        """
        version, _, rest = sealed.partition(".")
        key_id, _, text = rest.partition(".")
        cipher = self._ciphers.get(key_id)
        if version == _VERSION and cipher is not None:
            try:
                raw = urlsafe_b64decode(text)
                return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], belongs_to.encode()).decode()
            except (Base64Error, InvalidTag, ValueError):
                pass  # the same answer for each: it says nothing about what was tried
        raise Unavailable(
            "secret.unreadable",
            "Không mở được bí mật đã lưu; quản trị viên cần kiểm tra tệp khóa của hệ thống.",
            "A kept secret cannot be opened; the administrator must check the system's key file.",
        )


def make_key_file(path: Path) -> None:
    """Write a new random key into ``path``, for its owner only (mode 600), unless the file is there.

    Processes that start together agree on one key: the file appears whole, or not at all.
    """
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    draft.touch(mode=0o600)
    try:
        draft.write_text(urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode() + "\n", encoding="ascii")
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def read_sealer(path: Path) -> Sealer:
    """Return the sealer of a key file.

    Raises:
        SecretKeyError: there is no such file, others may read it, or it holds no keys.
    """
    try:
        mode = path.stat().st_mode
        lines = path.read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError) as error:
        raise SecretKeyError(f"{path}: the secret key cannot be read") from error
    if mode & 0o077:
        raise SecretKeyError(f"{path}: others than its owner may read the secret key; use mode 600")
    keys = [_key(path, line) for line in lines]
    if not keys:
        raise SecretKeyError(f"{path}: there is no key in it")
    return Sealer(*keys)


def _key(path: Path, line: str) -> bytes:
    try:
        key = urlsafe_b64decode(line)
    except Base64Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise SecretKeyError(f"{path}: each line must hold {KEY_BYTES} bytes in base64")
    return key


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"congvan key id:" + key).hexdigest()[:8]
