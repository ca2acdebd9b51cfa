"""Passwords: length and guessing decide; one Unicode form; argon2id with the parameters of ASVS 5.0."""

from __future__ import annotations

import unicodedata

import pytest

from service.domain import passwords
from service.domain.errors import InvalidInput, Unavailable
from service.domain.passwords import (
    LONGEST,
    SHORTEST,
    check_password,
    hash_password,
    initial_password,
    needs_rehash,
    verify_password,
)


def _codes(password: str, login: str = "lan") -> list[str]:
    try:
        check_password(password, login)
    except InvalidInput as refused:
        return [finding.code for finding in refused.findings]
    return []


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        ("một mật khẩu dài", []),
        ("correct horse battery staple", []),
        ("x1-" * (LONGEST // 3), ["password.common"]),
        ("abcde" * 3, []),
        ("ngan-qua", ["password.length"]),
        ("abcdefg" * 20, ["password.length"]),
        ("Administrator", ["password.common"]),
        ("MATKHAU12345", ["password.common"]),
        ("aaaaaaaaaaaaa", ["password.common"]),
        ("toi-la-LAN-2026", ["password.contains_login"]),
        ("lan", ["password.length", "password.common", "password.contains_login"]),
        ("", ["password.length", "password.common"]),
    ],
)
def test_a_password_is_judged_by_length_and_guessing(password: str, codes: list[str]) -> None:
    assert _codes(password) == codes


def test_length_counts_letters_and_not_bytes() -> None:
    assert _codes("ữ" * 2 + "ỗấếợộịậẫẩ") == ["password.length"]
    assert _codes("ữ" * 2 + "ỗấếợộịậẫẩằ") == []
    assert SHORTEST == 12


def test_refusals_point_to_the_input() -> None:
    with pytest.raises(InvalidInput) as refused:
        check_password("", "lan", "/password")
    assert {finding.pointer for finding in refused.value.findings} == {"/password"}


def test_a_password_belongs_to_its_hash_only() -> None:
    kept = hash_password("một mật khẩu dài")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert verify_password("một mật khẩu dài", kept)
    assert not verify_password("một mật khẩu dài ", kept)
    assert not needs_rehash(kept)
    assert hash_password("một mật khẩu dài") != kept


def test_two_keyboards_that_compose_letters_differently_give_the_same_password() -> None:
    kept = hash_password(unicodedata.normalize("NFC", "mật khẩu của tôi"))
    assert verify_password(unicodedata.normalize("NFD", "mật khẩu của tôi"), kept)


@pytest.mark.parametrize("kept", [None, "", "no hash at all", "$argon2id$broken"])
def test_no_password_belongs_to_no_hash(kept: str | None) -> None:
    assert not verify_password("một mật khẩu dài", kept)
    assert not verify_password("", kept)


def test_a_first_password_is_random_and_acceptable() -> None:
    made = {initial_password() for _ in range(100)}
    assert len(made) == 100
    assert all(_codes(password) == [] for password in made)


def test_a_flood_of_logins_is_turned_away_instead_of_blocking_everything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(passwords, "_PATIENCE_SECONDS", 0)
    with passwords._turn(), passwords._turn(), pytest.raises(Unavailable):
        hash_password("một mật khẩu dài")
    assert verify_password("một mật khẩu dài", hash_password("một mật khẩu dài"))
