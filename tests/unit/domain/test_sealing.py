"""Sealed secrets: opened by the right key for the right object only; the key's file is for its owner only."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from service.domain.errors import Unavailable
from service.domain.sealing import Sealer, SecretKeyError, make_key_file, read_sealer

OLD, NEW = b"o" * 32, b"n" * 32


def test_a_secret_opens_for_what_it_belongs_to():
    sealer = Sealer(OLD)
    assert sealer.open(sealer.seal("bí mật", "second_factor:1"), "second_factor:1") == "bí mật"


def test_the_same_secret_is_never_sealed_alike_and_never_shows():
    sealer = Sealer(OLD)
    first, second = sealer.seal("secret", "x"), sealer.seal("secret", "x")
    assert first != second
    assert "secret" not in first


@pytest.mark.parametrize("belongs_to", ["second_factor:2", "", "second_factor:1 "])
def test_a_secret_moved_to_another_object_does_not_open(belongs_to):
    sealed = Sealer(OLD).seal("secret", "second_factor:1")
    with pytest.raises(Unavailable) as refused:
        Sealer(OLD).open(sealed, belongs_to)
    assert refused.value.code == "secret.unreadable"


def test_another_key_opens_nothing():
    with pytest.raises(Unavailable):
        Sealer(NEW).open(Sealer(OLD).seal("secret", "x"), "x")


def test_a_new_key_in_front_seals_while_the_old_one_still_opens():
    kept = Sealer(OLD).seal("secret", "x")
    both = Sealer(NEW, OLD)
    assert both.open(kept, "x") == "secret"
    assert Sealer(NEW).open(both.seal("secret", "x"), "x") == "secret"


@pytest.mark.parametrize("tampered", ["", "1", "1.abc", "1.abc.def", "2.x.y", "not sealed at all"])
def test_what_was_never_sealed_does_not_open(tampered):
    with pytest.raises(Unavailable):
        Sealer(OLD).open(tampered, "x")


def test_every_changed_character_is_noticed():
    sealer = Sealer(OLD)
    sealed = sealer.seal("secret", "x")
    for place in range(len(sealed)):
        changed = sealed[:place] + ("A" if sealed[place] != "A" else "B") + sealed[place + 1 :]
        try:
            opened = sealer.open(changed, "x")
        except Unavailable:
            continue
        assert opened == "secret", place  # spare bits of base64 hold nothing


def test_a_key_does_not_show_in_the_sealers_text():
    assert "oooo" not in repr(Sealer(OLD))


def test_the_key_file_is_made_once_for_its_owner_only(tmp_path):
    path = tmp_path / "var" / "secret.key"
    make_key_file(path)
    assert path.stat().st_mode & 0o777 == 0o600
    kept = path.read_bytes()
    make_key_file(path)
    assert path.read_bytes() == kept
    assert [entry.name for entry in path.parent.iterdir()] == ["secret.key"]


def test_processes_that_start_together_agree_on_one_key(tmp_path):
    path = tmp_path / "secret.key"

    def start(_):
        make_key_file(path)
        return read_sealer(path).seal("secret", "x")

    with ThreadPoolExecutor(8) as pool:
        sealed = list(pool.map(start, range(32)))
    assert {read_sealer(path).open(one, "x") for one in sealed} == {"secret"}


def test_a_key_file_that_others_may_read_is_refused(tmp_path):
    path = tmp_path / "secret.key"
    make_key_file(path)
    path.chmod(0o640)
    with pytest.raises(SecretKeyError, match="600"):
        read_sealer(path)


@pytest.mark.parametrize("content", ["", "\n", "c2hvcnQ=", "not base64!", "ă"])
def test_a_file_without_whole_keys_is_refused(tmp_path, content):
    path = tmp_path / "secret.key"
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(SecretKeyError, match=r"secret\.key"):
        read_sealer(path)


def test_a_missing_key_file_is_named(tmp_path):
    with pytest.raises(SecretKeyError, match=r"absent\.key"):
        read_sealer(tmp_path / "absent.key")
