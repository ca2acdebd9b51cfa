"""Passwords: what is accepted, and how it is kept (argon2id; OWASP ASVS 5.0 6.2, 11.4).

Length and a block list decide, not a mixture of character classes, and nothing expires by itself.
"""

from __future__ import annotations

import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from service.domain.errors import Finding, InvalidInput, Unavailable

SHORTEST: Final = 12
LONGEST: Final = 128

_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODY: Final = (
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZS1zYWx0LW5vYm9keQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)
"""A hash that no password has: checking against it takes as long as checking against a real one."""

_at_work = threading.BoundedSemaphore(2)
"""At most two hashes at a time in one process: logins must not starve everything else of the processor."""

_PATIENCE_SECONDS: Final = 3
"""A flood of logins must not keep every thread of the process waiting for its turn."""

_COMMON: Final = frozenset(
    (
        "123456789012",
        "1234567890123",
        "12345678901234",
        "123456123456",
        "111111111111",
        "000000000000",
        "password1234",
        "passwordpassword",
        "matkhau12345",
        "matkhaumatkhau",
        "qwertyuiop12",
        "qwertyuiop123",
        "qwertyuiop[]",
        "1q2w3e4r5t6y",
        "administrator",
        "vietnam12345",
        "vietnam123456",
        "congvan12345",
        "congvancongvan",
        "vanthuvanthu",
        "anhyeuem1234",
        "anhyeuemnhieu",
        "iloveyou1234",
        "iloveyouiloveyou",
        "abcdefghijkl",
        "abcd12345678",
        "abc123456789",
        "aaaaaaaaaaaa",
    ),
)
"""Long passwords that every guessing list begins with, lower case."""


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password (PHC string), about 40 ms of processor time.

    Raises:
        Unavailable: too many passwords are being checked just now.
    """
    with _turn():
        return _HASHER.hash(_bytes(password))


def verify_password(password: str, password_hash: str | None) -> bool:
    """Whether the password belongs to the hash; an absent hash takes as long and is never right.

    Raises:
        Unavailable: too many passwords are being checked just now.
    """
    with _turn():
        try:
            _HASHER.verify(password_hash or _NOBODY, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None


def needs_rehash(password_hash: str) -> bool:
    """Whether a hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


def check_password(password: str, login: str, pointer: str = "/new_password") -> None:
    """Refuse a password that is too short, too long, commonly guessed, or contains the login name.

    Args:
        password: as typed.
        login: whose it becomes.
        pointer: where the password stands in the input.

    Raises:
        InvalidInput: with one finding for each rule that is broken.
    """
    plain = _normal(password)
    findings = []
    if not SHORTEST <= len(plain) <= LONGEST:
        vi = f"Mật khẩu phải dài từ {SHORTEST} đến {LONGEST} ký tự."
        en = f"A password has {SHORTEST} to {LONGEST} characters."
        findings.append(Finding("password.length", vi, en, pointer))
    if plain.casefold() in _COMMON or len(set(plain)) < 5:  # noqa: PLR2004 - fewer is a pattern, not a secret
        vi = "Mật khẩu này quá dễ đoán; hãy chọn mật khẩu khác."
        en = "This password is too easily guessed; choose another."
        findings.append(Finding("password.common", vi, en, pointer))
    if login and login.casefold() in plain.casefold():
        vi, en = "Mật khẩu không được chứa tên đăng nhập.", "A password may not contain the login name."
        findings.append(Finding("password.contains_login", vi, en, pointer))
    if findings:
        raise InvalidInput("password.refused", findings[0].vi, findings[0].en, findings)


def initial_password() -> str:
    """Return a random first password that can be read out: four groups of four letters and digits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


@contextmanager
def _turn() -> Iterator[None]:
    if not _at_work.acquire(timeout=_PATIENCE_SECONDS):
        raise Unavailable(
            "login.busy",
            "Hệ thống đang xử lý nhiều lượt đăng nhập; hãy thử lại sau ít giây.",
            "Many people are logging in just now; try again in a few seconds.",
        )
    try:
        yield
    finally:
        _at_work.release()


def _bytes(password: str) -> bytes:
    """Return the bytes to hash; a lone surrogate, which no keyboard gives, must not raise."""
    return _normal(password).encode("utf-8", "surrogatepass")


def _normal(password: str) -> str:
    """Bring a password to one form: keyboards compose Vietnamese letters differently (NFC)."""
    return unicodedata.normalize("NFC", password)
